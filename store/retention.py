"""What was kept long enough: which rows, and what becomes of them. What is open is never touched (docs/privacy.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from followup.model import Instant
from store import schema
from store.codec import to_micros
from store.personal import WHAT, What
from store.renaming import act_of
from store.schema import in_state

Key = tuple[Any, ...]
Days = Mapping[str, int]
"""By the kind of data, after how many days it goes."""
PORTION = 500
_CLOSED = ("settled", "given_up", "closed")
_DELETED = ("acts", "sessions", "invites", "tries", "links", "evidence")


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of a table that go, or are emptied, `kind` of data by which the days are set."""

    kind: str
    table: Table
    where: Callable[[int], ColumnElement[bool]]

    @property
    def keys(self) -> list[Any]:
        """The columns of the key."""
        return list(self.table.primary_key.columns)

    @property
    def emptied(self) -> list[str]:
        """The columns that are emptied; none where rows are deleted."""
        name = self.table.name
        return [] if name in _DELETED else [column for (of, column), what in WHAT.items() if of == name and _goes(what)]

    def due(self, before: Instant) -> ColumnElement[bool]:
        """Which rows have something that goes."""
        full = [func.length(self.table.c[name]) > 0 for name in self.emptied]
        where = self.where(to_micros(before))
        return and_(where, or_(*full)) if full else where


def _goes(what: What) -> bool:
    return what is What.BLANK or what is What.CODE


def _over(thread: ColumnElement[str], before: int) -> ColumnElement[bool]:
    """The thread was closed before; what belongs to none is over unless its chat's buyer is spoken with."""
    threads, tasks = schema.threads, schema.tasks
    is_open = exists().where(
        threads.c.id == thread, or_(threads.c.state.not_in(_CLOSED), threads.c.closed_at >= before)
    )
    to_do = exists().where(tasks.c.thread == thread, in_state(tasks, "open"))
    return ~is_open & ~to_do & ~_spoken_in(thread, before)


def _spoken_in(chat: ColumnElement[str], before: int) -> ColumnElement[bool]:
    """Whether a matter of the chat's buyer is open, or was until then."""
    chats, threads = schema.chats, schema.threads
    theirs = (threads.c.shop == chats.c.shop) & (threads.c.buyer == chats.c.buyer)
    going_on = or_(threads.c.state.not_in(_CLOSED), threads.c.closed_at >= before)
    return exists().where(chats.c.id == chat, theirs, going_on)


def _order_over(shop: ColumnElement[str], order: ColumnElement[str], before: int) -> ColumnElement[bool]:
    threads = schema.threads
    going_on = or_(threads.c.state.not_in(_CLOSED), threads.c.closed_at >= before)
    return ~exists().where(threads.c.shop == shop, threads.c.order_id == order, going_on)


def _of_order(table: Table, at: str) -> Callable[[int], ColumnElement[bool]]:
    c = table.c
    order = c.id if table is schema.orders else c.order_id
    return lambda before: (c[at] < before) & _order_over(c.shop, order, before)


def _buyers_gone(before: int) -> ColumnElement[bool]:
    c, orders, threads = schema.buyers.c, schema.orders.c, schema.threads.c
    bought = exists().where(orders.shop == c.shop, orders.buyer == c.id, orders.created_at >= before)
    going_on = or_(threads.state.not_in(_CLOSED), threads.closed_at >= before)
    spoken = exists().where(threads.shop == c.shop, threads.buyer == c.id, going_on)
    return ~bought & ~spoken & (c.visits_at.is_(None))


def _said(table: Table, at: str, *states: str) -> Callable[[int], ColumnElement[bool]]:
    c = table.c

    def where(before: int) -> ColumnElement[bool]:
        settled = c.state.in_(states) if states else literal(True)
        return and_(c[at] < before, settled, _over(c.thread, before))

    return where


_OUT = ("sent", "unsure", "failed", "expired", "cancelled")
_i, _r, _e = schema.inbox.c, schema.raw_events.c, schema.evidence.c


def _heard(before: int) -> ColumnElement[bool]:
    return (_i.at < before) & _over(_i.chat, before)


def _shown(before: int) -> ColumnElement[bool]:
    return (_e.at < before) & _over(_e.thread, before) & _over(_e.chat, before)


RULES = (
    Rule("words", schema.inbox, _heard),
    Rule("words", schema.outbox, _said(schema.outbox, "created_at", *_OUT)),
    Rule("words", schema.decisions, _said(schema.decisions, "at")),
    Rule("words", schema.notes, _said(schema.notes, "at")),
    Rule("words", schema.tasks, _said(schema.tasks, "created_at", "done", "not_done", "cancelled")),
    Rule("words", schema.grants, _said(schema.grants, "asked_at")),
    Rule("words", schema.promises, _said(schema.promises, "made_at")),
    Rule("events", schema.raw_events, lambda before: (_r.at < before) & in_state(schema.raw_events, "handled")),
    Rule("names", schema.orders, _of_order(schema.orders, "created_at")),
    Rule("names", schema.refunds, _of_order(schema.refunds, "requested_at")),
    Rule("names", schema.reviews, _of_order(schema.reviews, "created_at")),
    Rule("names", schema.parcels, _of_order(schema.parcels, "shipped_at")),
    Rule("names", schema.buyers, _buyers_gone),
    Rule("evidence", schema.evidence, _shown),
    Rule("acts", schema.acts, lambda before: schema.acts.c.at < before),
    Rule("logins", schema.sessions, lambda before: schema.sessions.c.expires_at < before),
    Rule("logins", schema.invites, lambda before: schema.invites.c.expires_at < before),
    Rule("logins", schema.tries, lambda before: schema.tries.c.since < before),
    Rule("logins", schema.links, lambda before: schema.links.c.expires_at < before),
)


def counted(connection: Connection, days: Days, now: Instant) -> dict[tuple[str, str], int]:
    """How many rows of which kind and table would go, or be emptied, now."""
    found = {}
    for rule in RULES:
        if days.get(rule.kind):
            pages = portions(connection, rule, now - timedelta(days=days[rule.kind]))
            found[rule.kind, str(rule.table.name)] = sum(map(len, pages))
    return found


def portions(connection: Connection, rule: Rule, before: Instant) -> Iterator[list[Key]]:
    """The keys of all rows that go, so many at a time."""
    after: Key = ()
    is_note = rule.table is schema.notes
    words = (schema.notes.c.who, schema.notes.c.text) if is_note else ()
    while rows := _page(connection, rule, before, after, words):
        after = rows[-1][: len(rule.keys)]
        # Of notes only those that hold words go, which the database cannot tell.
        if keys := [row[:1] for row in rows if _left(row[1], row[2]) != row[2]] if is_note else rows:
            yield keys


def _page(connection: Connection, rule: Rule, before: Instant, after: Key, more: Sequence[Any]) -> list[Key]:
    statement = select(*rule.keys, *more).where(rule.due(before)).order_by(*rule.keys).limit(PORTION)
    if after:
        statement = statement.where(tuple_(*rule.keys) > tuple_(*map(literal, after)))
    return [tuple(row) for row in connection.execute(statement)]


def _left(who: str, note: str) -> str:
    """What stays of a note: the act of one of the shop's people."""
    return "" if who == "buyer" else act_of(note)


def apply(connection: Connection, rule: Rule, before: Instant, keys: Sequence[Key]) -> list[str]:
    """Empty or delete rows, those that may still go; returns the files that belonged to them alone."""
    where = and_(tuple_(*rule.keys).in_(keys), rule.due(before))
    if rule.emptied:
        _empty(connection, rule, where)
        return []
    files = _files(connection, where) if rule.table is schema.evidence else []
    connection.execute(delete(rule.table).where(where))
    return [path for path in files if not _is_kept(connection, path)]


def _empty(connection: Connection, rule: Rule, where: ColumnElement[bool]) -> None:
    if rule.table is schema.notes:
        for row in connection.execute(select(schema.notes).where(where)).all():
            here = schema.notes.c.seq == row.seq
            connection.execute(update(schema.notes).where(here).values(text=_left(row.who, row.text)))
        return
    nothing = {name: b"" if name == "body" else "" for name in rule.emptied}
    connection.execute(update(rule.table).where(where).values(nothing))


def _files(connection: Connection, where: ColumnElement[bool]) -> list[str]:
    return list(connection.execute(select(schema.evidence.c.path).where(where, schema.evidence.c.path != "")).scalars())


def _is_kept(connection: Connection, path: str) -> bool:
    return connection.execute(select(schema.evidence.c.id).where(schema.evidence.c.path == path)).first() is not None
