"""A table of words and figures as real table, drawn at once however long it is: every cell is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape
from nicegui import ui

Cell = str | Markup


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], show_caption: bool = False) -> ui.html:
    """A table whose first column names the rows. It can be scrolled by keyboard where it is too wide."""
    shown = Markup("<caption>{}</caption>").format(caption) if show_caption else Markup("")
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(each) for each in heads)
    body = Markup("").join(_row(row) for row in rows)
    text = Markup(
        '<div class="hf-table" role="region" tabindex="0" aria-label="{}"><table>{}<thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(caption, shown, head, body)
    return ui.html(str(text)).classes("full-width")


def name_with(name: str, more: str) -> Markup:
    """A name with a line about it beneath."""
    return Markup("{}<small>{}</small>").format(name, more)


def spark(values: Sequence[float | None], told: str) -> Markup:
    """A small line of the values; where there is none it has a gap. `told` says the same in words."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    low, high = min(known), max(known)
    across, up = 100 / (len(values) - 1), 20 / ((high - low) or 1)
    lines: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            lines.append([])
        else:
            lines[-1].append(f"{place * across:.1f},{22 - (value - low) * up:.1f}")
    drawn = Markup("").join(_line(points) for points in lines if points)
    return Markup(
        '<svg class="hf-spark" viewBox="-2 0 104 24" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(told, drawn)


def _line(points: list[str]) -> Markup:
    if len(points) == 1:
        points = [points[0], points[0]]
    return Markup(
        '<polyline fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" '
        'vector-effect="non-scaling-stroke" points="{}"></polyline>'
    ).format(" ".join(points))


def _row(row: Sequence[Cell]) -> Markup:
    first, *others = row
    cells = Markup("").join(Markup("<td>{}</td>").format(escape(cell)) for cell in others)
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(escape(first), cells)
