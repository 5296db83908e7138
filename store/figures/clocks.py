"""Clocks met and missed, and those that run now (rules 7, 27, 38, 43, 45, 55, 62). While a clock is paused its time
does not pass, so that a missed one was missed in its own time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select

from followup.desk.deadlines import ClockState, Due
from followup.model import Instant
from store.codec import to_micros
from store.figures.counting import label, number_of, part_of
from store.figures.scope import Scope
from store.figures.tally import Tally
from store.schema import deadlines, in_state, threads


def met(due: str) -> str:
    """The name under which the clocks of one sort that were met are counted; of all for ""."""
    return f"clocks_met.{due}" if due else "clocks_met"


def missed(due: str) -> str:
    """The same of those that were not."""
    return f"clocks_missed.{due}" if due else "clocks_missed"


def clocks(connection: Connection, scope: Scope, into: Tally) -> None:
    """Count the clocks that were met or missed in the period, each sort by itself and all together; one that was met
    too late was missed, at the moment at which it ran out."""
    of = deadlines.c
    at = func.coalesce(of.breached_at, of.closed_at)
    cut = scope.cut(at, func.coalesce(threads.c.agent, ""), func.coalesce(threads.c.kind, ""))
    sorts = ("", *(due.value for due in Due))
    into.knows([name(due) for due in sorts for name in (met, missed)], cut is not None)
    too_late = of.breached_at.is_not(None) | (of.state == ClockState.BREACHED.value)
    in_time = and_(of.breached_at.is_(None), of.state == ClockState.MET.value)
    found = (
        select(label(cut), of.due, number_of(in_time), number_of(too_late))
        .outerjoin_from(deadlines, threads, threads.c.id == of.thread)
        .where(of.shop == scope.shop, scope.during(at), in_time | too_late)
        .group_by("part", of.due)
    )
    for row in connection.execute(found):
        part, (_, due, kept, broken) = part_of(row, scope), row
        for sort in ("", due):
            into.add(part, met(sort), kept)
            into.add(part, missed(sort), broken)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many clocks of a sort run or are paused now; of these the ones at risk, and the ones that ran out."""

    due: Due
    open: int
    at_risk: int
    missed: int


def waiting(connection: Connection, shop: str, now: Instant) -> list[Waiting]:
    """What is waited for now, the most first."""
    of, moment = deadlines.c, to_micros(now)
    over = of.breached_at.is_not(None) | (of.due_at <= moment)
    running = in_state(deadlines, "running")
    found = (
        select(of.due, func.count(), number_of(running & (of.risk_at <= moment) & ~over), number_of(running & over))
        .where(of.shop == shop, in_state(deadlines, "running", "paused"))
        .group_by(of.due)
    )
    told = [Waiting(Due(row[0]), row[1], row[2], row[3]) for row in connection.execute(found)]
    return sorted(told, key=lambda each: (-each.open, each.due))
