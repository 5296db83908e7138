"""The shop `tea` that tests look at: a `huifang run` of its own on a SQLite file, this process the world around it.

What happens to the shop (orders, buyers' words) is handled here with the same handlers on the same file; the program
notices as it notices any other process.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import urlopen

from playwright.sync_api import Page
from sqlalchemy import func, select

from bot.app import App, bootstrap
from bot.config import load
from followup.events import MessageReceived, OrderChanged, chat_id
from followup.model import (
    Chat,
    Instant,
    Money,
    Order,
    OutgoingState,
    Parcel,
    ParcelStatus,
    Rating,
    RawState,
    Refund,
    RefundStatus,
    ReminderState,
    Review,
    Status,
)
from handlers import buyer_message, order_changed
from store import schema
from store.codec import to_micros
from store.store import SqlStore
from tests.ports import free_port

HUIFANG = str(Path(sys.executable).with_name("huifang"))
CONFIG = """\
# The shop of the browser's tests.
[database]
url = "sqlite:///{folder}/var/huifang.db"

[scripts]
overrides = "{folder}/var/scripts.json"

[evidence]
folder = "{folder}/var/evidence"

[http]
port = {port}

[agents]
lang = "en"

[agents.people.li]
name = "Li"
rank = "agent"

[agents.people.wang]
name = "Wang"
rank = "supervisor"

[agents.people.chen]
name = "Chen"
rank = "owner"

[channels.chat]
type = "webchat"

[shops.tea]
platform = "independent"
channel = "chat"
lang = "en"
zone = "Asia/Shanghai"

[shops.tea.quiet_hours]
opens = "00:00"  # tests run at all hours
closes = "23:59:59"

[shops.tea.shifts.all]
opens = "00:00"
closes = "00:00"
"""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAMES = ("Anna Lin", "Bo Zhou", "Carla He", "Dan Wu", "Eva Chen", "Finn Zheng", "Gina Sun", "Hugo Ma")
LOGIN = re.compile(r"http\S+/console/login\S*")
PATIENCE, SOON = 60.0, timedelta(seconds=10)


class TeaShop:
    """`url` is where the program serves; `store` and `deps` are this process's own on the same database."""

    def __init__(self, folder: Path, config: str = CONFIG) -> None:
        self.folder, port = folder, free_port()
        self.url = f"http://127.0.0.1:{port}"
        (folder / "config.toml").write_text(config.format(port=port, folder=folder), encoding="utf-8")
        self._numbers, self._logins = count(1), {}
        self._process: subprocess.Popen[str] | None = None
        self.app: App

    @property
    def store(self) -> SqlStore:
        return self.app.store

    @property
    def deps(self) -> Any:
        return self.app.deps

    def __enter__(self) -> Self:
        self.app = bootstrap(load(self.folder / "config.toml"), speaking=False)
        self.fill()
        self.start()
        self.rests()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        self.app.close()

    def start(self) -> None:
        """The program runs, and answers."""
        with (self.folder / "log.txt").open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen([HUIFANG, "run"], cwd=self.folder, stderr=log, stdout=log, text=True)
        self.until(self._answers)

    def stop(self, signum: int = signal.SIGTERM) -> None:
        """The program ends."""
        assert self._process
        self._process.send_signal(signum)
        self._process.wait(PATIENCE)

    def log(self) -> str:
        """What it wrote to its log."""
        return (self.folder / "log.txt").read_text(encoding="utf-8")

    def until(self, true: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until something is true."""
        last = time.monotonic() + seconds
        while not true():
            assert self._process is None or self._process.poll() is None, self.log()
            assert time.monotonic() < last, f"not within {seconds} s\n{self.log()[-2000:]}"
            time.sleep(0.05)

    def rests(self) -> None:
        """Wait until the program has done what is due, and nothing is due soon: what is read then stays so."""
        self.until(lambda: not any(self._due(now() + SOON)))

    def _due(self, at: Instant) -> list[int]:
        """How many reminders, messages and events of channels wait for a moment before this one."""
        reminders, outbox, raws = schema.reminders.c, schema.outbox.c, schema.raw_events.c
        statements = (
            (reminders.state == ReminderState.PENDING.value, reminders.due_at < to_micros(at)),
            (outbox.state.in_([OutgoingState.DUE.value, OutgoingState.SENDING.value]), outbox.due_at < to_micros(at)),
            (raws.state == RawState.WAITING.value,),
        )
        with self.store.engine.connect() as connection:
            return [connection.execute(select(func.count()).where(*each)).scalar_one() for each in statements]

    def type_in(self, *words: str) -> str:
        """What another command in the same folder prints."""
        done = subprocess.run([HUIFANG, *words], cwd=self.folder, capture_output=True, text=True, check=False)
        assert 0 == done.returncode, done.stderr
        return done.stdout

    def login(self, page: Page, who: str = "li") -> Page:
        """Log somebody in by an invitation; a second time by the cookies of the first."""
        if who not in self._logins:
            link = LOGIN.search(self.type_in("console", "invite", who))
            assert link
            page.goto(link[0])
            page.get_by_role("button").first.click()
            page.wait_for_url(re.compile(r"/console/(?!login)"))
            self._logins[who] = page.context.cookies()
        page.context.add_cookies(self._logins[who])
        return page

    def order(self, number: int, status: Status = Status.UNPAID, age: timedelta = HOUR, **more: Any) -> Order:
        """An order of its own buyer, who has a chat."""
        at = now() - age
        name = NAMES[number % len(NAMES)]
        order = Order("tea", f"{7000 + number}", f"buyer{number}", status, Money(Decimal("68.00")), at, now())
        order = replace(order, goods="Spring tea, 250 g", buyer_name=name, phone_tail=f"{1000 + number}", **more)
        if status is not Status.UNPAID:
            order = replace(order, paid_at=order.paid_at or at)
        address = f"w-{number:032x}"
        chat = Chat(chat_id("tea", "chat", address), "tea", order.buyer, "chat", address, linked_at=at)
        self.store.run(lambda tx: tx.save(chat))
        return order

    def happens(self, event: OrderChanged) -> None:
        """The shop's records say something."""
        self.store.run(lambda tx: order_changed.order_changed(event, tx, self.deps, now()), order_changed.wanted(event))

    def says(self, number: int, text: str, **more: Any) -> str:
        """The buyer of that order writes; returns the id of his chat."""
        id_ = f"t{next(self._numbers)}-{time.monotonic_ns()}"
        event = MessageReceived("tea", "chat", f"w-{number:032x}", id_, text, now(), **more)
        self.store.run(lambda tx: buyer_message.buyer_message(event, tx, self.deps, now()), buyer_message.wanted(event))
        return event.chat

    def fill(self) -> None:
        """Matters of every kind, some with words of their buyers."""
        for number in range(1, 5):
            self.happens(OrderChanged(self.order(number)))
        self.says(2, "I will pay tomorrow at 10 am")
        self._refund(5)
        self.says(5, "Why does it take so long?")
        self._refund(6, RefundStatus.RETURNING)
        bad = self.order(7, Status.FINISHED, 3 * DAY)
        review = Review("tea", "V7", bad.id, Rating.BAD, now() - HOUR, now(), "The lid leaks and nobody answers me.")
        self.happens(OrderChanged(bad, (), (review,)))
        self._stuck(8)
        for number in (9, 10):
            self.happens(OrderChanged(self.order(number, Status.SIGNED, 4 * DAY, shipped_at=now() - 3 * DAY)))
        self.says(9, "The cup arrived broken, I want my money back")
        self.says(10, "I want to talk to a person please")
        paid = self.order(11, age=2 * HOUR)
        self.happens(OrderChanged(paid))
        self.happens(OrderChanged(replace(paid, status=Status.PAID, paid_at=now(), observed_at=now())))

    def _refund(self, number: int, status: RefundStatus = RefundStatus.REQUESTED) -> None:
        order = self.order(number, Status.PAID, DAY)
        refund = Refund("tea", f"R{number}", order.id, status, order.total, now() - HOUR, now(), reason="Too late")
        self.happens(OrderChanged(order, (refund,)))

    def _stuck(self, number: int) -> None:
        order = self.order(number, Status.SHIPPED, 7 * DAY, shipped_at=now() - 6 * DAY, tells_shipping=True)
        seen = now() - 5 * DAY
        parcel = Parcel(
            "tea", f"SF10{number}", order.id, ParcelStatus.ON_ITS_WAY, seen, now(), "SF Express", seen, "Hub"
        )
        self.happens(OrderChanged(order, parcels=(parcel,)))

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def now() -> Instant:
    """The machine's time."""
    return datetime.now(UTC)
