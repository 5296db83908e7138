"""Orders that were paid, and money that was asked back. No person or kind of matter has part in either."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Connection, func, select

from store.figures.counting import label, part_of, sample
from store.figures.scope import Scope
from store.figures.tally import Tally
from store.schema import orders as orders_table
from store.schema import refunds as refunds_table


def orders(connection: Connection, scope: Scope, into: Tally) -> None:
    """Count the orders paid in the period and add up what they were worth, to the last cent."""
    of = orders_table.c
    cut = scope.cut(of.paid_at)
    into.knows(("orders_paid", "orders_valued", "order_value"), cut is not None)
    found = (
        select(label(cut), of.total_amount, of.total_currency, func.count())
        .where(of.shop == scope.shop, scope.during(of.paid_at))
        .group_by("part", of.total_amount, of.total_currency)
    )
    for row in connection.execute(found):
        part, (_, amount, currency, number) = part_of(row, scope), row
        into.add(part, "orders_paid", number)
        if currency == scope.currency:
            into.add(part, "orders_valued", number)
            into.add(part, "order_value", Decimal(amount) * number)


def refunds(connection: Connection, scope: Scope, into: Tally) -> None:
    """Count the orders of which money was asked back for the first time, and how long it took to settle refunds."""
    of = refunds_table.c
    first = select(func.min(of.requested_at).label("at")).where(of.shop == scope.shop).group_by(of.order_id).subquery()
    cut = scope.cut(first.c.at)
    into.knows(["refunds_asked"], cut is not None)
    asked = select(label(cut), func.count()).where(scope.during(first.c.at)).group_by("part")
    for row in connection.execute(asked):
        into.add(part_of(row, scope), "refunds_asked", row[1])
    cut = scope.cut(of.settled_at)
    took = select(label(cut), of.settled_at - of.requested_at).where(
        of.shop == scope.shop, scope.during(of.settled_at), of.settled_at >= of.requested_at
    )
    sample(connection, scope, into, cut, "refund_took", took)
