"""Matters begun and ended, questions that became orders (rule 1), and what came of bad reviews (rules 84-97)."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from followup.kinds.inquiry import INQUIRY
from followup.kinds.review_revision import REVIEW_REVISION
from followup.model import Rating, Role
from store.codec import to_micros
from store.figures.counting import count, label, number_of, part_of
from store.figures.reached import messages, reached_at
from store.figures.scope import Scope
from store.figures.tally import Tally
from store.schema import buyers, in_state, orders, outbox, threads

_MICRO = timedelta(microseconds=1)


def matters(connection: Connection, scope: Scope, into: Tally) -> None:
    """Count the matters that began in the period and those that ended in it."""
    of = threads.c
    for name, at in (("opened", of.opened_at), ("closed", of.closed_at)):
        cut = scope.cut(at, of.agent, of.kind)
        found = select(label(cut), func.count()).where(of.shop == scope.shop, scope.during(at)).group_by("part")
        count(connection, scope, into, cut, [name], found)


def inquiries(connection: Connection, scope: Scope, into: Tally) -> None:
    """Count the questions before an order, and of those that have had their time the ones that led to an order."""
    of = threads.c
    cut = scope.cut(of.opened_at, of.agent, of.kind)
    into.knows(("inquiries", "inquiries_ripe", "inquiries_ordered", "inquiries_paid"), cut is not None)
    asked = [of.shop == scope.shop, of.kind == INQUIRY.name, scope.during(of.opened_at)]
    made = _orders_of(connection, scope, asked)
    ripe = to_micros(scope.now - scope.within)
    for row in connection.execute(select(label(cut), of.buyer, of.opened_at, of.closed_at, of.outcome).where(*asked)):
        part, (_, buyer, since, closed, outcome) = part_of(row, scope), row
        until = since + scope.within // _MICRO
        his = [(at, paid) for at, paid in made.get(buyer, ()) if since <= at < until]
        into.add(part, "inquiries")
        if since <= ripe:
            told = outcome == "ordered" and closed < until
            into.add(part, "inquiries_ripe")
            into.add(part, "inquiries_ordered", int(bool(his) or told))
            into.add(part, "inquiries_paid", int(any(paid is not None and paid < until for _, paid in his)))


def _orders_of(
    connection: Connection, scope: Scope, asked: list[ColumnElement[bool]]
) -> dict[str, list[tuple[int, int | None]]]:
    """When those who asked ordered and paid, by buyer. Planners do badly at joining the two by themselves."""
    of, found = orders.c, defaultdict(list)
    made = select(of.buyer, of.created_at, of.paid_at).where(
        of.shop == scope.shop,
        of.created_at >= to_micros(scope.since),
        of.created_at < to_micros(scope.until + scope.within),
        of.buyer.in_(select(threads.c.buyer).where(*asked)),
    )
    for buyer, at, paid in connection.execute(made):
        found[buyer].append((at, paid))
    return found


def reviews(connection: Connection, scope: Scope, into: Tally) -> None:
    """Count the bad reviews followed up, those whose buyer was written to, and those he made good or took away, with no
    benefit ever offered to him."""
    cut = scope.cut(threads.c.opened_at, threads.c.agent, threads.c.kind)
    written = (
        select(reached_at())
        .select_from(messages())
        .where(outbox.c.thread == threads.c.id, outbox.c.role != Role.ALERT.value, in_state(outbox, "sent"))
        .where(reached_at().is_not(None))
        .correlate(threads)
        .exists()
    )
    revised = and_(
        threads.c.outcome.in_([Rating.GOOD.value, Rating.REMOVED.value]),
        or_(buyers.c.benefit_at.is_(None), buyers.c.benefit_at > threads.c.closed_at),
    )
    buyer = and_(buyers.c.shop == threads.c.shop, buyers.c.id == threads.c.buyer)
    found = (
        select(label(cut), func.count(), number_of(written), number_of(revised))
        .outerjoin_from(threads, buyers, buyer)
        .where(threads.c.shop == scope.shop, threads.c.kind == REVIEW_REVISION.name)
        .where(scope.during(threads.c.opened_at))
        .group_by("part")
    )
    count(connection, scope, into, cut, ["reviews_followed", "reviews_answered", "reviews_revised"], found)
