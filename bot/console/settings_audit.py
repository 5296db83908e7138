"""The part of the settings about who saw and did what in the console."""

from __future__ import annotations

from nicegui import ui

from bot.console.acts import act_in_words
from bot.console.desk import Desk, Visit
from bot.console.parts import nothing, when
from bot.console.tables import table
from followup.desk.logins import Act
from store.console import settings as rows
from store.console.settings import PAGE


async def audit(desk: Desk, visit: Visit) -> None:
    """The newest first, filtered, one page after another."""
    say = visit.labels("settings")
    names = {person.id: person.name or person.id for person in desk.deps.roster.people.values()}
    kinds = {"": say("audit_all"), "did": say("audit_did"), "saw": say("audit_saw")}
    with ui.row().classes("items-end full-width"):
        who = ui.select({"": say("audit_everybody"), **names}, value="", label=say("audit_person"))
        kind = ui.select(kinds, value="", label=say("audit_kind"))
        about = ui.input(say("audit_about")).props("debounce=300 clearable").classes("hf-audit-about")
        for box in (who, kind, about):
            box.props("outlined dense options-dense").classes("hf-audit-box")
    place = ui.column().classes("full-width")
    older = ui.button(say("older")).props("flat")
    found: list[Act] = []

    async def more() -> None:
        last = found[-1] if found else None
        asked = (str(who.value or ""), str(about.value or "").strip(), str(kind.value or ""))
        new = await desk.read_of(visit.person.shops, rows.acts, *asked, last, shops=visit.person.shops)
        found.extend(new)
        older.set_visibility(len(new) == PAGE)
        with place:
            if new:
                _page(desk, visit, new, names)
            elif not found:
                nothing(say("audit_none"))

    async def again() -> None:
        found.clear()
        place.clear()
        await more()

    older.on_click(more)
    for box in (who, kind, about):
        box.on_value_change(again)
    await again()


def _page(desk: Desk, visit: Visit, acts: list[Act], names: dict[str, str]) -> None:
    say, now, zone = visit.labels("settings"), desk.clock.now(), desk.zone("")
    lines = (
        (when(act.at, zone, now), names.get(act.person, act.person), act_in_words(act.what, visit.lang), act.about)
        for act in acts
    )
    table(say("audit"), (say("at"), say("who"), say("what"), say("about")), lines)
