"""The conversation as bubbles: the buyer's on the left, the shop's on the right, the bot's marked as the bot's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from nicegui import ui

from bot.console.conversation import AGENT, BOT, BUYER, Bubble, File
from bot.console.keyed import Keyed
from bot.console.labels import Labels
from bot.console.matter import Matter

ICONS = {BUYER: "person", BOT: "smart_toy", AGENT: "support_agent"}
FOLLOW = """
const log = document.querySelector(".ht-log");
let low = true;
const down = () => { if (low) log.scrollTop = log.scrollHeight; };
log.addEventListener("scroll", () => { low = log.scrollHeight - log.scrollTop - log.clientHeight < 40; });
new MutationObserver(down).observe(log, {childList: true, subtree: true, characterData: true});
log.addEventListener("load", down, true);
new ResizeObserver(down).observe(log);
down();
"""
"""Shows the newest words as long as one looks at the newest words."""


class Chat:
    """The log of what was said; `show` adds and changes bubbles in place."""

    def __init__(self, say: Labels, zone: tzinfo) -> None:
        self._say, self._zone = say, zone
        log = ui.element("div").classes("ht-log")
        log.props.update({"role": "log", "aria-label": say("chat"), "tabindex": "0"})
        with log:
            talk = ui.element("ol").classes("ht-talk")
            self._nothing = ui.label(say("no_words")).classes("hf-muted")
        self._shown: Keyed[Bubble | str] = Keyed(talk, self._draw, _key, "li")
        ui.run_javascript(FOLLOW)

    def show(self, matter: Matter) -> None:
        """Show the conversation as it is now."""
        self._shown.show(list(self._by_days(matter.bubbles)))
        self._nothing.set_visibility(not matter.bubbles)

    def _by_days(self, bubbles: tuple[Bubble, ...]) -> Iterator[Bubble | str]:
        day = ""
        for bubble in bubbles:
            on = f"{bubble.at.astimezone(self._zone):%Y-%m-%d}"
            if on != day:
                yield on
            day = on
            yield bubble

    def _draw(self, item: Bubble | str) -> None:
        if isinstance(item, str):
            ui.label(item).classes("ht-day")
            return
        with ui.element("div").classes(f"ht-bubble ht-{item.by}"):
            self._heading(item)
            if item.text:
                ui.label(item.text).classes("ht-words ht-gone" if item.is_taken_back else "ht-words")
            if item.files:
                with ui.element("div").classes("ht-photos"):
                    for file in item.files:
                        draw_file(file)
            if item.choices:
                self._choices(item)
            self._marks(item)

    def _heading(self, item: Bubble) -> None:
        with ui.element("div").classes("ht-who"):
            ui.icon(ICONS[item.by]).props('aria-hidden="true"')
            ui.label(" ".join(filter(None, (self._say(f"by.{item.by}"), item.who))))
            ui.label(f"{item.at.astimezone(self._zone):%H:%M}").classes("ht-small")
            ui.label(item.channel).classes("ht-small")

    def _choices(self, item: Bubble) -> None:
        with ui.element("div").classes("ht-choices"):
            for label in item.choices:
                ui.label(label)

    def _marks(self, item: Bubble) -> None:
        marks = [self._say("edited")] if item.is_edited else []
        marks += [self._say("taken_back")] if item.is_taken_back else []
        marks += [self._say("opened_chat")] if item.is_opening else []
        told = " · ".join([*marks, *([item.state] if item.state else [])])
        if told:
            with ui.element("div").classes("ht-state ht-amiss" if item.is_amiss else "ht-state"):
                if item.is_amiss:
                    ui.icon("error_outline").props('aria-hidden="true"')
                ui.label(told)


def draw_file(file: File) -> None:
    """A picture as a thumbnail, another file as a link; of what is not here its name and why."""
    if not file.url:
        ui.label(" · ".join(filter(None, (file.name, file.note)))).classes("ht-small")
        return
    with ui.element("a").classes("ht-link") as link:
        link.props.update({"href": file.url, "target": "_blank", "rel": "noopener"})
        if file.is_picture:
            picture = ui.element("img")
            picture.props.update({"src": file.url, "alt": file.name, "loading": "lazy"})
        else:
            ui.label(file.name)


def _key(item: Bubble | str) -> str:
    return item if isinstance(item, str) else item.key
