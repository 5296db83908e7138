"""Messages sent and held, by their verdict, and who wants no more of them."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from followup.model import Verdict
from store.figures.counting import count, label, part_of
from store.figures.scope import By, Scope
from store.figures.tally import Tally
from store.schema import buyers, decisions, threads
from store.suppression import said_stop


def verdict_name(verdict: Verdict) -> str:
    """The name under which decisions of one verdict are counted."""
    return f"verdict.{verdict.value}"


def messages(connection: Connection, scope: Scope, into: Tally) -> None:
    """Count every decision on a message by its verdict; one that was put off counts each time it was judged."""
    of = decisions.c
    cut = scope.cut(of.at, func.coalesce(threads.c.agent, ""), func.coalesce(threads.c.kind, ""))
    into.knows(map(verdict_name, Verdict), cut is not None)
    found = select(label(cut), of.verdict, func.count())
    if scope.by in (By.AGENT, By.KIND):
        found = found.outerjoin_from(decisions, threads, threads.c.id == of.thread)
    found = found.where(of.shop == scope.shop, scope.during(of.at)).group_by("part", of.verdict)
    for row in connection.execute(found):
        into.add(part_of(row, scope), verdict_name(Verdict(row[1])), row[2])


def opt_outs(connection: Connection, scope: Scope, into: Tally) -> None:
    """Count the buyers who said in the period that they want to hear nothing automated any more. Whom an
    erasing silences has said nothing."""
    of = buyers.c
    cut = scope.cut(of.opted_out_at)
    found = select(label(cut), func.count()).where(of.shop == scope.shop, scope.during(of.opted_out_at))
    found = found.where(said_stop(of.opted_out_at, scope.shop))
    count(connection, scope, into, cut, ["opt_outs"], found.group_by("part"))
