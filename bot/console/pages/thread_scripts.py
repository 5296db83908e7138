"""Scripts for the answer: those that suit the matter, and a search, each as it would read to this buyer now."""

from __future__ import annotations

import asyncio

from nicegui import events, ui

from bot.console.acting import answer
from bot.console.answering import AnsweredMeanwhile, send
from bot.console.keyed import Keyed
from bot.console.matter import Matter
from bot.console.pages.thread_acts import Acts
from bot.console.pages.thread_answer import Answer
from bot.console.parts import heading, when
from bot.console.suggesting import Suggested, suggest

PAUSE = 0.25


class Scripts:
    """A tap sends a script, or puts its words into the answer box."""

    def __init__(self, acts: Acts, box: Answer) -> None:
        self._acts, self._say, self._box = acts, acts.say, box
        self._asked, self._typed, self._of = "", 0, ""
        with ui.element("section").classes("ht-card"):
            heading(acts.say("scripts"))
            search = ui.input(acts.say("search_scripts"), on_change=self._searched).props("outlined dense clearable")
            search.classes("full-width hf-search-scripts")
            self._nothing = ui.label(acts.say("no_scripts")).classes("hf-muted")
            self._shown: Keyed[Suggested] = Keyed(
                ui.element("ul").classes("ht-list"), self._draw, lambda it: it.script, "li"
            )

    async def show(self, matter: Matter) -> None:
        """Show what suits the matter as it stands now."""
        self._of = "\n".join(todo.task.text for todo in matter.todos)
        await self._find()

    async def _find(self) -> None:
        acts = self._acts
        found = await acts.desk.read_of(
            acts.visit.person.shops, suggest, acts.desk, acts.visit, acts.thread, self._asked, self._of
        )
        self._shown.show(found)
        self._nothing.set_visibility(not found)

    async def _searched(self, change: events.ValueChangeEventArguments[str | None]) -> None:
        self._typed += 1
        mine, self._asked = self._typed, str(change.value or "").strip()
        await asyncio.sleep(PAUSE)
        if mine == self._typed:
            await self._find()

    def _draw(self, it: Suggested) -> None:
        ui.label(it.text).classes("ht-words")
        with ui.element("div").classes("ht-row"):
            ui.label(f"#{it.number}").classes("ht-small")
            if it.hindrance:
                ui.label(it.hindrance).classes("hf-warn ht-small")
            else:
                ui.button(self._say("send"), on_click=lambda: self._send(it)).props("flat dense no-caps")
            ui.button(self._say("to_the_box"), on_click=lambda: self._box.put(it.text)).props("flat dense no-caps")

    async def _send(self, it: Suggested, all_the_same: bool = False) -> None:
        acts = self._acts
        try:
            told = await send(acts.desk, acts.visit, acts.thread, it.script, all_the_same)
        except AnsweredMeanwhile as error:
            at = when(error.at, acts.desk.zone(acts.shop), acts.desk.clock.now())
            text = self._say("answered_text", who=error.who, at=at, text=error.text)
            if await acts.sure(self._say("answered_meanwhile", who=error.who), text, self._say("send_mine_too")):
                await self._send(it, all_the_same=True)
        else:
            acts.tell(answer(acts.desk, acts.visit, told), told.done)
