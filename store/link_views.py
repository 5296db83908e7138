"""What people ask about links and chats: the orders of a number, whose chats they are spoken of in, which have none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, exists, select

from followup.model import Buyer, Chat, Order, Status
from store.schema import buyers, chats, orders, threads
from store.tables import KEPT

UNDER_WAY = [status.value for status in (Status.UNPAID, Status.PAID, Status.SHIPPED, Status.SIGNED)]
_agreed = exists().where(
    (chats.c.shop == orders.c.shop) & (chats.c.buyer == orders.c.buyer),
    chats.c.linked_at.is_not(None) | chats.c.last_in_at.is_not(None),
)
_tied = exists().where(
    (threads.c.shop == orders.c.shop) & (threads.c.order_id == orders.c.id),
    (chats.c.id == threads.c.chat) & chats.c.linked_at.is_not(None),
)


def orders_of(connection: Connection, id_: str) -> list[Order]:
    """The orders of that number, one a shop."""
    return _all(connection, Order, select(orders).where(orders.c.id == id_).order_by(orders.c.shop))


def buyer_of(connection: Connection, order: Order) -> Buyer:
    """Who is spoken to about an order: its buyer, or the person he turned out to be."""
    of_order = (threads.c.shop == order.shop) & (threads.c.order_id == order.id)
    who = connection.execute(select(threads.c.buyer).where(of_order).limit(1)).scalar() or order.buyer
    found = _all(connection, Buyer, select(buyers).where(buyers.c.shop == order.shop, buyers.c.id == who))
    return found[0] if found else Buyer(order.shop, who)


def chats_of(connection: Connection, buyer: Buyer) -> list[Chat]:
    """The chats of a buyer that have an address, in an order that stays."""
    of_buyer = (chats.c.shop == buyer.shop) & (chats.c.buyer == buyer.id) & (chats.c.address != "")
    return _all(connection, Chat, select(chats).where(of_buyer).order_by(chats.c.id))


def unlinked(connection: Connection, shop: str, ids: Sequence[str]) -> list[str]:
    """Of these orders (a few hundred at a time) those under way whose buyers have opened no chat."""
    under_way = orders.c.status.in_(UNDER_WAY)
    statement = select(orders.c.id).where(orders.c.shop == shop, orders.c.id.in_(ids), under_way, ~_agreed, ~_tied)
    found = set(connection.execute(statement).scalars())
    return [id_ for id_ in ids if id_ in found]


def _all(connection: Connection, cls: type, statement: Select[Any]) -> list[Any]:
    decode = KEPT[cls].codec.decode
    return [decode(row) for row in connection.execute(statement)]
