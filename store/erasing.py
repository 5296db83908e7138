"""Taking one buyer out of every table: what is personal is blanked, his ids give way to pseudonyms, figures stay."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Engine, Table, case, delete, false, func, or_, select, update
from sqlalchemy.exc import DBAPIError

from followup import webchat
from followup.desk.places import DESK_FILES
from followup.model import Instant, Outgoing
from store import schema
from store.codec import to_micros
from store.him import Him, Row
from store.personal import GONE, OF_NOBODY, WHAT, What
from store.renaming import Renamed, any_of
from store.schema import metadata
from store.suppression import said_stop
from store.tables import KEPT


def in_flight(connection: Connection, him: Him) -> int:
    """How many messages to him are being sent at this moment, of which nobody knows yet what becomes of them."""
    c = schema.outbox.c
    return connection.execute(
        select(func.count()).where(schema.in_state(schema.outbox, "sending"), _his_messages(him), c.role != "alert")
    ).scalar_one()


def files_of(connection: Connection, him: Him) -> list[str]:
    """The files below the folder of evidence that he sent or that people sent him, and that nobody else's are too; and
    the folders of his web chats."""
    c = schema.evidence.c
    paths = set(connection.execute(select(c.path).where(_of(schema.evidence, him), c.path != "")).scalars())
    others = select(c.path).where(c.path.in_(list(paths)), ~_of(schema.evidence, him))
    said = _desk_files(connection, _his_messages(him))
    shared = _desk_files(connection, ~_his_messages(him)) if said else set()
    photos = {webchat.photos_of(chat.channel, chat.address) for chat in him.chats if webchat.is_address(chat.address)}
    return sorted((paths - set(connection.execute(others).scalars())) | (said - shared) | photos)


def _desk_files(connection: Connection, where: ColumnElement[bool]) -> set[str]:
    """What people sent from their group in these messages, below the folder of evidence."""
    c = schema.outbox.c
    sent = connection.execute(select(schema.outbox).where(where, c.attachments.contains(DESK_FILES)))
    files = (PurePath(each.ref) for row in sent for each in KEPT[Outgoing].codec.decode(row).attachments)
    return {f"{DESK_FILES}/{file.name}" for file in files if file.parent.name == DESK_FILES}


def blank(connection: Connection, him: Him, names: Mapping[str, str], at: Instant) -> Renamed:
    """Take him out of every table; returns how he is called since. `names` are the pseudonyms of his accounts and
    addresses."""
    renamed = Renamed(him, names)
    with for_good(connection):
        for name in GONE:
            table = metadata.tables[name]
            connection.execute(delete(table).where(_of(table, him)))
        for table in metadata.sorted_tables:
            if table.name not in (*GONE, *OF_NOBODY):
                _blank_table(connection, table, him, renamed)
        _stop(connection, him.shop, renamed, at)
        _blank_desk(connection, him, renamed)
        _empty_raws(connection, him, renamed)
    return renamed


@contextmanager
def for_good(connection: Connection) -> Iterator[None]:
    """What is overwritten or deleted meanwhile is overwritten on the disk too, where SQLite would leave it."""
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")


def settle(engine: Engine) -> None:
    """Have the journal of SQLite forget what it was; where somebody reads at this moment it does so later."""
    if engine.dialect.name == "sqlite":
        _on_sqlite(engine, "PRAGMA wal_checkpoint(TRUNCATE)")


def scrub(engine: Engine) -> bool:
    """Have the database forget for good what rows held before: SQLite is written anew, so that nothing is in freed
    pages or in its journal; PostgreSQL lets go of dead rows and of the samples it plans by. False if somebody was in
    the way or there is no room: it is to be tried again."""
    try:
        if engine.dialect.name == "sqlite":
            return _on_sqlite(engine, "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")
    except (DBAPIError, sqlite3.OperationalError):
        return False
    return True


def _on_sqlite(engine: Engine, *statements: str) -> bool:
    """Returns whether the journal is empty."""
    connection = engine.raw_connection()
    try:
        rows = [connection.cursor().execute(statement).fetchone() for statement in statements]
    finally:
        connection.close()
    return bool(rows[-1]) and rows[-1][0] == 0


def forget_requests(connection: Connection, names: Sequence[str]) -> None:
    """Delete cursors of these names."""
    with for_good(connection):
        connection.execute(delete(schema.cursors).where(schema.cursors.c.name.in_(names)))


def cursors_from(connection: Connection, prefix: str) -> dict[str, str]:
    """The cursors whose names begin so."""
    c = schema.cursors.c
    rows = connection.execute(select(schema.cursors).where(c.name.startswith(prefix, autoescape=True)))
    return {row.name: row.value for row in rows}


def _blank_table(connection: Connection, table: Table, him: Him, renamed: Renamed) -> None:
    keys = list(table.primary_key.columns)
    for row in connection.execute(select(table).where(_of(table, him))).mappings().all():
        changed = _changed(table.name, dict(row), renamed)
        if changed:
            _replace(connection, table, keys, dict(row), changed)


def _changed(table: str, row: Row, renamed: Renamed) -> Row:
    how: dict[What, Callable[[str], Any]] = {
        What.BLANK: lambda _: "",
        What.ID: renamed.id,
        What.IDS: renamed.ids,
        What.CODE: renamed.code,
        What.JSON: renamed.json,
    }
    new = {name: how[what](row[name]) for (of, name), what in WHAT.items() if of == table and what in how}
    return {name: value for name, value in new.items() if value != row[name]}


def _replace(connection: Connection, table: Table, keys: list[Column[Any]], row: Row, changed: Row) -> None:
    """Change a row; where one of the new key is there since an earlier erasing, this one goes."""
    here = [key == row[key.name] for key in keys]
    there = [key == changed.get(key.name, row[key.name]) for key in keys]
    moves = any(key.name in changed for key in keys)
    if moves and connection.execute(select(func.count()).select_from(table).where(*there)).scalar_one():
        connection.execute(delete(table).where(*here))
    else:
        connection.execute(update(table).where(*here).values(changed))


def _stop(connection: Connection, shop: str, renamed: Renamed, at: Instant) -> None:
    """Nothing goes to him any more, and no clock runs; if he had said stop himself, he did so when he did."""
    moment, buyers, chats = to_micros(at), schema.buyers, schema.chats
    his, said_so = buyers.c.id.in_(renamed.accounts), said_stop(buyers.c.opted_out_at, shop)
    stopped = case((said_so, buyers.c.opted_out_at), else_=moment)
    connection.execute(update(buyers).where(his).values(opted_out_at=stopped, visits_at=None))
    connection.execute(update(chats).where(chats.c.id.in_(renamed.chats)).values(unreachable_at=moment))


def _blank_desk(connection: Connection, him: Him, renamed: Renamed) -> None:
    """What messages to the shop's people say of him that are about several buyers: alerts, handovers, digests."""
    outbox = schema.outbox
    merged = select(outbox).where(outbox.c.shop == him.shop, outbox.c.role == "alert", outbox.c.about == "")
    keys = list(outbox.primary_key.columns)
    for row in connection.execute(merged).mappings().all():
        if renamed.id(row["text"]) != row["text"] or him.is_named_in(row["text"]):
            words = "…" if row["state"] in ("due", "sending") else ""
            _replace(connection, outbox, keys, dict(row), {"text": words, "attachments": ""})


def _empty_raws(connection: Connection, him: Him, renamed: Renamed) -> None:
    """Nothing needs the bodies of what was handled: they go, whoever they are of. What waits or was put aside goes if
    it is his."""
    raws = schema.raw_events
    connection.execute(update(raws).where(schema.in_state(raws, "handled")).values(body=b""))
    addresses = [chat.address for chat in him.chats if chat.address]
    _rename_raws(connection, him, renamed)
    his = re.compile(any_of([*addresses, *him.accounts]).pattern.encode("utf-8", "surrogatepass"))
    left = select(raws.c.seq, raws.c.body).where(schema.in_state(raws, "waiting", "put_aside"))
    for row in connection.execute(left).all():
        if his.search(bytes(row.body)):
            gone = {"body": b"", "state": "handled", "error": "", "retry_at": None}
            connection.execute(update(raws).where(raws.c.seq == row.seq).values(gone))


def _rename_raws(connection: Connection, him: Him, renamed: Renamed) -> None:
    """The ids of what a web chat heard begin with its address."""
    c = schema.raw_events.c
    for chat in him.chats:
        if webchat.is_address(chat.address):
            begins = c.external_id.startswith(f"{chat.address}.", autoescape=True)
            for row in connection.execute(select(c.seq, c.external_id).where(c.channel == chat.channel, begins)).all():
                new = {"external_id": renamed.id(row.external_id)}
                connection.execute(update(schema.raw_events).where(c.seq == row.seq).values(new))


def _of(table: Table, him: Him) -> ColumnElement[bool]:
    """Which rows of a table are his."""
    c, chats = table.c, [chat.id for chat in him.chats]
    if table.name == "outbox":
        return _his_messages(him)
    if table.name == "links":
        return or_(c.chat.in_(chats), (c.shop == him.shop) & c.order_id.in_(list(him.orders)))
    if table.name == "tries":
        subjects = [*(f"chat/{chat}" for chat in chats), *(f"order/{order}" for order in him.orders)]
        return (c.shop == him.shop) & c.subject.in_(subjects)
    if table.name == "handovers":
        return c.shop == him.shop
    if table.name == "acts":
        called = (each for each in (*him.accounts, *(chat.address for chat in him.chats)) if each)
        named = or_(false(), *(c.about.contains(each, autoescape=True) for each in sorted(called)))
        return c.about.contains(f"{him.shop}/", autoescape=True) & named
    terms = [c.id.in_(list(him.orders))] if table.name == "orders" else []
    terms += [c.id.in_(list(him.accounts))] if table.name == "buyers" else []
    terms += [c.order_id.in_(list(him.orders))] if table.name in ("refunds", "reviews", "parcels") else []
    terms += [c.id.in_(list(him.threads))] if table.name == "threads" else []
    terms += [c.id.in_(chats)] if table.name == "chats" else []
    terms += [c.chat.in_(chats)] if table.name in ("inbox", "evidence") else []
    terms += [c.thread.in_(him.matters)] if "thread" in c and table.name != "threads" else []
    his = or_(false(), *terms)
    return (c.shop == him.shop) & his if "shop" in c else his


def _his_messages(him: Him) -> ColumnElement[bool]:
    c = schema.outbox.c
    chats = [chat.id for chat in him.chats]
    return or_(c.thread.in_(him.matters), c.about.in_(him.matters), c.chat.in_(chats))
