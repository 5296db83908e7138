"""A shop `tea` that hears its buyers through a fake receiver, watched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.app import App, bootstrap
from bot.config import Config, Evidence, Orders, Reports
from bot.config_shop import QuietHoursOptions, Shop
from bot.importing import import_file
from bot.orders.sources import open_source
from bot.watching.watching import Watching
from followup.model import Raw
from scheduler.clock import FakeClock
from store.store import SqlStore
from tests.bot.tea import HOUR, NOON, an_order, write_jsonl
from tests.scheduler.receivers import NAME, FakeReceiver

on_both = pytest.mark.parametrize("watched", ["sqlite", "postgres"], indirect=True)
ALL_DAY = QuietHoursOptions(opens="00:00", closes="23:59:59")  # type: ignore[arg-type]
WHO = "13800138000"
"""Where the buyer is written to: a number that no log may show."""
THREAD = "tea/o1/unpaid_order"


class Watched:
    """The whole program at noon, not running; its watching counts from the start."""

    def __init__(self, url: str, folder: Path) -> None:
        self.clock, self.folder = FakeClock(NOON), folder
        self.channel = FakeReceiver(self.clock)
        shop = Shop(platform="independent", channel=NAME, lang="en", quiet_hours=ALL_DAY)
        config = Config(
            orders=Orders(folder=folder / "orders"),
            evidence=Evidence(folder=folder / "evidence"),
            reports=Reports(folder=folder / "reports"),
            shops={"tea": shop},
        )
        self.app: App = bootstrap(config, clock=self.clock, store=SqlStore(url), channels=[self.channel])
        self.watching = Watching(self.app.store, self.clock, self.app.outboxes, [NAME])
        self.watching.engine = self.app.engine

    async def says(self, id_: str, text: str) -> None:
        """The buyer writes, and is heard."""
        body = orjson.dumps({"shop": "tea", "address": WHO, "text": text})
        (inbox,) = self.app.inboxes
        await inbox.take([Raw(NAME, id_, body, self.clock.now())])
        await inbox.drain()
        await self.app.engine.pump()

    async def imports(self, **order: Any) -> None:
        """An export says that he has not paid."""
        path = write_jsonl(self.folder / "export.jsonl", [an_order(1, self.clock.now(), buyer=WHO, **order)])
        app = self.app
        source = open_source(path, "tea", app.deps.policy("tea").zone, "CNY")
        await import_file(path, source, app.store, app.deps, self.clock)

    async def later(self, hours: float) -> None:
        """Time passes, and what is due goes."""
        self.clock.move(hours * HOUR)
        await self.app.engine.pump()

    async def page(self) -> dict[str, float]:
        """The figures by their names and labels."""
        lines = (await self.watching.page()).decode().splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}
