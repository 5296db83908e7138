"""Settings: shops and their figures, people, channels, the program, and the audit. Owners change, supervisors look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from nicegui import ui

from bot import settings_file
from bot.config import ConfigError
from bot.console.desk import Desk, Visit
from bot.console.frame import page
from bot.console.parts import heading
from bot.console.settings_audit import audit
from bot.console.settings_channels import channels
from bot.console.settings_people import people, you
from bot.console.settings_shops import program, shops
from followup.desk.people import Rank

CSS = (Path(__file__).parents[1] / "settings.css").read_text("utf-8")
Part = Callable[[Desk, Visit], Awaitable[None]]
PARTS: Mapping[str, tuple[Part, Rank]] = {
    "you": (you, Rank.AGENT),
    "shop": (shops, Rank.SUPERVISOR),
    "people": (people, Rank.SUPERVISOR),
    "channels": (channels, Rank.SUPERVISOR),
    "program": (program, Rank.SUPERVISOR),
    "audit": (audit, Rank.SUPERVISOR),
}
"""The parts in their order, each with who may see it."""


@page("/settings", "settings")
async def settings(desk: Desk, visit: Visit, part: str = "") -> None:
    """One part, with links to the others that he may see."""
    say = visit.labels("settings")
    ui.add_css(CSS)
    heading(say("title"), 1)
    his = [name for name, (_, least) in PARTS.items() if visit.person.rank >= least]
    here = part if part in his else his[min(1, len(his) - 1)]
    with ui.element("nav").classes("hf-parts").props(f'aria-label="{say("title")}"'):
        for name in his:
            tab = ui.element("a").classes("hf-part")
            tab.props["href"] = f"/console/settings?part={name}"
            if name == here:
                tab.props["aria-current"] = "page"
            with tab:
                ui.label(say(name)).classes("hf-inline")
    try:
        settings_file.current(desk.file)
    except ConfigError as error:
        with ui.element("div").props('role="alert"').classes("hf-bad"):
            ui.label(say("damaged"))
            ui.label(str(error)).classes("hf-lines")
    await PARTS[here][0](desk, visit)
