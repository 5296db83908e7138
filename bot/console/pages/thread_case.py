"""An after-sales case: how it stands, and the remedy and the compensations that people decide (rules 10, 46, 75)."""

from __future__ import annotations

from nicegui import ui

from bot.console.asking import Field
from bot.console.keyed import Redrawn
from bot.console.matter import Matter
from bot.console.pages.thread_acts import Acts
from bot.console.pages.thread_facts import Known, Lines, facts
from bot.console.parts import heading
from followup.after_sales.compensation import OFFERED
from followup.after_sales.model import Loss, Remedy
from followup.after_sales.moves import DECIDED
from followup.desk.verbs import Verb


class Case:
    """Shown where there is a case; a remedy and an offer are asked for in dialogs."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts
        with ui.element("section").classes("ht-card") as self._card:
            heading(acts.say("case_title"))
            self._lines: Redrawn[Lines] = Redrawn(ui.element("dl").classes("ht-facts"), facts)
            with ui.element("div").classes("ht-acts"):
                ui.button(acts.say("remedy"), on_click=self._remedy).props("flat dense no-caps")
                ui.button(acts.say("offer"), on_click=self._offer).props("flat dense no-caps")

    def show(self, matter: Matter) -> None:
        """Show how it stands now."""
        self._lines.show(tuple(Known(matter, self._acts).case()))
        self._card.set_visibility(matter.page.sale is not None)

    async def _remedy(self) -> None:
        acts = self._acts
        known = {each.value: acts.called(f"remedy.{each}") for each in Remedy if each in DECIDED}
        fields = (Field(acts.say("case.remedy"), "", known), Field(acts.say("words")))
        if given := await acts.ask(acts.say("remedy"), *fields):
            await acts.do(Verb.REMEDY, text=f"{given[0]} {given[1]}".strip())

    async def _offer(self) -> None:
        acts = self._acts
        known = {each.value: acts.called(f"remedy.{each}") for each in Remedy if each in OFFERED}
        losses = {each.value: acts.called(f"loss.{each}") for each in Loss}
        fields = (
            Field(acts.say("what"), "", known),
            Field(acts.say("amount")),
            Field(acts.say("for_loss"), "", losses),
            Field(acts.say("words")),
        )
        if given := await acts.ask(acts.say("offer"), *fields):
            await acts.do(Verb.OFFER, text=" ".join(given).strip())
