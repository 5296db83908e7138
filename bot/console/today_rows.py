"""One task on the start page, in words and as a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from bot.console.desk import Desk, Visit
from bot.console.parts import when
from bot.console.scope import Scope, headline, thread_path
from followup.desk.codes import code_of
from followup.desk.pressing import Pressing, pressing, until
from followup.local_hours import MINUTE
from followup.model import Instant, Task
from scripts_library.localise import duration
from store.console.today import Waits

LONGEST = 140
"""Characters of its words that are shown before it is opened."""


@dataclass(frozen=True)
class Told:
    """A task in words, as somebody sees it now."""

    waits: Waits
    desk: Desk
    visit: Visit
    scope: Scope
    now: Instant

    @property
    def task(self) -> Task:
        return self.waits.task

    @property
    def title(self) -> str:
        """Whom it is about, and which matter."""
        say, names, waits = self.visit.labels("today"), self.visit.names, self.waits
        kind = names.name("kinds", waits.kind) if waits.kind else say("no_kind")
        order = say("order", order=waits.order_id) if waits.order_id else ""
        shop = waits.task.shop if len(self.scope.choices) > 1 and not self.scope.shop else ""
        return " · ".join(filter(None, (waits.buyer, kind, order, shop)))

    @property
    def reason(self) -> str:
        """Why a person is asked, with the code by which the task is known in chat."""
        return f"{self.visit.names.name('reasons', self.task.reason)} · {code_of(self.task.id)}"

    @property
    def whose(self) -> str:
        """Who has it."""
        say, task = self.visit.labels("today"), self.task
        if not task.assignee:
            return say("nobody")
        if task.assignee == self.visit.person.id:
            return say("yours")
        person = self.desk.deps.roster.people.get(task.assignee)
        return say("given" if task.taken_at is None else "theirs", who=(person and person.name) or task.assignee)

    @property
    def waited(self) -> str:
        """How long it waits."""
        say, since = self.visit.labels("today"), self.task.created_at
        return say("just_now") if self.now - since < MINUTE else say("waits", span=self._span(since))

    @property
    def pressing(self) -> Pressing:
        """How it stands against its time."""
        return pressing(self.task, self.desk.deps.policies.get(self.task.shop), self.now)

    @property
    def time_left(self) -> str:
        """By when it is to be done, or by how much it is late; words that came too late are not to be used."""
        say, end, stands = self.visit.labels("today"), until(self.task), self.pressing
        if end is None:
            return ""
        if stands is Pressing.LATE and self.task.expires_at is not None:
            return say("too_late")
        return say(stands.value, span=self._span(end), at=when(end, self.scope.zone, self.now))

    @property
    def words(self) -> str:
        """What it says; nothing of what must not be sent any more."""
        too_late = self.task.expires_at is not None and self.pressing is Pressing.LATE
        return "" if too_late else self.task.text

    def _span(self, at: Instant) -> str:
        return duration(abs(self.now - at), self.visit.lang)


class Row:
    """A task that changes in place."""

    def __init__(self, waits: Waits, visit: Visit, does: Mapping[str, Callable[[], object]]) -> None:
        say = visit.labels("today")
        with ui.element("li").classes("hf-task") as self.element:
            with headline(thread_path(waits.task.thread, waits.buyer)):
                self._title = ui.label()
            with ui.element("div").classes("hf-task-what"):
                self._urgent = ui.label(say("urgent")).classes("hf-mark hf-bad")
                self._reason, self._time = ui.label(), ui.label()
                self._waited, self._whose = ui.label().classes("hf-muted"), ui.label()
            with ui.element("details").classes("hf-task-words") as self._words:
                with ui.element("summary"):
                    self._first = ui.label()
                self._all = ui.label().classes("hf-words")
            with ui.element("div").classes("hf-task-acts"):
                self._acts = {what: self._button(say(what), what, act) for what, act in does.items()}

    def _button(self, label: str, what: str, act: Callable[[], object]) -> TextElement:
        """A plain one: fifty rows of Quasar's take long to build, here and in the browser."""
        made = TextElement(tag="button", text=label).props('type="button"').classes(f"hf-act hf-{what}")
        made.on("click", act, [])
        return made

    def show(self, told: Told) -> None:
        """Show how it stands now; what did not change is left alone."""
        words = told.words.strip()
        first = " ".join(words.split())
        self._title.set_text(told.title)
        self._reason.set_text(told.reason)
        self._urgent.set_visibility(told.task.urgent)
        self._time.set_text(told.time_left)
        self._time.classes(replace=f"hf-{told.pressing.value}")
        self._waited.set_text(told.waited)
        self._whose.set_text(told.whose)
        self._words.set_visibility(bool(words))
        self._first.set_text(first if len(first) <= LONGEST else f"{first[:LONGEST]}…")
        self._all.set_text(words)
        for button in self._acts.values():
            if button.props.get("aria-label") != (label := f"{button.text}: {told.title}, {told.reason}"):
                button.props["aria-label"] = label
                button.update()
        self._acts["take"].set_visibility(told.task.assignee != told.visit.person.id)
