"""The story of a thread in words: what was decided, on which figures, and what would have changed the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from bot.desk import Words
from followup.desk.deadlines import ClockState, Deadline, Due
from followup.desk.people import Roster
from followup.kinds import KINDS, STEPS
from followup.kinds.kind import never
from followup.model import (
    Decided,
    Decision,
    Instant,
    Note,
    Outgoing,
    OutgoingState,
    Reason,
    Reminder,
    ReminderState,
    Task,
    Verdict,
)
from followup.promises import OURS, Promise
from followup.reach import HELD
from scripts_library.localise import duration
from store.views import Story

BUYER, NOBODY = "buyer", Roster()
_NAMES = {
    **dict.fromkeys(("now", "skip", "move"), ("steps",)),
    "task": ("reasons",),
    "offer": ("remedies", "losses"),
    "later": ("reasons",),
    "clock": ("clocks",),
}
_SPAN = re.compile(r"(?:(\d+) days?, )?(\d+):(\d\d):\d\d")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story with what there is to say about it; `kind` is opened, note, said, held, dropped, task,
    promise, clock, ended or plan."""

    at: Instant
    kind: str
    text: str
    details: tuple[str, ...] = ()


def tell(story: Story, zone: tzinfo, words: Words, roster: Roster = NOBODY) -> list[Line]:
    """The whole story in the order of time, instants shown in `zone`; what is planned comes last. Who is listed in
    `roster` is called by his name."""
    return _Teller(story, Judged(zone, words), words, roster).tell()


def because(decided: Decided, zone: tzinfo, words: Words) -> str:
    """Why something was held back or dropped, in one sentence."""
    return words("also").join(Judged(zone, words).failed(decided))


@dataclass(frozen=True)
class Judged:
    """Puts the checks of a decision into words."""

    zone: tzinfo
    words: Words

    def failed(self, decided: Decided) -> list[str]:
        """Each check that stood in the way."""
        return [self.check(reason, "failed") for reason in decided.decision.reasons if not reason.passed]

    def passed(self, decided: Decided) -> str:
        """All checks that did not, in one line; nothing is said of those that had nothing to look at."""
        checks = (self.check(reason, "passed") for reason in decided.decision.reasons if reason.passed)
        return self.words("also").join(filter(None, checks))

    def change(self, decision: Decision) -> str:
        """What would have changed the answer."""
        if decision.retry_at is not None and decision.verdict not in HELD:
            return self.words.chosen("changes", "later", {"until": self.at(decision.retry_at)})
        failed = next((reason for reason in decision.reasons if not reason.passed), None)
        figures = self._figures(failed) if failed else {}
        return self.words.chosen("changes", decision.verdict.value, figures)

    def at(self, when: Instant | None) -> str:
        """An instant as the shop's people read it."""
        return when.astimezone(self.zone).strftime("%m-%d %H:%M") if when else "—"

    def check(self, reason: Reason, of: str) -> str:
        """One check in a sentence; `of` is passed or failed."""
        figures = self._figures(reason)
        said = self.words.chosen(of, reason.check, figures)
        if said or (reason.passed and not figures):
            return said
        return " ".join([reason.check, *(f"{name} {value}" for name, value in figures.items())])

    def _figures(self, reason: Reason) -> Mapping[str, str]:
        figures = {name: self._figure(value) for name, value in reason.facts}
        if "outcome" in figures:
            figures["outcome"] = self.words.name("outcomes", figures["outcome"])
        if "by" in figures:
            figures["by"] = self._step_of(figures["by"])
        return figures

    def _step_of(self, message: str) -> str:
        """What the step of a message is called, which stands in its id."""
        return next((self.words.step(part) for part in reversed(message.split("/")) if part in STEPS), message)

    def _figure(self, value: str) -> str:
        if value.endswith("+00:00"):
            return self.at(datetime.fromisoformat(value))
        if span := _SPAN.fullmatch(value):
            days, hours, minutes = (int(part or 0) for part in span.groups())
            return duration(timedelta(days=days, hours=hours, minutes=minutes), self.words.lang)
        return value


@dataclass(frozen=True)
class _Teller:
    story: Story
    judged: Judged
    words: Words
    roster: Roster

    def tell(self) -> list[Line]:
        story = self.story
        lines = [self._opened(), *map(self._note, story.notes), *map(self._decided, story.decisions)]
        lines += [self._task(task) for task in story.tasks if task.reason != "paste" or not task.outgoing]
        lines += [line for promise in story.promises for line in self._promise(promise)]
        lines += [line for clock in story.clocks for line in self._clock(clock)]
        planned = [self._plan(each) for each in story.reminders if each.state is ReminderState.PENDING]
        return [*sorted([*lines, *self._ended()], key=lambda line: line.at), *planned]

    def _opened(self) -> Line:
        thread = self.story.thread
        kind = self.words.name("kinds", thread.kind)
        of_time = thread.kind in KINDS and KINDS[thread.kind].looks is not never
        how = self.words("opened_in_time" if of_time else "opened", kind=kind, acted=self.judged.at(thread.acted_at))
        return Line(thread.opened_at, "opened", how)

    def _ended(self) -> Iterator[Line]:
        thread = self.story.thread
        if thread.closed_at is not None:
            outcome = self.words.name("outcomes", thread.outcome or thread.state.value)
            yield Line(thread.closed_at, "ended", self.words("ended", outcome=outcome))

    def _note(self, note: Note) -> Line:
        who = self.words(note.who) if note.who in (BUYER, OURS) else self._name(note.who)
        text = note.text if note.who == BUYER else self._act(note.text)
        return Line(note.at, "note", self.words("note", who=who, text=text))

    def _name(self, who: str) -> str:
        """What the others call one of the shop's people."""
        person = self.roster.people.get(who)
        return person.name or who if person else who

    def _act(self, text: str) -> str:
        """An act by its name; anything else as it was said. What a buyer says is no act, whatever it says."""
        actions = self.words.table["actions"]
        if text in actions:
            return str(actions[text])
        act, _, rest = text.partition(" ")
        if act not in actions:
            return text
        tables = _NAMES.get(act.partition("_")[0], ())
        parts = rest.split(" ", len(tables))
        named = [self.words.name(table, part) for table, part in zip(tables, parts, strict=False)]
        return " ".join(filter(None, (actions[act], *named, *parts[len(tables) :])))

    def _decided(self, decided: Decided) -> Line:
        decision = decided.decision
        if decision.verdict is Verdict.SENT:
            return Line(decided.at, "said", self._said(decided), (*decided.text.splitlines(), *self._checked(decided)))
        details = [self.words("because") + text for text in self.judged.failed(decided)]
        details += [*self._checked(decided), self.words("otherwise") + self.judged.change(decision)]
        step = self.words.step(decided.step)
        if decision.retry_at is None:
            return Line(decided.at, "dropped", self.words("dropped", step=step), tuple(details))
        until = self.judged.at(decision.retry_at)
        return Line(decided.at, "held", self.words("held", step=step, until=until), tuple(details))

    def _said(self, decided: Decided) -> str:
        message = next((each for each in self.story.outgoing if each.id == decided.reminder), None)
        delivery = self._delivery(message) if message else ""
        return self.words("said", step=self.words.step(decided.step), channel=decided.channel, delivery=delivery)

    def _delivery(self, message: Outgoing) -> str:
        paste = next((task for task in self.story.tasks if task.outgoing == message.id), None)
        sent = message.state is OutgoingState.SENT
        state = "manual" if sent and paste else message.state.value
        told = self.words.name("delivery", state).format(at=self.judged.at(message.sent_at))
        if paste is not None:
            told += self.words("also") + self._state(paste)
        return told + (f" ({message.error})" if message.error and not sent else "")

    def _checked(self, decided: Decided) -> Iterator[str]:
        if told := self.judged.passed(decided):
            yield self.words("checked") + told

    def _task(self, task: Task) -> Line:
        reason = self.words.name("reasons", task.reason)
        text = self.words("task", reason=reason, state=self._state(task))
        return Line(task.created_at, "task", text, tuple(task.text.splitlines()))

    def _promise(self, promise: Promise) -> Iterator[Line]:
        who = self.words(OURS) if promise.said_by == OURS else self._name(promise.said_by)
        due = self.judged.at(promise.due_at)
        yield Line(promise.made_at, "promise", self.words("promised", who=who, due=due), (promise.text,))
        if promise.closed_at is not None:
            state = self.words.name("promises", promise.state.value)
            yield Line(promise.closed_at, "promise", self.words("promise_over", who=who, due=due, state=state))

    def _clock(self, clock: Deadline) -> Iterator[Line]:
        """A clock as it began and ended; words of the day that came in time go without saying."""
        if clock.due is Due.DAILY_WORD and clock.state in (ClockState.MET, ClockState.DROPPED):
            return
        named = {"clock": self.words.name("clocks", clock.due), "due": self.judged.at(clock.due_at)}
        yield Line(clock.started_at, "clock", self.words("clock_began", **named))
        if clock.closed_at is not None:
            state = self.words.name("clock_states", clock.state)
            yield Line(clock.closed_at, "clock", self.words("clock_over", state=state, **named))

    def _state(self, task: Task) -> str:
        state = self.words.name("tasks", task.state.value)
        by = self.words("answered_by", who=self._name(task.closed_by)) if task.closed_by else ""
        answer = self.words.name("outcomes", task.answer)
        return " ".join(filter(None, (state, by, answer and f"({answer})")))

    def _plan(self, reminder: Reminder) -> Line:
        step = self.words.step(reminder.step)
        if reminder.expires_at is None:
            return Line(reminder.due_at, "plan", self.words("planned", step=step))
        until = self.judged.at(reminder.expires_at)
        return Line(reminder.due_at, "plan", self.words("planned_until", step=step, until=until))
