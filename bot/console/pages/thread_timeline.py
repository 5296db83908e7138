"""The story of a thread: every decision with its reasons, as `huifang why` tells it, and what people wrote down."""

from __future__ import annotations

from nicegui import ui

from bot.console.keyed import Keyed
from bot.console.matter import Matter
from bot.console.pages.thread_acts import Acts
from bot.console.parts import heading
from bot.why import Line

ICONS = {
    "opened": "play_circle",
    "ended": "flag",
    "said": "send",
    "held": "schedule",
    "dropped": "block",
    "note": "edit_note",
    "task": "assignment_ind",
    "promise": "handshake",
    "clock": "timer",
}
Numbered = tuple[str, Line]


class Timeline:
    """All of it, the newest first; the reasons of each line are folded away."""

    def __init__(self, acts: Acts) -> None:
        self._zone = acts.desk.zone(acts.shop)
        with ui.element("section").classes("ht-card"):
            heading(acts.say("story"))
            box = ui.element("div").classes("ht-story")
            box.props.update({"tabindex": "0", "role": "region", "aria-label": acts.say("story")})
            with box:
                self._shown: Keyed[Numbered] = Keyed(
                    ui.element("ol").classes("ht-list"), self._draw, lambda it: it[0], "li"
                )

    def show(self, matter: Matter) -> None:
        """Show it as it is now."""
        self._shown.show(numbered(matter.timeline))

    def _draw(self, it: Numbered) -> None:
        line = it[1]
        if not line.details:
            self._line(line)
            return
        with ui.element("details"):
            with ui.element("summary"):
                self._line(line)
            with ui.element("div").classes("ht-details"):
                for detail in line.details:
                    ui.label(detail).classes("ht-words")

    def _line(self, line: Line) -> None:
        with ui.element("span").classes("ht-line"):
            ui.icon(ICONS.get(line.kind, "circle")).props('aria-hidden="true"')
            ui.label(f"{line.at.astimezone(self._zone):%m-%d %H:%M}").classes("ht-small")
            ui.label(line.text).classes("ht-words")


class Notes:
    """What people wrote down and did; a note is written here too."""

    def __init__(self, acts: Acts) -> None:
        self._zone = acts.desk.zone(acts.shop)
        with ui.element("section").classes("ht-card"):
            with ui.row().classes("items-center justify-between full-width"):
                heading(acts.say("notes"))
                ui.button(acts.say("note"), on_click=acts.note).props("flat dense no-caps").classes("ht-note")
            self._nothing = ui.label(acts.say("no_notes")).classes("hf-muted")
            self._shown: Keyed[Numbered] = Keyed(
                ui.element("ul").classes("ht-list"), self._draw, lambda it: it[0], "li"
            )

    def show(self, matter: Matter) -> None:
        """Show them as they are now."""
        self._shown.show(numbered(matter.notes))
        self._nothing.set_visibility(not matter.notes)

    def _draw(self, it: Numbered) -> None:
        ui.label(f"{it[1].at.astimezone(self._zone):%m-%d %H:%M}").classes("ht-small")
        ui.label(it[1].text).classes("ht-words")


def numbered(newest_first: tuple[Line, ...]) -> list[Numbered]:
    """Each line with a key that it keeps when others are added: what it says, when, and the how manieth such line."""
    counts: dict[str, int] = {}
    found = []
    for line in reversed(newest_first):
        of = f"{line.at.timestamp()}/{line.kind}/{line.text}"
        counts[of] = counts.get(of, 0) + 1
        found.append((f"{of}/{counts[of]}", line))
    return found[::-1]
