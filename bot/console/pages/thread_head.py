"""The head of a thread's page: whose matter it is and how it stands, who else is here, and what is done as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from nicegui import ui

from bot.console.keyed import Redrawn
from bot.console.matter import Matter
from bot.console.pages.thread_acts import Acts
from bot.console.parts import chip, heading
from bot.console.presence import Seen, Stay
from followup.model import State, Thread

TONES = {State.OPEN: "info", State.WITH_AGENT: "warn", State.SOLVED: "good"}


@dataclass(frozen=True, slots=True)
class _Stands:
    """What the head shows of a matter."""

    thread: Thread
    is_paused: bool
    has_stopped: bool
    has: str
    has_tasks: bool


class Head:
    """How the matter stands, and the buttons for it as a whole."""

    def __init__(self, acts: Acts, matter: Matter) -> None:
        self._acts, self._say = acts, acts.say
        thread, names = matter.page.thread, acts.visit.names
        who = matter.page.called or acts.say("somebody")
        kind = names.name("kinds", thread.kind) if thread.kind else acts.say("no_kind")
        parts = (who, kind, thread.order_id)
        with ui.element("div").classes("ht-head"):
            heading(" · ".join(filter(None, parts)), 1)
            self._chips: Redrawn[_Stands] = Redrawn(ui.element("div").classes("ht-chips"), self._draw_chips)
        self._buttons: Redrawn[_Stands] = Redrawn(ui.element("div").classes("ht-acts"), self._draw_buttons)

    def show(self, matter: Matter) -> None:
        """Show how it stands now."""
        thread, buyer, people = matter.page.thread, matter.page.buyer, self._acts.desk.deps.roster.people
        person = people.get(thread.agent)
        has = (person.name or person.id) if person else thread.agent
        is_paused, has_stopped = buyer.paused_at is not None, buyer.opted_out_at is not None
        stands = _Stands(thread, is_paused, has_stopped, has, bool(matter.todos))
        self._chips.show(stands)
        self._buttons.show(stands)

    def _draw_chips(self, it: _Stands) -> None:
        names, thread = self._acts.visit.names, it.thread
        if thread.kind:
            chip(names.name("states", thread.state.value), TONES.get(thread.state, "calm"))
        if thread.outcome and thread.state.closed:
            chip(names.name("outcomes", thread.outcome))
        if thread.flag:
            chip(self._say("flag_is", colour=self._say(f"flags.{thread.flag}")), "info")
        if it.has:
            chip(self._say("has_it", who=it.has), "good")
        if it.is_paused:
            chip(self._say("is_paused"), "bad")
        if it.has_stopped:
            chip(self._say("has_stopped"), "bad")

    def _draw_buttons(self, it: _Stands) -> None:
        acts, say = self._acts, self._say
        is_over, is_followed = it.thread.state.closed, bool(it.thread.kind)
        is_takable = not is_over if is_followed else it.has_tasks
        if is_takable and it.thread.agent != acts.visit.person.id:
            _button(say("take"), acts.take, "ht-take")
        if is_takable:
            _button(say("give"), acts.give)
        _button(say("note"), acts.note)
        if it.thread.order_id:
            _button(say("flag"), acts.flag)
        _button(say("go_on" if it.is_paused else "pause"), lambda: acts.pause(it.is_paused))
        if is_followed and not is_over:
            _button(say("resolve"), acts.resolve)
        if is_over or it.thread.state is State.SOLVED:
            _button(say("reopen"), acts.reopen)


class Here:
    """Who else looks at this thread, and who of them is writing to the buyer."""

    def __init__(self, acts: Acts) -> None:
        self._acts, self._say = acts, acts.say
        self.stay: Stay | None = None
        line = ui.element("div").classes("ht-here")
        line.props.update({"role": "status", "aria-live": "polite"})
        self._shown: Redrawn[tuple[Seen, ...]] = Redrawn(line, self._draw)
        client = ui.context.client
        client.on_connect(self._enter)
        client.on_disconnect(self._leave)
        client.on_delete(self._leave)

    def _enter(self) -> None:
        if self.stay is None:
            self.stay = self._acts.desk.here.enter(self._acts.thread, self._acts.visit.person, self._shown.show)

    def _leave(self) -> None:
        if self.stay is not None:
            stay, self.stay = self.stay, None
            stay()

    def _draw(self, others: tuple[Seen, ...]) -> None:
        for each in others:
            who = each.person.name or each.person.id
            ui.icon("edit" if each.is_writing else "visibility").props('aria-hidden="true"')
            ui.label(self._say("is_writing" if each.is_writing else "is_here", who=who))


def _button(label: str, act: object, classes: str = "") -> None:
    ui.button(label, on_click=act).props("flat dense no-caps").classes(classes)  # type: ignore[arg-type]
