"""Counts over a simulation, from which the JSON object, the summary and the charts are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.simulate import Simulation
from followup.kinds import KINDS
from followup.model import Decided, Instant, Reminder, ReminderState, State, Task, Thread, Verdict
from followup.politeness import zone_of

GROUPS = ("sent", "postponed", "dropped")


@dataclass(frozen=True)
class Figures:
    """`outcomes` are threads by kind and state; `by_day` and `by_hour` decisions by group, in the buyers' time."""

    messages: int
    buyers: int
    outcomes: dict[str, dict[str, int]]
    verdicts: dict[str, int]
    alerts: dict[str, int]
    put_aside: int
    by_day: dict[date, Counter[str]]
    by_hour: dict[int, Counter[str]]

    def threads(self) -> dict[str, dict[str, int]]:
        """How many threads of each kind were opened, settled and given up."""
        ends = (State.SETTLED, State.GIVEN_UP)
        return {
            kind: {"opened": sum(states.values()), **{end.value: states.get(end.value, 0) for end in ends}}
            for kind, states in self.outcomes.items()
        }


def figures(simulation: Simulation) -> Figures:
    """Counts everything once."""
    state, decided = simulation.state, simulation.decided
    sent = [line for line in decided if line.decision.verdict is Verdict.SENT]
    reminders = state.items[Reminder].values()
    by_day, by_hour = _by_time(simulation)
    return Figures(
        messages=len(sent),
        buyers=len({(line.shop, line.buyer) for line in sent}),
        outcomes=_outcomes(state.items[Thread].values()),
        verdicts=_ranked(Counter(line.decision.verdict.value for line in decided)),
        alerts=_ranked(Counter(task.reason for task in state.items[Task].values())),
        put_aside=sum(reminder.state is ReminderState.PUT_ASIDE for reminder in reminders),
        by_day=by_day,
        by_hour=by_hour,
    )


def as_json(simulation: Simulation, counts: Figures, rejected: int, seconds: float) -> dict[str, Any]:
    """The object that `--json` prints."""
    told = simulation.past
    return {
        "orders": len(told.orders),
        "rejected": rejected,
        "threads": counts.threads(),
        "verdicts": counts.verdicts,
        "assumed": dict(simulation.assume.told),
        "seconds": round(seconds, 3),
        "messages": counts.messages,
        "buyers": counts.buyers,
        "outcomes": counts.outcomes,
        "alerts": counts.alerts,
        "put_aside": counts.put_aside,
        "assumed_refunds": len(told.assumed),
        "unknown_refund_times": told.unknown_refund_times,
        "unknown_settle_times": told.unknown_settle_times,
        "from": _stamp(simulation.since),
        "to": _stamp(simulation.until),
    }


def _stamp(instant: Instant | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant else None


def by_period(days: dict[date, Counter[str]], most: int) -> dict[date, Counter[str]]:
    """The days, or weeks, four weeks and so on by their first day, so that there are at most `most`."""
    size = next(size for size in (1, 7, 28, 364, 3640, 36400) if len(days) <= most * size)
    first = min(days, default=date.min)
    periods: dict[date, Counter[str]] = {}
    for day, counted in days.items():
        begins = day - timedelta(days=(day - first).days % size)
        periods.setdefault(begins, Counter()).update(counted)
    return periods


def group(line: Decided) -> str:
    """Whether it was said, put off to a better time, or dropped."""
    if line.decision.verdict is Verdict.SENT:
        return "sent"
    return "postponed" if line.decision.retry_at is not None else "dropped"


def _by_time(simulation: Simulation) -> tuple[dict[date, Counter[str]], dict[int, Counter[str]]]:
    counted = Counter((*_local_hour(line, simulation), group(line)) for line in simulation.decided)
    days = _days({day for day, _, _ in counted})
    by_day: dict[date, Counter[str]] = {day: Counter() for day in days}
    by_hour: dict[int, Counter[str]] = {hour: Counter() for hour in range(24)}
    for (day, hour, which), count in counted.items():
        by_day[day][which] += count
        by_hour[hour][which] += count
    return by_day, by_hour


def _local_hour(line: Decided, simulation: Simulation) -> tuple[date, int]:
    buyer = simulation.state.buyer(line.shop, line.buyer)
    local = line.at.astimezone(zone_of(buyer, simulation.deps.policy(line.shop)))
    return local.date(), local.hour


def _days(seen: set[date]) -> Iterator[date]:
    day, last = min(seen, default=date.max), max(seen, default=date.min)
    while day <= last:
        yield day
        day += timedelta(days=1)


def _outcomes(threads: Any) -> dict[str, dict[str, int]]:
    counted = Counter((thread.kind, thread.state.value) for thread in threads)
    return {
        kind: {state.value: counted[kind, state.value] for state in State if counted[kind, state.value]}
        for kind in KINDS
    }


def _ranked(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
