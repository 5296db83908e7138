"""What a person waits for in the console of a shop with 100,000 threads: the real program, and a real browser.

A page is there when the browser has drawn its first row. Cold is a browser that has nothing of ours in its cache.
"""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Connection

from followup.model import State
from store.codec import to_micros
from store.console.threads import Asked, page
from store.migrate import upgrade
from store.store import SqlStore

ORDERS, THREADS, RUNS, QUERIES = 60_000, 100_000, 20, 20
AIM_MS = 1500
SHOP = Path(__file__).with_suffix(".sql")
HUIFANG = str(Path(sys.executable).with_name("huifang"))
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
CONFIG = """\
[database]
url = "sqlite:///{folder}/huifang.db"
[scripts]
overrides = "{folder}/scripts.json"
[evidence]
folder = "{folder}/evidence"
[reports]
folder = "{folder}/reports"
handover = false
[orders]
folder = "{folder}/orders"
[http]
port = {port}
[agents]
lang = "zh-CN"
[agents.people.li]
name = "小李"
rank = "owner"
[shops.tea]
platform = "independent"
channel = "manual"
"""
NOT_OVER = frozenset(state for state in State if not state.closed)
QUESTIONS = {
    "not_over": Asked(states=NOT_OVER),
    "all": Asked(),
    "nobodys_late": Asked(states=NOT_OVER, agent="", late=True),
    "a_flag_nobody_has": Asked(flag="blue"),
    "order_number": Asked(words="TB2600001700"),
    "buyers_name": Asked(words="王芳"),
    "words_said": Asked(words="杯子碎了"),
    "nothing_found": Asked(words="不存在的词"),
}
PAGES = {
    "threads": ("/console/threads", ".tl-row"),
    "today": ("/console/today", "h1"),
    "calendar": ("/console/calendar", "h1"),
}


def fill(connection: Connection, threads: int, orders: int) -> None:
    """A shop of so many threads, up to this moment."""
    script = SHOP.read_text("utf-8")
    for name, value in {":orders": orders, ":threads": threads, ":now": to_micros(datetime.now(UTC))}.items():
        script = script.replace(name, str(value))
    for statement in script.split(";\n"):
        connection.exec_driver_sql(statement)


def queries(store: SqlStore) -> dict[str, float]:
    """Milliseconds for a page of rows with their count, the middle of several, without a browser."""
    now, found = datetime.now(UTC), {}
    for name, asked in QUESTIONS.items():
        took = []
        for _ in range(QUERIES):
            with store.engine.connect() as connection:
                began = time.perf_counter()
                page(connection, asked, now)
                took.append(time.perf_counter() - began)
        found[name] = _ms(sorted(took)[QUERIES // 2])
    return found


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The program as `huifang run` has it; yields where it serves."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    (folder / "config.toml").write_text(CONFIG.format(folder=folder, port=port), "utf-8")
    with (folder / "log.txt").open("w") as log:
        program = subprocess.Popen([HUIFANG, "run"], cwd=folder, stdout=log, stderr=log)  # noqa: S603
    try:
        url = f"http://127.0.0.1:{port}"
        _until(lambda: _answers(url))
        yield url
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait(30)


def log_in(browser: Browser, folder: Path) -> list[Any]:
    """The cookies of somebody who is logged in."""
    invited = subprocess.run(  # noqa: S603
        [HUIFANG, "console", "invite", "li"], cwd=folder, check=True, capture_output=True, text=True
    )
    link = re.search(r"http\S+", invited.stdout)
    assert link, invited.stdout
    context = browser.new_context()
    one = context.new_page()
    one.goto(link[0])
    one.get_by_role("button").first.click()
    one.wait_for_url(re.compile(r"/console/(?!login)"))
    cookies = context.cookies()
    context.close()
    return cookies


def opened(one: Page, url: str, row: str) -> float:
    """Seconds from asking for a page until its first row is drawn, by the browser's own clock."""
    one.goto(url, wait_until="commit")
    one.wait_for_selector(row)
    return _drawn(one)


def _drawn(one: Page) -> float:
    """Seconds since the page was asked for, once it has been drawn."""
    drawn = "() => new Promise(tell => requestAnimationFrame(() => setTimeout(() => tell(performance.now()), 0)))"
    return float(one.evaluate(drawn)) / 1000


def loads(browser: Browser, cookies: list[Any], url: str, row: str) -> dict[str, Any]:
    """The page in browsers that were never here, then again and again in one that was."""
    cold, warm = [], []
    for _ in range(RUNS):
        context = browser.new_context()
        context.add_cookies(cookies)
        cold.append(opened(context.new_page(), url, row))
        context.close()
    context = browser.new_context()
    context.add_cookies(cookies)
    one = context.new_page()
    opened(one, url, row)
    for _ in range(RUNS):
        warm.append(opened(one, url, row))  # noqa: PERF401
    context.close()
    return {"cold_ms": _spread(cold), "warm_ms": _spread(warm)}


def changes(browser: Browser, cookies: list[Any], url: str) -> dict[str, Any]:
    """On the open page: another kind chosen, and words looked for, until the rows are those."""
    context = browser.new_context()
    context.add_cookies(cookies)
    one = context.new_page()
    opened(one, url, ".tl-row")
    wanted = ["unpaid_order", "pending_refund"] * (RUNS // 2)
    kinds = [_seconds(lambda kind=kind: _filter(one, kind)) for kind in wanted]
    _filter(one, "")
    words = [_seconds(lambda number=number: _search(one, f"TB26000{number}")) for number in range(100, 100 + RUNS)]
    context.close()
    return {"filter_ms": _spread(kinds), "search_ms, after 350 ms without a key": _spread(words)}


def _filter(one: Page, kind: str) -> None:
    one.locator(".tl-filter select").first.select_option(kind)
    one.wait_for_url(re.compile(f"kind={kind}" if kind else r"threads$"))
    _drawn(one)


def _search(one: Page, words: str) -> None:
    one.locator(".tl-search").fill(words)
    one.wait_for_url(re.compile(f"q={words}"))
    _drawn(one)


def bench(folder: Path, threads: int = THREADS, orders: int = ORDERS) -> dict[str, object]:
    """Milliseconds until somebody sees what he asked for."""
    url = f"sqlite:///{folder}/huifang.db"
    upgrade(url)
    store = SqlStore(url)
    with store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        fill(connection, threads, orders)
    size = f"{threads} threads of {orders} orders, {RUNS} runs each"
    figures: dict[str, object] = {"shop": size, "query_ms": queries(store)}
    store.close()
    with served(folder) as at, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        cookies = log_in(browser, folder)
        for name, (path, row) in PAGES.items():
            figures[name] = loads(browser, cookies, at + path, row)
        figures["on the open page"] = changes(browser, cookies, at + PAGES["threads"][0])
        browser.close()
    return {**figures, "wanted": f"the first row of Threads in less than {AIM_MS} ms"}


def _spread(seconds: list[float]) -> dict[str, object]:
    """The middle, what 19 of 20 keep to, the worst, and all of them as they were measured."""
    known = sorted(seconds)
    at = {"p50": known[len(known) // 2], "p95": known[len(known) * 95 // 100 - 1], "worst": known[-1]}
    return {**{name: _ms(value) for name, value in at.items()}, "raw": [_ms(each) for each in seconds]}


def _seconds(does: Callable[[], None]) -> float:
    began = time.perf_counter()
    does()
    return time.perf_counter() - began


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/health", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    last = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < last
        time.sleep(0.05)
