"""Who one buyer is: all accounts, chats, threads and orders under which he is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Table, or_, select

from followup.events import thread_id
from followup.kinds import KINDS
from followup.model import Chat
from store import schema
from store.tables import KEPT

Row = dict[str, Any]


@dataclass(frozen=True)
class Him:
    """Everything by which one `buyer` is known: his accounts in the shop, which are one person's, for he linked a chat
    to orders of each; his chats, threads and orders, and the names he goes by."""

    shop: str
    buyer: str
    accounts: frozenset[str]
    chats: tuple[Chat, ...]
    threads: frozenset[str]
    orders: frozenset[str]
    names: frozenset[str]

    @cached_property
    def matters(self) -> list[str]:
        """What his rows call their thread: a thread, one that his orders may have, or a chat in which nothing is
        followed up."""
        planned = {thread_id(self.shop, order, kind) for order in self.orders for kind in KINDS}
        return sorted({*self.threads, *planned, *(chat.id for chat in self.chats)})

    def is_named_in(self, text: str) -> bool:
        """Whether a text names him, an account or address of his, or an order. Chinese characters may stand beside it;
        a name of one letter says nothing."""
        names = (name for name in self.names if len(name) > 1)
        addresses = (chat.address for chat in self.chats if chat.address)
        words = sorted({*names, *self.orders, *self.accounts, *addresses})
        found = rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)"
        return re.search(found, text, re.ASCII) is not None

    @cached_property
    def subjects(self) -> list[str]:
        """By what he is known again: each account, and each address with its channel."""
        chats = {f"{chat.channel}/{chat.address}" for chat in self.chats if chat.address}
        return sorted({*(who for who in self.accounts if not who.startswith(f"{self.shop}/")), *chats})


def find(connection: Connection, shop: str, buyer: str) -> Him:
    """All that is known of a buyer, under whichever account he came."""
    accounts, orders = {buyer}, set[str]()
    while True:
        before = (len(accounts), len(orders))
        chats = _chats(connection, shop, accounts)
        accounts |= {chat.id for chat in chats}
        threads = _rows(connection, schema.threads, shop, accounts, orders, "order_id")
        found = _rows(connection, schema.orders, shop, accounts, {row["order_id"] for row in threads} - {""}, "id")
        accounts |= {row["buyer"] for row in (*threads, *found)} - {""}
        orders |= {row["id"] for row in found}
        if (len(accounts), len(orders)) == before:
            break
    ids = {row["id"] for row in threads}
    names = {row["buyer_name"] for row in found} | _names(connection, shop, accounts)
    of = (frozenset(ids), frozenset(orders), frozenset(names - {""}))
    return Him(shop, buyer, frozenset(accounts), tuple(chats), *of)


def _chats(connection: Connection, shop: str, accounts: Iterable[str]) -> list[Chat]:
    c = schema.chats.c
    his = (c.shop == shop) & c.buyer.in_(list(accounts))
    rows = connection.execute(select(schema.chats).where(his).order_by(c.id))
    return [KEPT[Chat].codec.decode(row) for row in rows]


def _rows(
    connection: Connection, table: Table, shop: str, accounts: Iterable[str], orders: Iterable[str], order: str
) -> list[Row]:
    c = table.c
    his = or_(c.buyer.in_(list(accounts)), c[order].in_(list(orders)))
    return [dict(row) for row in connection.execute(select(table).where(c.shop == shop, his)).mappings()]


def _names(connection: Connection, shop: str, accounts: Iterable[str]) -> set[str]:
    c = schema.buyers.c
    return set(connection.execute(select(c.name).where(c.shop == shop, c.id.in_(list(accounts)))).scalars())


def is_chat(connection: Connection, id_: str) -> bool:
    """Whether there is a chat of that id."""
    return connection.execute(select(schema.chats.c.id).where(schema.chats.c.id == id_)).first() is not None


def subjects_of(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Everybody a database knows: shop, id, and each account, and address with its channel, by which he is known."""
    orders, buyers, chats = schema.orders.c, schema.buyers.c, schema.chats.c
    for statement in (select(orders.shop, orders.buyer).distinct(), select(buyers.shop, buyers.id)):
        for shop, buyer in connection.execute(statement):
            yield shop, buyer, buyer
    for row in connection.execute(select(chats.shop, chats.buyer, chats.channel, chats.address)):
        if row.address:
            yield row.shop, row.buyer, f"{row.channel}/{row.address}"


def buyers_named(connection: Connection, name: str) -> list[tuple[str, str]]:
    """Who is meant, as (shop, id), by an id of a buyer, an order's number, or the id of a thread or a chat."""
    orders, threads, chats, buyers = schema.orders.c, schema.threads.c, schema.chats.c, schema.buyers.c
    asked = (
        *(select(c.shop, c.buyer).where(c.buyer == name) for c in (orders, threads, chats)),
        select(buyers.shop, buyers.id).where(buyers.id == name),
        select(orders.shop, orders.buyer).where(orders.id == name),
        *(select(c.shop, c.buyer).where(c.id == name) for c in (threads, chats)),
    )
    return sorted({(shop, buyer) for statement in asked for shop, buyer in connection.execute(statement)})
