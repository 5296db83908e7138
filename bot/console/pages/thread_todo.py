"""What a person has to do about a thread: its open tasks, and the clocks that run."""

from __future__ import annotations

from nicegui import ui

from bot.console.desk import Visit
from bot.console.keyed import Keyed
from bot.console.matter import Matter, Todo
from bot.console.pages.thread_acts import Acts
from bot.console.parts import chip, heading, when
from followup.desk.deadlines import Deadline
from followup.desk.verbs import Verb
from followup.local_hours import MINUTE
from followup.model import Instant
from scripts_library.localise import duration

APPROVAL, LAST = "approval", 2 * MINUTE


class Todos:
    """The open tasks, each with what can be done with it."""

    def __init__(self, acts: Acts) -> None:
        self._acts, self._say = acts, acts.say
        with ui.element("section").classes("ht-card"):
            heading(acts.say("tasks"))
            self._nothing = ui.label(acts.say("no_tasks")).classes("hf-muted")
            self._shown: Keyed[Todo] = Keyed(
                ui.element("ul").classes("ht-list"), self._draw, lambda it: it.task.id, "li"
            )

    def show(self, matter: Matter) -> None:
        """Show them as they are now."""
        self._shown.show(matter.todos)
        self._nothing.set_visibility(not matter.todos)

    def _draw(self, it: Todo) -> None:
        now, zone = self._acts.desk.clock.now(), self._acts.desk.zone(it.task.shop)
        with ui.element("div").classes("ht-row"):
            ui.label(it.name).classes("ht-name")
            ui.label(f"#{it.code}").classes("ht-small")
            if it.task.urgent:
                chip(self._say("urgent"), "bad")
            if it.task.due_at is not None:
                due = self._say("late_since" if it.is_late else "due", at=when(it.task.due_at, zone, now))
                ui.label(due).classes("hf-bad ht-name" if it.is_late else "ht-small")
            ui.label(self._say("has_it", who=it.who) if it.who else self._say("nobody_has_it")).classes("ht-small")
        is_too_late = it.task.expires_at is not None and it.task.expires_at <= now
        ui.label(self._say("too_late") if is_too_late else it.text).classes("ht-words")
        with ui.element("div").classes("ht-acts"):
            self._buttons(it)

    def _buttons(self, it: Todo) -> None:
        acts, task = self._acts, it.task
        if not it.is_mine:
            _button(self._say("take"), lambda: acts.do(Verb.TAKE, task.id))
        if task.reason == APPROVAL:
            _button(self._say("approve"), lambda: acts.approve(task))
            _button(self._say("refuse"), lambda: acts.refuse(task))
        else:
            _button(self._say("done"), lambda: acts.done(task))
            _button(self._say("failed"), lambda: acts.failed(task))
        _button(self._say("later"), lambda: acts.later(task))
        _button(self._say("give"), lambda: acts.give(task.id))


class Clocks:
    """The clocks that run for the buyer, each with the time that is left: by the second at the end."""

    def __init__(self, acts: Acts) -> None:
        self._acts, self._say = acts, acts.say
        self._left: dict[str, tuple[Deadline, ui.label]] = {}
        with ui.element("section").classes("ht-card") as self._card:
            heading(acts.say("clocks"))
            self._shown: Keyed[Deadline] = Keyed(
                ui.element("ul").classes("ht-list"), self._draw, lambda it: it.id, "li"
            )
        ui.timer(1.0, self.tick)

    def show(self, matter: Matter) -> None:
        """Show those that are open now."""
        self._left = {clock.id: self._left[clock.id] for clock in matter.clocks if clock.id in self._left}
        self._shown.show(matter.clocks)
        self._card.set_visibility(bool(matter.clocks))

    def tick(self) -> None:
        """Tell what is left now; only what reads differently goes to the browser."""
        now = self._acts.desk.clock.now()
        for clock, label in self._left.values():
            text = self._told(clock, now)
            if label.text != text:
                label.set_text(text)
                label.classes(replace="ht-clock hf-bad" if clock.is_late(now) else "ht-clock")

    def _draw(self, it: Deadline) -> None:
        now, zone = self._acts.desk.clock.now(), self._acts.desk.zone(it.shop)
        with ui.element("div").classes("ht-row"):
            ui.label(self._acts.visit.names.name("clocks", it.due)).classes("ht-name")
            label = ui.label(self._told(it, now)).classes("ht-clock")
            if it.is_late(now):
                label.classes("hf-bad")
            if not it.is_paused:
                ui.label(self._say("by_then", at=when(it.due_at, zone, now))).classes("ht-small")
        self._left[it.id] = (it, label)

    def _told(self, clock: Deadline, now: Instant) -> str:
        return clock_told(clock, self._acts.visit, now)


def clock_told(clock: Deadline, visit: Visit, now: Instant) -> str:
    """What is left of a clock, or by how much it is late, as the page of today has it; seconds in the last two
    minutes."""
    say, lang = visit.labels("thread"), visit.lang
    if clock.is_paused:
        return say("paused_with", left=duration(clock.remaining, lang))
    if clock.is_late(now):
        return say("late_by", late=duration(max(abs(now - clock.due_at), MINUTE), lang))
    left = clock.due_at - now
    if left < LAST:
        return say("left", left=say("seconds", count=int(left.total_seconds())))
    return say("left", left=duration(left, lang))


def _button(label: str, act: object) -> None:
    ui.button(label, on_click=act).props("flat dense no-caps")  # type: ignore[arg-type]
