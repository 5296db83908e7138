"""A configured shop `tea` in a folder, for tests of the program around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.app import make_deps, make_scripts
from bot.config import Config, Orders
from bot.config_shop import Shop
from bot.orders.jsonl import dump
from followup.events import OrderChanged
from followup.model import Instant, Money, Order, Refund, RefundStatus, Status
from followup.ports import Clock
from handlers.deps import Deps
from store.store import SqlStore

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai
HOUR = timedelta(hours=1)
ALWAYS_OPEN = """\
[orders]
folder = "inbox"
poll_seconds = 1

[http]
port = 0

[agents]
lang = "en"

[shops.tea]
lang = "en"
zone = "UTC"

[shops.tea.quiet_hours]
opens = "00:00"
closes = "23:59:59"
"""


def a_config(folder: Path, *shops: str) -> Config:
    """Shops on Taobao, their exports in `folder`."""
    return Config(orders=Orders(folder=folder), shops={shop: Shop() for shop in shops or ("tea",)})


def some_deps(config: Config, store: SqlStore, clock: Clock) -> Deps:
    """What handlers need, as the program makes it."""
    return make_deps(config, make_scripts(config), ())


def an_order(number: int, at: Instant = NOON, **more: Any) -> Order:
    """An unpaid order of its own buyer."""
    order = Order("tea", f"o{number}", f"b{number}", Status.UNPAID, Money(Decimal("37.00")), at, at, goods="wool scarf")
    return replace(order, buyer_name=f"Anna{number}", **more)


def a_refund(order: Order) -> OrderChanged:
    """The order is paid, and its money asked back."""
    at = order.created_at
    paid = replace(order, status=Status.PAID, paid_at=at, observed_at=at)
    return OrderChanged(paid, (Refund("tea", f"r{order.id}", order.id, RefundStatus.REQUESTED, order.total, at, at),))


def write_jsonl(path: Path, events: Iterable[Order | OrderChanged], *more: str) -> Path:
    """A file of JSON lines, and any other lines after them."""
    told = (event if isinstance(event, OrderChanged) else OrderChanged(event) for event in events)
    path.write_text("\n".join([*map(dump, told), *more]) + "\n", encoding="utf-8")
    return path
