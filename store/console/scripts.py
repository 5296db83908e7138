"""Orders with which scripts are tried: the latest that fit, and the one that somebody names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from followup.model import Facts
from store import schema, views

MOST = 12


@dataclass(frozen=True, slots=True)
class Picked:
    """An order that scripts are tried with, by its matter where it has one ("": none)."""

    thread: str
    shop: str
    order_id: str
    kind: str
    buyer: str
    goods: str = ""


def fitting(connection: Connection, kinds: Collection[str], shops: Collection[str], most: int = MOST) -> list[Picked]:
    """The latest matters of orders of these kinds (none: of any), in these shops (none: in all)."""
    t, b, o = schema.threads.c, schema.buyers.c, schema.orders.c
    name = func.coalesce(func.nullif(b.name, ""), t.buyer)
    statement = (
        select(t.id, t.shop, t.order_id, t.kind, name, func.coalesce(o.goods, ""))
        .outerjoin_from(schema.threads, schema.buyers, (b.shop == t.shop) & (b.id == t.buyer))
        .outerjoin(schema.orders, (o.shop == t.shop) & (o.id == t.order_id))
        .where(t.order_id != "")
        .order_by(t.opened_at.desc(), t.id)
        .limit(most)
    )
    statement = statement.where(t.kind.in_(kinds)) if kinds else statement
    statement = statement.where(t.shop.in_(shops)) if shops else statement
    return [Picked(*row) for row in connection.execute(statement)]


def named(connection: Connection, wanted: str, shops: Collection[str] = ()) -> Picked | Facts | None:
    """What is meant by an order number or a matter's id in these shops (none: in all): its newest matter, else the
    order alone, of the first shop that has it."""
    found = [each for each in views.threads_meant(connection, wanted) if not shops or each.shop in shops]
    if found:
        thread = found[-1]
        buyer = views.facts(connection, thread.order_id, thread.shop) if thread.order_id else None
        name = (buyer.order.buyer_name if buyer else "") or thread.buyer
        goods = buyer.order.goods if buyer else ""
        return Picked(thread.id, thread.shop, thread.order_id, thread.kind, name, goods)
    o = schema.orders.c
    having = select(o.shop).where(o.id == wanted).order_by(o.shop)
    theirs = connection.execute(having.where(o.shop.in_(sorted(shops))) if shops else having).scalars().first()
    return views.facts(connection, wanted, theirs) if theirs else None
