"""The floors: the same work in plain sqlite3 with hand-written SQL, in batches of 100, with the same fsync."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import time
import zlib
from datetime import UTC, datetime
from datetime import time as dt_time
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, Template

BATCH = 100


def connect(path: Path) -> sqlite3.Connection:
    """A connection with the product's own durability."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


SCHEMA = """
CREATE TABLE orders (id TEXT PRIMARY KEY, buyer TEXT, status TEXT, total TEXT, goods TEXT, created INTEGER,
  closes INTEGER);
CREATE TABLE buyers (id TEXT PRIMARY KEY, name TEXT, zone TEXT, stopped INTEGER, nudged INTEGER, nudged_by TEXT);
CREATE TABLE chats (id TEXT PRIMARY KEY, buyer TEXT, channel TEXT, address TEXT, unreachable INTEGER);
CREATE TABLE threads (id TEXT PRIMARY KEY, order_id TEXT, kind TEXT, buyer TEXT, chat TEXT, state TEXT,
  touches INTEGER, said TEXT);
CREATE TABLE reminders (id TEXT PRIMARY KEY, thread TEXT, step TEXT, due INTEGER, expires INTEGER, state TEXT);
CREATE INDEX reminders_due ON reminders (due) WHERE state = 'pending';
CREATE TABLE outbox (id TEXT PRIMARY KEY, chat TEXT, thread TEXT, text TEXT, state TEXT, created INTEGER, sent INTEGER);
CREATE TABLE decisions (seq INTEGER PRIMARY KEY, thread TEXT, step TEXT, at INTEGER, verdict TEXT, reasons TEXT,
  text TEXT);
CREATE INDEX decisions_of_thread ON decisions (thread);
"""
CLAIM = """
SELECT r.id, r.thread, r.expires, t.chat, t.touches, o.id, o.status, o.total, o.goods, o.closes,
       b.id, b.name, b.zone, b.stopped, b.nudged, c.unreachable
FROM reminders r JOIN threads t ON t.id = r.thread JOIN orders o ON o.id = t.order_id
JOIN buyers b ON b.id = t.buyer JOIN chats c ON c.id = t.chat
WHERE r.state = 'pending' AND r.due <= ? ORDER BY r.due LIMIT ?
"""
HOUR = 3_600_000_000


NOW = int(datetime(2026, 3, 2, 3, 16, tzinfo=UTC).timestamp() * 1e6)
_plain = Environment()  # noqa: S701 - words for a chat, not for a page
WORDS = _plain.from_string(
    "{{ buyer }}，您好，您拍下的{% if goods %}“{{ goods }}”{% endif %}还没有付款，共 {{ amount }}，是遇到什么问题吗？"
)
HINT = _plain.from_string("（本条由自动助手发送；不希望再收到，回“退订”即可。）")


def fire(folder: Path, count: int) -> float:
    """Seconds to claim, judge, render, send to a no-op channel and record `count` due reminders.

    It keeps the records that the product keeps (message, decision with its checks, thread, buyer's last nudge, the
    next reminder), one commit a batch; it has no lease, no `sending` state, no kinds and no languages.
    """
    db = connect(folder / "floor-fire.db")
    db.executescript(SCHEMA)
    _fill(db, shop_rows(range(count)))
    began = time.perf_counter()
    while _fire_batch(db, WORDS, HINT, NOW):
        pass
    return time.perf_counter() - began


def schedule(folder: Path, count: int) -> float:
    """Seconds to write down `count` orders with their buyers, chats, threads and reminders, one commit a batch."""
    db = connect(folder / "floor-schedule.db")
    db.executescript(SCHEMA)
    began = time.perf_counter()
    for start in range(0, count, BATCH):
        _fill(db, shop_rows(range(start, min(start + BATCH, count))))
    return time.perf_counter() - began


def shop_rows(numbers: range) -> dict[str, list[tuple[object, ...]]]:
    """What these orders are by table, each of its own buyer, with a reminder that is due."""
    return {
        "orders": [(f"o{n}", f"b{n}", "unpaid", "37.00", "羊毛围巾", NOW, NOW + 72 * HOUR) for n in numbers],
        "buyers": [(f"b{n}", "王芳", "Asia/Shanghai", None, None, "") for n in numbers],
        "chats": [(f"s/manual/b{n}", f"b{n}", "manual", f"b{n}", None) for n in numbers],
        "threads": [
            (f"s/o{n}/unpaid_order", f"o{n}", "unpaid_order", f"b{n}", f"s/manual/b{n}", "open", 0, "") for n in numbers
        ],
        "reminders": [
            (f"s/o{n}/unpaid_order/unpaid.help", f"s/o{n}/unpaid_order", "unpaid.help", NOW, NOW + 72 * HOUR, "pending")
            for n in numbers
        ],
    }


def _fill(db: sqlite3.Connection, tables: dict[str, list[tuple[object, ...]]]) -> None:
    db.execute("BEGIN")
    for table, rows in tables.items():
        db.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)  # noqa: S608
    db.execute("COMMIT")


def _fire_batch(db: sqlite3.Connection, words: Template, hint: Template, now: int) -> int:
    db.execute("BEGIN IMMEDIATE")
    due = db.execute(CLAIM, (now, BATCH)).fetchall()
    messages, decisions, threads, buyers, fired, planned = [], [], [], [], [], []
    for (
        id_,
        thread,
        expires,
        chat,
        touches,
        _,
        status,
        total,
        goods,
        _,
        buyer,
        name,
        zone,
        stopped,
        nudged,
        lost,
    ) in due:
        if not may_go(status, stopped, lost, expires, nudged, zone, now):
            continue
        text = words.render(buyer=name, goods=goods, amount=f"¥{total}") + "\n" + hint.render()
        messages.append((id_, chat, thread, text, "sent", now, send(text)))
        reasons = json.dumps([["expired", True, expires], ["quiet_hours", True, zone], ["capped", True, nudged]])
        decisions.append((thread, "unpaid.help", now, "sent", reasons, text))
        threads.append((touches + 1, f"{zlib.crc32(text.encode()):08x}", thread))
        buyers.append((now, id_, buyer))
        fired.append((id_,))
        planned.append((f"{thread}/unpaid.last_call", thread, "unpaid.last_call", now + 24 * HOUR, expires, "pending"))
    db.executemany("INSERT INTO outbox VALUES (?,?,?,?,?,?,?)", messages)
    db.executemany("INSERT INTO decisions (thread, step, at, verdict, reasons, text) VALUES (?,?,?,?,?,?)", decisions)
    db.executemany("UPDATE threads SET touches = ?, said = ? WHERE id = ?", threads)
    db.executemany("UPDATE buyers SET nudged = ?, nudged_by = ? WHERE id = ?", buyers)
    db.executemany("UPDATE reminders SET state = 'fired' WHERE id = ?", fired)
    db.executemany("INSERT INTO reminders VALUES (?,?,?,?,?,?)", planned)
    db.execute("COMMIT")
    return len(due)


def may_go(
    status: str, stopped: int | None, lost: int | None, expires: int, nudged: int | None, zone: str, now: int
) -> bool:
    if status != "unpaid" or stopped or lost or now >= expires or (nudged and now < nudged + 24 * HOUR):
        return False
    local = datetime.fromtimestamp(now / 1e6, UTC).astimezone(ZoneInfo(zone)).time()
    return dt_time(9, 0) <= local < dt_time(20, 30)


def send(text: str) -> int:
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
    db.execute(
        "CREATE TABLE orders (id TEXT PRIMARY KEY, buyer TEXT, total TEXT, status TEXT, created TEXT, paid TEXT)"
    )
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
        "INSERT INTO orders VALUES (?,?,?,?,?,?)"
        " ON CONFLICT (id) DO UPDATE SET status = excluded.status, paid = excluded.paid",
        rows,
    )
    due = [(row[0], row[4]) for row in rows if row[3] == "等待买家付款"]
    db.executemany("INSERT INTO reminders VALUES (?,?) ON CONFLICT (id) DO NOTHING", due)
    db.execute("COMMIT")
