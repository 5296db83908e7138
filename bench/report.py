"""A report over 100,000 matters: what people wait for when they ask how the month went."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bench.shop import NOW
from bot.figures.report import Report, make
from store.codec import to_micros
from store.figures import By, Scope
from store.migrate import upgrade
from store.store import SqlStore

DAYS = 30
RUNS = 5
MONTH = Path(__file__).with_name("month.sql")


def fill(connection: Connection, count: int) -> None:
    """A month of `count` matters, each with its order, buyer, reminder, decisions, note and clock."""
    script = MONTH.read_text("utf-8").replace(":count", str(count)).replace(":now", str(to_micros(NOW)))
    for statement in script.split(";"):
        connection.exec_driver_sql(statement)


def report(store: SqlStore, by: By) -> Report:
    """The report of the month."""
    scope = Scope("s", ZoneInfo("Asia/Shanghai"), NOW - timedelta(days=DAYS), NOW, NOW, by)
    with store.engine.connect() as connection:
        return make(connection, scope)


def bench(folder: Path, count: int = 100_000) -> dict[str, object]:
    """Seconds for each cut of a report over a month of so many matters, with the comparison with those held out; `cpu`
    are those in which it was at work, whatever else the machine did."""
    url = f"sqlite:///{folder}/report.db"
    upgrade(url)
    store = SqlStore(url)
    with store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        fill(connection, count)
    raw = {by.value: [_seconds(store, by) for _ in range(RUNS)] for by in By}
    store.close()
    seconds, cpu = (max(statistics.median(run[at] for run in runs) for runs in raw.values()) for at in (0, 1))
    return {
        "seconds": seconds,
        "cpu": cpu,
        "wanted": "a report over 100,000 matters ≤ 3 s",
        "raw": {"matters": count, "seconds and cpu": raw},
    }


def _seconds(store: SqlStore, by: By) -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    report(store, by)
    return round(time.perf_counter() - began, 3), round(time.process_time() - cpu, 3)
