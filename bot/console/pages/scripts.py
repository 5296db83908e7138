"""Scripts: all that the shop says, by subject, searched as at the desk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nicegui import ui

from bot.console import wording
from bot.console.desk import Desk, Visit
from bot.console.frame import page
from bot.console.keyed import Redrawn
from bot.console.keys import keys
from bot.console.labels import Labels
from bot.console.parts import chip, heading, link, nothing
from followup.model import Segment
from scripts_library import samples
from scripts_library.catalogue import load_catalogue, subjects
from scripts_library.library import Library, UnknownScript
from scripts_library.normalise import normalise
from scripts_library.search import search_of

MOST = 100
CHANGED = "changed"
SHOWN = 140
CSS = (Path(__file__).parents[1] / "scripts.css").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Row:
    """One script in the list: its first words, and how it stands."""

    script: str
    title: str
    text: str
    role: str
    is_changed: bool
    findings: int


@page("/scripts", "scripts")
async def scripts(desk: Desk, visit: Visit, q: str = "", subject: str = "") -> None:
    """The list of one subject, or of what was searched for."""
    say = visit.labels("scripts")
    ui.add_css(CSS)
    heading(say("title"), 1)
    if damage := wording.damage(desk):
        ui.label(say("damaged", why=damage)).classes("hf-bad").props('role="alert"')
    with ui.row().classes("full-width items-end"):
        box = (
            ui.input(say("search"), value=q).props("outlined dense clearable debounce=300").classes("hf-script-search")
        )
        options = _options(say)
        chosen = subject if subject in options else next(iter(subjects())) if not q else ""
        choice = ui.select(options, value=chosen, label=say("subject")).props("outlined dense options-dense")
        choice.classes("hf-script-subject")
    with ui.row().props('role="status"').classes("items-center") as loading:
        ui.spinner(size="md").props('aria-hidden="true"')
        ui.label(say("loading"))
    place = ui.element("div").classes("full-width").props('role="region"').props(f'aria-label="{say("title")}"')
    shown = Redrawn[tuple[Row, ...]](place, lambda rows: _list(rows, say))

    async def refresh() -> None:
        asked, of = str(box.value or ""), str(choice.value or "")
        loading.set_visibility(True)
        rows = await asyncio.to_thread(_rows, desk, visit, asked, of)
        if (asked, of) == (str(box.value or ""), str(choice.value or "")):
            shown.show(tuple(rows))
            loading.set_visibility(False)

    async def search() -> None:
        if box.value:
            choice.set_value("")
        await refresh()

    box.on_value_change(search)
    choice.on_value_change(refresh)
    _keys(say)
    ui.timer(0, refresh, once=True)


def _options(say: Labels) -> dict[str, str]:
    """The subjects, with how many scripts each has."""
    named = {name: f"{named_in(say, 'subjects', name)} ({len(ids)})" for name, ids in subjects().items()}
    buyers = {name: label for name, label in named.items() if _audience(name) == "buyer"}
    return {"": say("everything"), CHANGED: say("only_changed"), **buyers, **named}


def named_in(say: Labels, table: str, key: str) -> str:
    """What something is called; its own name in plain letters where it has no label."""
    return str(say.table[table].get(key, key.replace("_", " ").replace(".", " ")))


def _audience(subject: str) -> str:
    return load_catalogue()[subjects()[subject][0]].audience


def _rows(desk: Desk, visit: Visit, asked: str, subject: str) -> list[Row]:
    words, steps = wording.library(desk), wording.overrides(desk).history()
    changed = wording.changed(steps)
    ids = _found(words, asked, visit.lang) if asked.strip() else _of(subject, changed)
    if asked.strip() and subject:
        ids = [each for each in ids if each in _of(subject, changed)]
    return [_row(each, words, visit, each in changed) for each in ids]


def _of(subject: str, changed: set[str]) -> list[str]:
    if subject == CHANGED:
        return [each for each in load_catalogue() if each in changed]
    return list(subjects().get(subject, ())) or list(load_catalogue())


def _found(words: Library, asked: str, lang: str) -> list[str]:
    """As `/s` finds them, behind them those whose words or name hold what was typed."""
    best = [each.script for each in search_of(words).find(asked, lang, most=MOST)]
    plain = normalise(asked.strip())
    return list(dict.fromkeys((*best, *(each for each in load_catalogue() if plain in _heard(words, each)))))


def _heard(words: Library, script: str) -> str:
    texts = (one.source for lang in load_catalogue()[script].langs for one in words.own(script, lang, Segment.NEW))
    return normalise(" ".join((script, *texts)))


def _row(script: str, words: Library, visit: Visit, is_changed: bool) -> Row:
    spec = load_catalogue()[script]
    name = visit.names.step(script)
    text = " ".join(_first(words, script, visit.lang).split())
    findings = len(wording.findings_in(words, script)) if is_changed else 0
    return Row(script, "" if name == script else name, text, spec.role.value, is_changed, findings)


def _first(words: Library, script: str, lang: str) -> str:
    """How its first text reads with sample facts, in a language that who looks can read."""
    try:
        spec = load_catalogue()[script]
        return words.readings(script, lang, samples.full(spec, lang), Segment.NEW)[0]
    except (UnknownScript, IndexError):
        return ""


def _list(rows: tuple[Row, ...], say: Labels) -> None:
    if not rows:
        nothing(say("none"))
        return
    with ui.element("ul").classes("hf-list"):
        for row in rows[:MOST]:
            with ui.element("li").classes("hf-surface hf-script-row"):
                _draw(row, say)
    if len(rows) > MOST:
        ui.label(say("more", count=len(rows) - MOST)).classes("hf-muted")


def _draw(row: Row, say: Labels) -> None:
    with ui.column().classes("hf-script-words"):
        link(row.title or shortened(row.text), f"/console/scripts/{row.script}")
        if row.title:
            ui.label(shortened(row.text)).classes("hf-muted")
    with ui.row().classes("items-center"):
        for text, tone in _chips(row, say):
            chip(text, tone)


def _chips(row: Row, say: Labels) -> Iterator[tuple[str, str]]:
    if row.findings:
        yield say("findings", count=row.findings), "bad"
    if row.is_changed:
        yield say("changed"), "info"
    yield named_in(say, "roles", row.role), "calm"


def shortened(text: str) -> str:
    """A line of a list."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _keys(say: Labels) -> None:
    keys(
        {
            "/": (say("key_search"), "focus .hf-script-search"),
            "j": (say("key_next"), "next .hf-script-row"),
            "k": (say("key_previous"), "previous .hf-script-row"),
        }
    )
