"""The floors on PostgreSQL: the work and the records of bench/floor.py in hand-written SQL, one connection, fsync on.

A batch of 100 is one statement a table, for here a statement costs a round trip.
"""

from __future__ import annotations

import json
import time
import zlib
from typing import Any

from bench.floor import BATCH, HINT, HOUR, NOW, WORDS, may_go, send, shop_rows

SCHEMA = """
CREATE TABLE orders (id TEXT PRIMARY KEY, buyer TEXT, status TEXT, total TEXT, goods TEXT, created BIGINT,
  closes BIGINT);
CREATE TABLE buyers (id TEXT PRIMARY KEY, name TEXT, zone TEXT, stopped BIGINT, nudged BIGINT, nudged_by TEXT);
CREATE TABLE chats (id TEXT PRIMARY KEY, buyer TEXT, channel TEXT, address TEXT, unreachable BIGINT);
CREATE TABLE threads (id TEXT PRIMARY KEY, order_id TEXT, kind TEXT, buyer TEXT, chat TEXT, state TEXT,
  touches BIGINT, said TEXT);
CREATE TABLE reminders (id TEXT PRIMARY KEY, thread TEXT, step TEXT, due BIGINT, expires BIGINT, state TEXT);
CREATE INDEX reminders_due ON reminders (due) WHERE state = 'pending';
CREATE TABLE outbox (id TEXT PRIMARY KEY, chat TEXT, thread TEXT, text TEXT, state TEXT, created BIGINT, sent BIGINT);
CREATE TABLE decisions (seq BIGSERIAL PRIMARY KEY, thread TEXT, step TEXT, at BIGINT, verdict TEXT, reasons TEXT,
  text TEXT);
CREATE INDEX decisions_of_thread ON decisions (thread);
"""
TYPES = {
    "orders": "text text text text text bigint bigint",
    "buyers": "text text text bigint bigint text",
    "chats": "text text text text bigint",
    "threads": "text text text text text text bigint text",
    "reminders": "text text text bigint bigint text",
    "outbox": "text text text text text bigint bigint",
    "decisions": "text text bigint text text text",
}
CLAIM = """
SELECT r.id, r.thread, r.expires, t.chat, t.touches, o.status, o.total, o.goods, b.id, b.name, b.zone, b.stopped,
       b.nudged, c.unreachable
FROM reminders r JOIN threads t ON t.id = r.thread JOIN orders o ON o.id = t.order_id
JOIN buyers b ON b.id = t.buyer JOIN chats c ON c.id = t.chat
WHERE r.state = 'pending' AND r.due <= %s ORDER BY r.due LIMIT %s FOR UPDATE OF c SKIP LOCKED
"""
THREADS = """
UPDATE threads SET touches = new.touches, said = new.said
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (touches, said, id) WHERE threads.id = new.id
"""
BUYERS = """
UPDATE buyers SET nudged = new.nudged, nudged_by = new.nudged_by
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (nudged, nudged_by, id) WHERE buyers.id = new.id
"""
FIRED = "UPDATE reminders SET state = 'fired' WHERE id = ANY(%s)"
Rows = list[tuple[Any, ...]]


def connect(url: str) -> Any:
    """A connection as the product's driver makes it."""
    import psycopg

    return psycopg.connect(url)


def schedule(url: str, count: int) -> float:
    """Seconds to write down `count` orders, buyers, chats, threads and reminders, due now, one commit a batch."""
    with connect(url) as db:
        db.execute(SCHEMA)
        db.commit()
        began = time.perf_counter()
        for start in range(0, count, BATCH):
            for table, rows in shop_rows(range(start, min(start + BATCH, count))).items():
                _insert(db, table, rows)
            db.commit()
        return time.perf_counter() - began


def fire(url: str) -> float:
    """Seconds to claim, judge, render, send to a no-op channel and record all that `schedule` has written down."""
    with connect(url) as db:
        db.execute("ANALYZE")
        db.commit()

        began = time.perf_counter()
        while _fire_batch(db, NOW):
            pass
        return time.perf_counter() - began


def _fire_batch(db: Any, now: int) -> int:
    due = db.execute(CLAIM, (now, BATCH)).fetchall()
    messages, decisions, threads, buyers, fired, planned = _records(due, now)
    if fired:
        _insert(db, "outbox", messages)
        _insert(db, "decisions", decisions, " (thread, step, at, verdict, reasons, text)")
        db.execute(THREADS, _columns(threads))
        db.execute(BUYERS, _columns(buyers))
        db.execute(FIRED, (fired,))
        _insert(db, "reminders", planned)
    db.commit()
    return len(due)


def _records(due: Rows, now: int) -> tuple[Rows, Rows, Rows, Rows, list[str], Rows]:
    messages, decisions, threads, buyers, fired, planned = [], [], [], [], [], []
    for id_, thread, expires, chat, touches, status, total, goods, buyer, name, zone, stopped, nudged, lost in due:
        if not may_go(status, stopped, lost, expires, nudged, zone, now):
            continue
        text = WORDS.render(buyer=name, goods=goods, amount=f"¥{total}") + "\n" + HINT.render()
        messages.append((id_, chat, thread, text, "sent", now, send(text)))
        reasons = json.dumps([["expired", True, expires], ["quiet_hours", True, zone], ["capped", True, nudged]])
        decisions.append((thread, "unpaid.help", now, "sent", reasons, text))
        threads.append((touches + 1, f"{zlib.crc32(text.encode()):08x}", thread))
        buyers.append((now, id_, buyer))
        fired.append(id_)
        planned.append((f"{thread}/unpaid.last_call", thread, "unpaid.last_call", now + 24 * HOUR, expires, "pending"))
    return messages, decisions, threads, buyers, fired, planned


def _insert(db: Any, table: str, rows: Rows, columns: str = "") -> None:
    arrays = ", ".join(f"%s::{kind}[]" for kind in TYPES[table].split())
    db.execute(f"INSERT INTO {table}{columns} SELECT * FROM unnest({arrays})", _columns(rows))  # noqa: S608


def _columns(rows: Rows) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
