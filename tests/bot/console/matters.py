"""A shop of one configuration file, with a desk of the console to look at its threads without a browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from bot.app import App, bootstrap
from bot.config import load
from bot.console.desk import Desk, Visit
from bot.console.live import Live
from bot.console.matter import Matter, look
from bot.console.presence import Presence
from followup.events import MessageReceived, OrderChanged, chat_id, thread_id
from followup.model import Instant, Money, Order, Status
from handlers import buyer_message, order_changed
from handlers.reminder_due import fire_due
from scheduler.clock import FakeClock

NOON = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)  # 14:00 in Shanghai
CONFIG = """\
[database]
url = "sqlite:///{folder}/huifang.db"

[scripts]
overrides = "{folder}/scripts.json"

[evidence]
folder = "{folder}/evidence"

[agents]
lang = "en"

[agents.people.li]
name = "Li"

[agents.people.wang]
name = "Wang"
rank = "supervisor"

[agents.people.far]
name = "Far"
shops = ["books"]

[shops.tea]
platform = "independent"
lang = "en"
zone = "Asia/Shanghai"

[shops.books]
platform = "independent"
lang = "en"
zone = "Asia/Shanghai"
"""


@dataclass
class Matters:
    """The shop `tea`; `desk` is what pages are given, `clock` stands still until it is moved."""

    app: App
    clock: FakeClock
    desk: Desk
    _messages: int = 0

    @classmethod
    def made(cls, folder: Path, config: str = CONFIG) -> Matters:
        """A new one in a folder."""
        (folder / "config.toml").write_text(config.format(folder=folder), encoding="utf-8")
        clock = FakeClock(NOON)
        app = bootstrap(load(folder / "config.toml"), clock=clock, speaking=False)
        desk = Desk(app.config, None, app.store, app.deps, clock, cast(Live, None), Presence())
        return cls(app, clock, desk)

    def visit(self, who: str = "li", lang: str = "en") -> Visit:
        """One of the shop's people looks."""
        person = self.app.deps.roster.people[who]
        return Visit(person, lang)

    def ordered(self, number: str = "1001", **more: Any) -> str:
        """An unpaid order; returns the id of its thread."""
        now = self.clock.now()
        order = Order("tea", number, "b1", Status.UNPAID, Money(Decimal("68.00")), now, now, buyer_name="Anna", **more)
        event = OrderChanged(order)
        self.app.store.run(
            lambda tx: order_changed.order_changed(event, tx, self.app.deps, now), order_changed.wanted(event)
        )
        return thread_id("tea", number, "unpaid_order")

    def heard(self, text: str, **more: Any) -> MessageReceived:
        """The buyer writes."""
        self._messages += 1
        now = self.clock.now()
        event = MessageReceived("tea", self.channel, "b1", f"m{self._messages}", text, now, **more)
        self.app.store.run(
            lambda tx: buyer_message.buyer_message(event, tx, self.app.deps, now), buyer_message.wanted(event)
        )
        return event

    @property
    def channel(self) -> str:
        """The channel by which the shop reaches its buyers."""
        return self.app.deps.channels["tea"]

    def after(self, time: timedelta) -> Instant:
        """So much later; what is due meanwhile fires then."""
        self.clock.move_to(self.clock.now() + time)
        while self.app.store.run(lambda tx: fire_due(tx, self.app.deps, self.clock.now())):
            pass
        return self.clock.now()

    def looked(self, thread: str, who: str = "li", lang: str = "en") -> Matter | None:
        """What he sees of a thread."""
        with self.app.store.engine.connect() as connection:
            return look(connection, self.desk, self.visit(who, lang), thread)

    def seen(self, thread: str, who: str = "li", lang: str = "en") -> Matter:
        """The same, of a thread that he sees."""
        found = self.looked(thread, who, lang)
        assert found is not None
        return found


CHAT = chat_id("tea", "manual", "b1")
