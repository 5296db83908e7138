"""The transcript of a matter: a page that opens without a network, and plain text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bot.evidence.telling import Line, Telling, utc

HERE = Path(__file__).parent


def page(telling: Telling) -> str:
    """One HTML page without scripts; everything that anybody said is escaped, and files are linked beside it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(HERE)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.get_template("page.html.j2")
    return template.render(it=telling, w=telling.words, utc=utc, style=_style())


def text(telling: Telling) -> str:
    """The same as plain text."""
    return "\n".join(_text(telling)) + "\n"


def _text(telling: Telling) -> Iterator[str]:
    yield f"{telling.words('title')}  {telling.words('order', order=telling.matter.order_id)}"
    yield from telling.heads()
    for section in telling.sections():
        yield from ("", f"== {section.title} ==", *([section.hint] if section.hint else []))
        for line in section.lines or (Line(None, "", telling.words("none")),):
            yield from _lines(line, telling)


def _lines(line: Line, telling: Telling) -> Iterator[str]:
    first, *rest = line.text.splitlines() or [""]
    at = f"{telling.local(line.at)} ({utc(line.at)})" if line.at else ""
    yield "  ".join(filter(None, (at, line.who, first)))
    yield from (f"    {each}" for each in (*rest, *line.details))
    yield from (f"    [{telling.shown(file)}]" for file in line.files)


@cache
def _style() -> str:
    return (HERE / "page.css").read_text("utf-8")
