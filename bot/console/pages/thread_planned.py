"""What is planned for a buyer, with what politeness would say of it; sent now, skipped or moved by a person."""

from __future__ import annotations

from nicegui import ui

from bot.console.keyed import Keyed
from bot.console.labels import Labels
from bot.console.matter import Matter, Planned, Says
from bot.console.pages.thread_acts import Acts
from bot.console.parts import heading, when
from followup.model import Instant


class Plan:
    """The planned touches in the order of time."""

    def __init__(self, acts: Acts) -> None:
        self._acts, self._say = acts, acts.say
        with ui.element("section").classes("ht-card") as self._card:
            heading(acts.say("planned"))
            self._stopped = ui.label(acts.say("planned_stopped")).classes("hf-bad")
            self._nothing = ui.label(acts.say("nothing_planned")).classes("hf-muted")
            self._shown: Keyed[Planned] = Keyed(ui.element("ul").classes("ht-list"), self._draw, lambda it: it.id, "li")

    def show(self, matter: Matter) -> None:
        """Show them as they are now."""
        self._shown.show(matter.planned)
        self._stopped.set_visibility(bool(matter.planned) and matter.page.buyer.opted_out_at is not None)
        self._nothing.set_visibility(not matter.planned)
        self._card.set_visibility(matter.page.is_followed)

    def _draw(self, it: Planned) -> None:
        with ui.element("div").classes("ht-row"):
            ui.label(it.name).classes("ht-name")
            ui.label(self._at(it.due_at))
            if it.expires_at is not None:
                ui.label(self._say("of_use_until", at=self._at(it.expires_at))).classes("ht-small")
        if it.is_silent or it.is_promised:
            ui.label(silently(it, self._say) if it.is_silent else self._say("is_promised")).classes("ht-small")
            return
        if it.at_its_time is not None:
            ui.label(self._say("then", told=self._told(it.at_its_time))).classes("ht-small")
        if it.now is not None and not it.now.goes:
            ui.label(self._say("if_now", told=self._told(it.now))).classes("ht-small")
        with ui.element("div").classes("ht-acts"):
            for label, act in (("send_now", self._now), ("skip", self._skip), ("move", self._move)):
                button = ui.button(self._say(label), on_click=lambda act=act: act(it)).props("flat dense no-caps")
                button.props["aria-label"] = f"{self._say(label)}: {it.name}"

    async def _now(self, it: Planned) -> None:
        await self._acts.send_now(it.id)

    async def _skip(self, it: Planned) -> None:
        await self._acts.skip(it.id)

    async def _move(self, it: Planned) -> None:
        await self._acts.move(it.id, it.due_at)

    def _told(self, says: Says) -> str:
        if says.goes:
            return self._say("would_go")
        if says.later is not None:
            return self._say("would_wait_until", at=self._at(says.later), why=says.why)
        return self._say("would_wait" if says.waits else "would_not_go", why=says.why)

    def _at(self, at: Instant) -> str:
        desk = self._acts.desk
        return when(at, desk.zone(self._acts.shop), desk.clock.now())


def silently(it: Planned, say: Labels) -> str:
    """What happens at a touch that itself says nothing to the buyer."""
    return str(say.table["silent"].get(it.step, say("says_nothing")))
