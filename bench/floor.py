"""The floors: what plain sqlite3 with hand-written SQL does for the same work, in batches of 100, with the same fsync."""

from __future__ import annotations

import csv
import io
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jinja2 import Environment

BATCH = 100


def connect(path: Path) -> sqlite3.Connection:
    """A connection with the product's own durability."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def fire(folder: Path, count: int) -> float:
    """Seconds to claim, judge, render, send to a no-op channel and record `count` due reminders."""
    db = connect(folder / "floor-fire.db")
    db.execute("CREATE TABLE reminders (id TEXT PRIMARY KEY, buyer TEXT, goods TEXT, amount TEXT, due INTEGER, state TEXT)")
    db.execute("CREATE INDEX due ON reminders (due) WHERE state = 'pending'")
    db.execute("CREATE TABLE outbox (id TEXT PRIMARY KEY, text TEXT, state TEXT, sent INTEGER)")
    rows = [(f"s/o{n}/unpaid.help", f"b{n}", "围巾", "37.00", n, "pending") for n in range(count)]
    db.execute("BEGIN")
    db.executemany("INSERT INTO reminders VALUES (?,?,?,?,?,?)", rows)
    db.execute("COMMIT")
    template = Environment().from_string("您好，{{ buyer }}，您拍下的{{ goods }}还没有付款，共 {{ amount }} 元，是遇到什么问题了吗？")
    opens, zone = timedelta(hours=9), timedelta(hours=8)
    began = time.perf_counter()
    while _fire_batch(db, template.render, opens, zone):
        pass
    return time.perf_counter() - began


def _fire_batch(db: sqlite3.Connection, render: object, opens: timedelta, zone: timedelta) -> int:
    db.execute("BEGIN IMMEDIATE")
    due = db.execute(
        "SELECT id, buyer, goods, amount FROM reminders WHERE state = 'pending' ORDER BY due LIMIT ?", (BATCH,)
    ).fetchall()
    done = []
    for id_, buyer, goods, amount in due:
        local = datetime(2026, 3, 2, 3, 16, tzinfo=UTC) + zone
        if opens <= timedelta(hours=local.hour, minutes=local.minute) < timedelta(hours=20, minutes=30):
            text = render(buyer=buyer, goods=goods, amount=amount)  # type: ignore[operator]
            done.append((id_, text, "sent", _send(text)))
    db.executemany("INSERT INTO outbox VALUES (?,?,?,?)", done)
    db.executemany("UPDATE reminders SET state = 'fired' WHERE id = ?", [(row[0],) for row in done])
    db.execute("COMMIT")
    return len(due)


def _send(text: str) -> int:
    return len(text)


def inbound(folder: Path, count: int, group: int = 32) -> float:
    """Seconds to find the thread, classify by a word, store and reply to `count` messages, `group` a commit."""
    db = connect(folder / "floor-inbound.db")
    db.execute("CREATE TABLE threads (chat TEXT PRIMARY KEY, state TEXT, seen INTEGER)")
    db.execute("CREATE TABLE inbox (id TEXT PRIMARY KEY, chat TEXT, text TEXT)")
    db.execute("CREATE TABLE outbox (id TEXT PRIMARY KEY, chat TEXT, text TEXT)")
    db.executemany("INSERT INTO threads VALUES (?,?,0)", [(f"c{n}", "open") for n in range(64)])
    began = time.perf_counter()
    for start in range(0, count, group):
        db.execute("BEGIN IMMEDIATE")
        for n in range(start, min(start + group, count)):
            chat, text = f"c{n % 64}", "好的，明天付"
            db.execute("SELECT state FROM threads WHERE chat = ?", (chat,)).fetchone()
            answer = "later" if "明天" in text else "other"
            db.execute("INSERT INTO inbox VALUES (?,?,?)", (f"m{n}", chat, text))
            db.execute("UPDATE threads SET seen = seen + 1 WHERE chat = ?", (chat,))
            db.execute("INSERT INTO outbox VALUES (?,?,?)", (f"r{n}", chat, answer))
        db.execute("COMMIT")
    return time.perf_counter() - began


def import_rows(folder: Path, export: Path) -> tuple[int, float]:
    """Rows, and seconds to parse, upsert and schedule them."""
    db = connect(folder / "floor-import.db")
    db.execute("CREATE TABLE orders (id TEXT PRIMARY KEY, buyer TEXT, total TEXT, status TEXT, created TEXT, paid TEXT)")
    db.execute("CREATE TABLE reminders (id TEXT PRIMARY KEY, due TEXT)")
    began = time.perf_counter()
    text = io.TextIOWrapper(export.open("rb"), encoding="gb18030", newline="")
    reader = csv.reader(text)
    header = {name.strip(): at for at, name in enumerate(next(reader))}
    at = [header[name] for name in ("订单编号", "买家会员名", "总金额", "订单状态", "订单创建时间", "订单付款时间")]
    rows, count = [], 0
    for cells in reader:
        rows.append(tuple(cells[i] for i in at))
        count += 1
        if len(rows) == BATCH:
            _upsert(db, rows)
            rows = []
    _upsert(db, rows)
    return count, time.perf_counter() - began


def _upsert(db: sqlite3.Connection, rows: list[tuple[str, ...]]) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.executemany(
        "INSERT INTO orders VALUES (?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET status = excluded.status, paid = excluded.paid",
        rows,
    )
    due = [(row[0], row[4]) for row in rows if row[3] == "等待买家付款"]
    db.executemany("INSERT INTO reminders VALUES (?,?) ON CONFLICT (id) DO NOTHING", due)
    db.execute("COMMIT")
