"""Unpaid orders: how many were reminded and paid after that, and what the comparison group says (rules 2, 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Subquery,
    Table,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)

from followup.hold_out import KIND
from followup.model import Role, Verdict
from store.figures.counting import label, number_of, part_of
from store.figures.reached import messages, reached_at
from store.figures.scope import Scope
from store.figures.tally import Tally
from store.schema import buyers, chats, decisions, in_state, orders, outbox, tasks, threads
from store.suppression import said_stop

_MICRO = timedelta(microseconds=1)
ANGRY = "angry"
STEPS = ("unpaid.help", "unpaid.last_call")
NOT_COMPARED = (Verdict.SETTLED.value, Verdict.OPTED_OUT.value)
_MATTER = and_(threads.c.shop == orders.c.shop, threads.c.order_id == orders.c.id)


def unpaid(connection: Connection, scope: Scope, into: Tally) -> None:
    """Count the unpaid orders that began in the period, those reminded, and those paid after a reminder of ours."""
    cut = scope.cut(threads.c.opened_at, threads.c.agent, threads.c.kind)
    names = ("unpaid_orders", "unpaid_reminded", "unpaid_recovered", "recovered_value")
    into.knows(names, cut is not None)
    of = _reminded(scope, cut).c
    after = of.paid_at > of.reminded_at
    found = select(
        of.part,
        of.total_amount,
        of.total_currency,
        func.count(),
        number_of(of.reminded_at.is_not(None)),
        number_of(after),
    ).group_by(of.part, of.total_amount, of.total_currency)
    for row in connection.execute(found):
        part, (_, amount, currency, number, reminded, recovered) = part_of(row, scope), row
        for name, counted in zip(names, (number, reminded, recovered), strict=False):
            into.add(part, name, counted)
        if currency == scope.currency:
            into.add(part, "recovered_value", Decimal(amount) * recovered)


def _reminded(scope: Scope, cut: ColumnElement[Any] | None) -> CTE:
    """The unpaid orders with when each was first reminded and when it was paid. Materialized: planners look for the
    reminder again wherever it is named."""
    reminder = (
        select(func.min(reached_at()))
        .select_from(messages())
        .where(outbox.c.thread == threads.c.id, outbox.c.role == Role.NUDGE.value, in_state(outbox, "sent"))
        .correlate(threads)
        .scalar_subquery()
    )
    return (
        select(
            label(cut), orders.c.total_amount, orders.c.total_currency, orders.c.paid_at, reminder.label("reminded_at")
        )
        .join_from(threads, orders, _MATTER)
        .where(threads.c.shop == scope.shop, threads.c.kind == KIND, scope.during(threads.c.opened_at))
        .cte("reminded")
        .prefix_with("MATERIALIZED")
    )


@dataclass(frozen=True, slots=True)
class Group:
    """One side of the comparison: how many orders, how many of them paid in time, and of how many the buyer said stop
    or was angry meanwhile."""

    orders: int = 0
    paid: int = 0
    opted_out: int = 0
    angry: int = 0


def groups(connection: Connection, scope: Scope) -> tuple[Group, Group]:
    """The orders that were to be reminded, and those held out, whatever became of either.

    Both are the orders that were still unpaid, with no stop, when their first reminder fell due, and whose buyer nobody
    had spoken to by then. Only orders that have had their time to be paid are compared.
    """
    compared = _compared(scope).c
    until = compared.opened_at + scope.within // _MICRO
    paid = and_(compared.paid_at.is_not(None), compared.paid_at < until)
    stop = compared.opted_out_at
    stopped = and_(stop >= compared.first, stop < until, said_stop(stop, scope.shop))
    complained = or_(*(_is_angry(place, compared, until, scope) for place in (threads, chats)))
    found = select(compared.held, func.count(), number_of(paid), number_of(stopped), number_of(complained)).group_by(
        compared.held
    )
    sides = {bool(row[0]): Group(row[1], row[2], row[3], row[4]) for row in connection.execute(found)}
    return sides.get(False, Group()), sides.get(True, Group())


def _is_angry(place: Table, compared: Any, until: ColumnElement[int], scope: Scope) -> ColumnElement[bool]:
    """Whether the buyer was angry in one of his matters, or of his chats: it need not be the one he was reminded of."""
    his = place.alias()
    return exists().where(
        his.c.shop == scope.shop,
        his.c.buyer == compared.buyer,
        tasks.c.thread == his.c.id,
        tasks.c.reason == ANGRY,
        tasks.c.created_at >= compared.first,
        tasks.c.created_at < until,
    )


def _compared(scope: Scope) -> Subquery:
    held = func.max(case((decisions.c.verdict == Verdict.HELD_OUT.value, 1), else_=0))
    judged = (
        select(decisions.c.thread, held.label("held"), func.min(decisions.c.at).label("first"))
        .join_from(threads, decisions, decisions.c.thread == threads.c.id)
        .where(threads.c.shop == scope.shop, threads.c.kind == KIND, scope.during(threads.c.opened_at))
        .where(decisions.c.step.in_(STEPS), decisions.c.verdict.not_in(NOT_COMPARED))
        .group_by(decisions.c.thread)
        .subquery()
    )
    spoken_to = exists().where(
        outbox.c.thread == judged.c.thread,
        outbox.c.role == Role.REPLY.value,
        outbox.c.created_at < judged.c.first,
    )
    buyer = and_(buyers.c.shop == threads.c.shop, buyers.c.id == threads.c.buyer)
    return (
        select(
            threads.c.buyer, threads.c.opened_at, judged.c.held, judged.c.first, orders.c.paid_at, buyers.c.opted_out_at
        )
        .join_from(judged, threads, threads.c.id == judged.c.thread)
        .join(orders, _MATTER)
        .outerjoin(buyers, buyer)
        .where(scope.ripe(threads.c.opened_at), ~spoken_to)
        .subquery()
    )
