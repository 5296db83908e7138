"""The page of one thread, where agents work: the chat, what is to be done, the facts, the story, live."""

from __future__ import annotations

from pathlib import Path

from nicegui import ui

from bot.console.desk import Desk, Visit
from bot.console.frame import page
from bot.console.keys import keys
from bot.console.matter import Matter, look
from bot.console.pages.thread_acts import Acts
from bot.console.pages.thread_answer import Answer
from bot.console.pages.thread_case import Case
from bot.console.pages.thread_chat import Chat
from bot.console.pages.thread_facts import Facts
from bot.console.pages.thread_files import Files
from bot.console.pages.thread_head import Head, Here
from bot.console.pages.thread_planned import Plan
from bot.console.pages.thread_scripts import Scripts
from bot.console.pages.thread_timeline import Notes, Timeline
from bot.console.pages.thread_todo import Clocks, Todos
from bot.console.parts import heading

STYLE = Path(__file__).with_name("thread.css").read_text("utf-8")
PANELS = ("chat", "todo", "facts", "story")
WAYS = """
const list = JSON.parse(sessionStorage.getItem("hf-threads") || "[]");
const at = list.indexOf(decodeURI(location.pathname));
for (const [selector, step] of [[".ht-next", 1], [".ht-previous", -1]]) {
  const link = document.querySelector(selector);
  const to = at < 0 ? undefined : list[at + step];
  if (link && to) { link.href = encodeURI(to); link.classList.remove("ht-hidden"); }
}
"""
"""Leads to the thread before and behind this one in the list that one came from, which the list left in the browser."""


@page("/thread/{id:path}", "thread")
async def thread(desk: Desk, visit: Visit, id: str) -> None:  # noqa: A002 - the name of the path's part
    """Show a thread, or a chat in which nothing is followed up, to who may see it."""
    matter = await desk.read_of(visit.person.shops, look, desk, visit, id)
    if matter is None:
        _nobody(visit)
        return
    ui.add_css(STYLE)
    shown = Shown(desk, visit, matter)
    await shown.show(matter)
    desk.live.watch(shown.refresh)


class Shown:
    """An open page of a thread; `refresh` reads it again and changes what has changed."""

    def __init__(self, desk: Desk, visit: Visit, matter: Matter) -> None:
        self._desk, self._visit, self._id = desk, visit, matter.page.thread.id
        room = ui.element("div").classes("ht-room")
        self._acts = Acts(desk, visit, self._id, matter.page.thread.shop, room)
        self._say = self._acts.say
        self._panels: dict[str, ui.element] = {}
        self._tabs: dict[str, ui.element] = {}
        with ui.element("div").classes("ht-top"):
            self._ways()
            self._head = Head(self._acts, matter)
            self._here = Here(self._acts)
        self._draw_tabs()
        with ui.element("div").classes("ht-main"):
            self._draw_chat()
            with ui.element("div").classes("ht-side"):
                self._draw_side()
        self._open("chat")
        self._keys(matter)

    async def refresh(self) -> None:
        """Read it again; who may not see it any more sees nothing more of it."""
        matter = await self._desk.read_of(self._visit.person.shops, look, self._desk, self._visit, self._id)
        if matter is None:
            ui.navigate.reload()
            return
        await self.show(matter)

    async def show(self, matter: Matter) -> None:
        """Show everything as it is now."""
        for part in (self._head, self._chat, self._todos, self._plan, self._clocks, self._case):
            part.show(matter)
        for other in (self._facts, self._files, self._notes, self._timeline):
            other.show(matter)
        await self._scripts.show(matter)

    def _draw_chat(self) -> None:
        with self._panel("chat"), ui.element("section").classes("ht-card"):
            heading(self._say("chat"))
            self._chat = Chat(self._say, self._desk.zone(self._acts.shop))
            self._answer = Answer(self._acts, lambda: self._here.stay)
        with self._panels["chat"]:
            self._scripts = Scripts(self._acts, self._answer)

    def _draw_side(self) -> None:
        with self._panel("todo"):
            self._todos = Todos(self._acts)
            self._clocks = Clocks(self._acts)
            self._plan = Plan(self._acts)
        with self._panel("facts"):
            self._case = Case(self._acts)
            self._facts = Facts(self._acts)
            self._files = Files(self._acts)
        with self._panel("story"):
            self._notes = Notes(self._acts)
            self._timeline = Timeline(self._acts)

    def _panel(self, name: str) -> ui.element:
        panel = ui.element("div").classes("ht-panel")
        panel.props["id"] = f"panel-{name}"
        self._panels[name] = panel
        return panel

    def _draw_tabs(self) -> None:
        """On a telephone one part is seen at a time."""
        bar = ui.element("div").classes("ht-tabs")
        bar.props.update({"role": "tablist", "aria-label": self._say("parts")})
        with bar:
            for name in PANELS:
                tab = ui.element("button").on("click", lambda name=name: self._open(name))
                tab.props.update({"type": "button", "role": "tab", "aria-controls": f"panel-{name}"})
                with tab:
                    ui.label(self._say(f"tabs.{name}"))
                self._tabs[name] = tab

    def _open(self, name: str) -> None:
        for each, tab in self._tabs.items():
            tab.props["aria-selected"] = "true" if each == name else "false"
            tab.update()
            panel = self._panels[each]
            panel.classes(add="ht-shown") if each == name else panel.classes(remove="ht-shown")

    def _ways(self) -> None:
        with ui.element("nav").classes("ht-row") as ways:
            for way in ("previous", "next"):
                link = ui.element("a").classes(f"ht-{way} ht-link ht-hidden")
                link.props["href"] = "#"
                with link:
                    ui.label(self._say(way))
        ways.props["aria-label"] = self._say("ways")
        ui.run_javascript(WAYS)

    def _keys(self, matter: Matter) -> None:
        say, acts = self._say, self._acts
        flag = {"f": (say("flag"), acts.flag)} if matter.page.thread.order_id else {}
        keys(
            {
                "e": (say("take"), acts.take),
                "s": (say("search_scripts"), "focus .hf-search-scripts"),
                "r": (say("answer"), "focus .hf-answer"),
                "n": (say("note"), acts.note),
                **flag,
                "j": (say("next"), "click .ht-next"),
                "k": (say("previous"), "click .ht-previous"),
            }
        )


def _nobody(visit: Visit) -> None:
    """There is no such thread, or it is another shop's."""
    say = visit.labels("thread")
    ui.context.client.status_code = 404
    heading(say("no_thread"), 1)
    ui.label(say("no_thread_why")).classes("hf-muted")
