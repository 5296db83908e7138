"""What the product is measured on: shop `s`, its words and figures, orders nobody has paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from followup.events import DeliveryResult, OrderChanged, Outcome
from followup.model import Money, Order, Outgoing, Status
from followup.policy import Policy
from followup.ports import Capabilities, Clock
from handlers.deps import Deps
from handlers.order_changed import order_changed, wanted
from handlers.understand import understand
from scripts_library.library import Library
from store.store import SqlStore
from store.tx import Tx
from store.wanted import Wanted

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


class NoChannel:
    """A channel that accepts everything and does nothing."""

    name = "manual"
    capabilities = Capabilities()

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Accepted."""
        return DeliveryResult(message.id, Outcome.ACCEPTED, self._clock.now())


def a_deps() -> Deps:
    """The handlers' needs."""
    return Deps(Library.load(), {"s": Policy("s")}, understand, {"s": "manual"})


def unpaid(count: int) -> Iterator[OrderChanged]:
    """So many unpaid orders, each of its own buyer."""
    for n in range(count):
        total = Money(Decimal("37.00"))
        yield OrderChanged(
            Order("s", f"o{n}", f"b{n}", Status.UNPAID, total, NOW, NOW, goods="羊毛围巾", buyer_name="王芳")
        )


def open_threads(store: SqlStore, deps: Deps, count: int) -> None:
    """Have the orders come in, so that each waits for its first reminder."""
    events = list(unpaid(count))
    for start in range(0, count, 500):
        part = events[start : start + 500]

        def take(tx: Tx, part: list[OrderChanged] = part) -> None:
            for event in part:
                order_changed(event, tx, deps, NOW)

        store.run(take, Wanted.all_of(map(wanted, part)))
