"""A shop with thousands of unpaid orders, for tests that kill the program."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from followup.events import OrderChanged
from followup.model import Money, Order, Status
from followup.policy import Policy
from followup.understood import Intent, Understood
from handlers.deps import Deps
from handlers.order_changed import order_changed, wanted
from scripts_library.library import Library
from store import schema
from store.store import SqlStore
from store.tx import Tx
from store.wanted import Wanted

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def a_deps() -> Deps:
    """The handlers' needs for shop `s`."""
    return Deps(Library.load(), {"s": Policy("s")}, lambda *_: Understood(Intent.OTHER), {"s": "manual"})


def an_order(number: int) -> OrderChanged:
    """An unpaid order of its own buyer."""
    return OrderChanged(
        Order("s", f"o{number}", f"b{number}", Status.UNPAID, Money(Decimal("37.00")), NOW, NOW, goods="围巾")
    )


def open_shop(url: str, orders: int) -> None:
    """A fresh database in which every order waits for its first reminder."""
    store, deps = SqlStore(url), a_deps()
    schema.metadata.create_all(store.engine)
    events = [an_order(number) for number in range(orders)]
    for start in range(0, orders, 500):
        part = events[start : start + 500]

        def take(tx: Tx, part: list[OrderChanged] = part) -> None:
            for event in part:
                order_changed(event, tx, deps, NOW)

        store.run(take, Wanted.all_of(map(wanted, part)))
    store.close()
