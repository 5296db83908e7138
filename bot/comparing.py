"""Two simulations of the same orders side by side: what is other when only the cadence is other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from operator import attrgetter

from bot.figures.statistics import median, share
from bot.report.conversations import Line, conversation
from bot.report.figures import figures
from bot.simulate import Simulation
from followup.model import Decided, Order, State, Task, Thread, Verdict

STORIES = 100
"""So many of the orders that differ are told."""
Counts = Mapping[str, int]


class Unit(StrEnum):
    COUNT = "count"
    SHARE = "share"
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class Side:
    """What came of one cadence. Messages by step, local day and local hour are those that were said; `held` are
    decisions not to speak, by verdict. `quiet_delay` is how long quiet hours put off, in seconds: half are no longer.
    """

    orders: int
    threads: int
    reached: int
    settled: int
    settled_quietly: int
    messages: int
    buyers: int
    most: int
    tasks: int
    quiet_delay: float | None
    held: Counts
    steps: Counts
    days: Counts
    hours: Counts


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of both sides; None where there is nothing to count."""

    id: str
    unit: Unit
    before: float | None
    after: float | None

    @property
    def difference(self) -> float | None:
        """How much more there is with the change."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class Differing:
    """An order that is told otherwise: how many messages its buyer got, and both stories in the order of time."""

    order_id: str
    buyer: str
    messages: tuple[int, int]
    before: tuple[Line, ...]
    after: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides, how many orders differ in anything, and the first of them: those that differ most."""

    before: Side
    after: Side
    differing: int
    orders: tuple[Differing, ...]

    def measures(self) -> Iterator[Measure]:
        """The figures that say most, in their order."""
        for id_, (unit, of) in _MEASURES.items():
            yield Measure(id_, unit, of(self.before), of(self.after))

    def table(self, name: str) -> list[Measure]:
        """One of `held`, `steps`, `days` and `hours`: a count for each key that either side has."""
        before, after = getattr(self.before, name), getattr(self.after, name)
        keys = [*before, *(key for key in after if key not in before)]
        if name in ("days", "hours"):
            keys.sort()
        return [Measure(key, Unit.COUNT, before.get(key, 0), after.get(key, 0)) for key in keys]


_MEASURES: Mapping[str, tuple[Unit, Callable[[Side], float | None]]] = {
    "messages": (Unit.COUNT, attrgetter("messages")),
    "buyers": (Unit.COUNT, attrgetter("buyers")),
    "most": (Unit.COUNT, attrgetter("most")),
    "threads": (Unit.COUNT, attrgetter("threads")),
    "reached": (Unit.COUNT, attrgetter("reached")),
    "reached_share": (Unit.SHARE, lambda side: share(side.reached, side.threads)),
    "settled_quietly": (Unit.SHARE, lambda side: share(side.settled_quietly, side.threads)),
    "held": (Unit.COUNT, lambda side: sum(side.held.values())),
    "put_off": (Unit.COUNT, lambda side: side.held.get(Verdict.QUIET_HOURS, 0)),
    "quiet_delay": (Unit.SECONDS, attrgetter("quiet_delay")),
    "expired": (Unit.COUNT, lambda side: side.held.get(Verdict.EXPIRED, 0)),
    "tasks": (Unit.COUNT, attrgetter("tasks")),
}


def compare(before: Simulation, after: Simulation, lang: str, most: int = STORIES) -> Comparison:
    """Both sides of two simulations of the same orders, and up to `most` differing orders told in `lang`."""
    sides = _Lines(before), _Lines(after)
    differing = sorted(_differing(*sides), key=lambda order: _rank(order, *sides))
    told = tuple(_told(order, *sides, lang) for order in differing[:most])
    return Comparison(side(before), side(after), len(differing), told)


def side(simulation: Simulation) -> Side:
    """The figures of one simulation."""
    counts, state = figures(simulation), simulation.state
    said = [line for line in simulation.decided if line.decision.verdict is Verdict.SENT]
    threads, reached = state.items[Thread].values(), {line.thread for line in said}
    settled = [thread for thread in threads if thread.state is State.SETTLED]
    return Side(
        orders=len(simulation.past.orders),
        threads=len(threads),
        reached=len(reached),
        settled=len(settled),
        settled_quietly=sum(thread.id not in reached for thread in settled),
        messages=counts.messages,
        buyers=counts.buyers,
        most=max(Counter((line.shop, line.buyer) for line in said).values(), default=0),
        tasks=len(state.items[Task]),
        quiet_delay=_quiet_delay(simulation),
        held={name: n for name, n in counts.verdicts.items() if name != Verdict.SENT},
        steps=dict(Counter(line.step for line in said).most_common()),
        days={day.isoformat(): groups["sent"] for day, groups in counts.by_day.items()},
        hours={f"{hour:02}": groups["sent"] for hour, groups in counts.by_hour.items()},
    )


def _quiet_delay(simulation: Simulation) -> float | None:
    """From the moment at which something was due to the one to which quiet hours put it off."""
    found = (line for line in simulation.decided if line.decision.verdict is Verdict.QUIET_HOURS)
    delays = [line.decision.retry_at - line.at for line in found if line.decision.retry_at is not None]
    return median([delay / timedelta(seconds=1) for delay in delays])


class _Lines:
    """The decisions of a simulation by thread, also those of threads without any."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation, self.threads = simulation, simulation.state.items[Thread]
        self.of: dict[str, list[Decided]] = {thread.id: [] for thread in self.threads.values()}
        for line in simulation.decided:
            self.of.setdefault(line.thread, []).append(line)

    def shape(self, thread: str) -> tuple[object, ...]:
        """All that could differ of a thread: what was said or held back, how it ended, what people were given to do."""
        said = [(line.reminder, line.at, line.decision.verdict, line.text) for line in self.of.get(thread, ())]
        found = self.threads.get((thread,))
        tasks = [(task.reason, task.created_at) for task in self.simulation.state.open_tasks(thread)]
        return said, found and (found.state, found.closed_at), tasks

    def said(self, threads: tuple[str, ...]) -> list[Decided]:
        """What was said in these threads."""
        lines = (line for id_ in threads for line in self.of.get(id_, ()))
        return [line for line in lines if line.decision.verdict is Verdict.SENT]

    def story(self, threads: tuple[str, ...], lang: str) -> tuple[Line, ...]:
        """These threads in the order of time; what happened to the order stands there once."""
        told: dict[Line, None] = {}
        for id_ in threads:
            if thread := self.threads.get((id_,)):
                told |= dict.fromkeys(conversation(thread, self.of[id_], self.simulation, lang).lines)
        return tuple(sorted(told, key=attrgetter("at")))


@dataclass(frozen=True, slots=True)
class _Order:
    """An order with those of its threads that differ."""

    shop: str
    id: str
    threads: tuple[str, ...]


def _differing(before: _Lines, after: _Lines) -> Iterator[_Order]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for id_ in {**before.of, **after.of}:
        thread = before.threads.get((id_,)) or after.threads.get((id_,))
        if thread and before.shape(id_) != after.shape(id_):
            found[thread.shop, thread.order_id].append(id_)
    return (_Order(*key, tuple(threads)) for key, threads in found.items())


def _rank(order: _Order, before: _Lines, after: _Lines) -> tuple[object, ...]:
    """Whose buyer hears more or less stands first; then those who hear it at another time, then the rest."""
    first, other = (lines.said(order.threads) for lines in (before, after))
    moments = {line.at for line in first} ^ {line.at for line in other}
    return -abs(len(other) - len(first)), -len(moments), order.id


def _told(order: _Order, before: _Lines, after: _Lines, lang: str) -> Differing:
    key = (order.shop, order.id)
    found = before.simulation.state.items[Order].get(key) or after.simulation.state.items[Order][key]
    buyer = "" if found.buyer.startswith("unknown:") else found.buyer
    said = (len(before.said(order.threads)), len(after.said(order.threads)))
    return Differing(order.id, buyer, said, before.story(order.threads, lang), after.story(order.threads, lang))
