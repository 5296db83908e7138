"""What one shift leaves to the next: every open matter that needs a person, by urgency (rule 104)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from followup.desk.deadlines import ClockState, Deadline
from followup.desk.records import Handover
from followup.model import Instant, Reminder, State, Task, Thread
from followup.promises import OURS, Promise


class Urgency(StrEnum):
    """Why a matter is handed over, the most urgent first: too late already, nearly so, promised before the next shift
    ends, in somebody's hands, in nobody's."""

    BREACHED = "breached"
    AT_RISK = "at_risk"
    PROMISED = "promised"
    TAKEN = "taken"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Word:
    """What was said last, and when."""

    at: Instant
    text: str


@dataclass(frozen=True, slots=True)
class Matter:
    """An open thread as the next shift has to know it; `heard` and `said` are the last words of the buyer and of us,
    `next` the planned touch that comes first."""

    thread: Thread
    buyer: str = ""
    tasks: tuple[Task, ...] = ()
    clocks: tuple[Deadline, ...] = ()
    promises: tuple[Promise, ...] = ()
    next: Reminder | None = None
    heard: Word | None = None
    said: Word | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """Who has it: who took the thread or a task of it, and who promised the buyer something."""
        took = (task.assignee for task in self.tasks if task.taken_at is not None)
        named = (self.thread.agent, *took, *(promise.said_by for promise in self.promises))
        return tuple(dict.fromkeys(who for who in named if who and who != OURS))

    @property
    def promise(self) -> Promise | None:
        """The open promise that is due first."""
        return min(self.promises, key=lambda each: (each.due_at, each.id), default=None)

    @property
    def due_at(self) -> Instant | None:
        """The first moment by which something has to happen."""
        clocks = (clock.due_at for clock in self.clocks if clock.state is ClockState.RUNNING)
        tasks = (task.due_at for task in self.tasks if task.due_at is not None)
        return min((*clocks, *tasks, *(promise.due_at for promise in self.promises)), default=None)

    def urgency(self, now: Instant, soon: Instant) -> Urgency | None:
        """How urgent it is; None for what the bot looks after by itself. What is promised by `soon` is near."""
        if self._is_late(now):
            return Urgency.BREACHED
        if any(clock.state is ClockState.RUNNING and clock.risk_at <= now for clock in self.clocks):
            return Urgency.AT_RISK
        if self.promise is not None and self.promise.due_at <= soon:
            return Urgency.PROMISED
        if self.people:
            return Urgency.TAKEN
        is_wanted = self.tasks or self.promises or self.thread.state is State.WITH_AGENT
        return Urgency.WAITING if is_wanted else None

    def _is_late(self, now: Instant) -> bool:
        clocks = any(clock.breached_at is not None for clock in self.clocks)
        tasks = any(task.escalated_at is not None for task in self.tasks)
        return clocks or tasks or (self.due_at is not None and self.due_at <= now)


@dataclass(frozen=True, slots=True)
class Clearing:
    """What became of the matters of a handover: closed since, taken since, and those that are left (by thread)."""

    handover: Handover
    closed: int = 0
    taken: int = 0
    left: tuple[Thread, ...] = ()

    @property
    def is_cleared(self) -> bool:
        """Whether nothing of it waits for anybody."""
        return not self.left


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures of a shift: threads begun and ended in it, tasks that people answered, and open threads that the bot
    looks after alone."""

    opened: int = 0
    closed: int = 0
    answered: int = 0
    by_bot: int = 0


@dataclass(frozen=True, slots=True)
class Handing:
    """A handover as it is told: the shift, its matters by urgency, its figures, and how the one before was cleared."""

    shop: str
    shift: str
    began_at: Instant
    ended_at: Instant
    made_at: Instant
    matters: tuple[tuple[Urgency, Matter], ...] = ()
    counts: Counts = field(default_factory=Counts)
    before: Clearing | None = None

    @property
    def id(self) -> str:
        """The same for the same end of the same shift."""
        return handover_id(self.shop, self.shift, self.ended_at)

    @property
    def record(self) -> Handover:
        """What is kept of it; one that leaves nothing is cleared at once."""
        threads = tuple(matter.thread.id for _, matter in self.matters)
        return Handover(self.id, self.shop, self.shift, self.ended_at, threads, None if threads else self.made_at)


def handover_id(shop: str, shift: str, ended_at: Instant) -> str:
    """The id of a handover."""
    return f"{shop}/handover/{shift}/{ended_at:%Y-%m-%dT%H:%MZ}"


def by_urgency(matters: Iterable[Matter], now: Instant, soon: Instant) -> tuple[tuple[Urgency, Matter], ...]:
    """The matters that need a person, the most urgent first, each group by what is due first."""
    order = list(Urgency)
    judged = ((matter.urgency(now, soon), matter) for matter in matters)
    found = [(urgency, matter) for urgency, matter in judged if urgency is not None]
    return tuple(sorted(found, key=lambda each: (order.index(each[0]), _when(each[1]), each[1].thread.id)))


def _when(matter: Matter) -> tuple[bool, Instant]:
    return matter.due_at is None, matter.due_at or matter.thread.opened_at
