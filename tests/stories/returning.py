"""A shop whose buyers send goods back, and whose agents move the case on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Self

from followup.after_sales.model import Branch, Remedy
from followup.causes import Cause
from followup.events import CaseMoved, Move
from followup.model import Money, Outgoing, ParcelStatus, Status
from handlers import case_moved
from tests.stories.shop import SHOP, Shop

RETURN = "SF2222222222"
NAMES: Mapping[str, Callable[[str], Any]] = {"branch": Branch, "remedy": Remedy, "cause": Cause}


class ReturnShop(Shop):
    """One order of a scarf, shipped five days ago and signed for two days ago, unless told otherwise."""

    def signed_order(self, id_: str = "1001", **more: Any) -> Self:
        """An order that the buyer has in his hands."""
        now = self.clock.now()
        made = now - timedelta(days=6)
        known = {"created_at": made, "paid_at": made, "total": Money(Decimal("89.00")), "phone_tail": "4321", **more}
        self.order(id_, status=Status.SIGNED, **known)
        sent, signed = now - timedelta(days=5), now - timedelta(days=2)
        return self.parcel(
            "YT1111111111", id_, status=ParcelStatus.SIGNED, shipped_at=sent, moved_at=signed, signed_at=signed
        )

    def shipped_order(self, id_: str = "1001", **more: Any) -> Self:
        """An order on its way to the buyer."""
        now = self.clock.now()
        self.order(id_, status=Status.SHIPPED, paid_at=now, shipped_at=now, **more)
        return self.parcel("YT1111111111", id_)

    def sent_back(self, status: str = "on_its_way", id_: str = RETURN) -> Self:
        """A source tells of the parcel that the buyer sent back."""
        return self.parcel(id_, back=True, status=ParcelStatus(status))

    def agent_moves(self, move: str, order: str = "1001", **more: Any) -> Self:
        """An agent moves the case of an order on."""
        said = {name: NAMES[name](value) if name in NAMES else value for name, value in more.items()}
        event = CaseMoved(SHOP, order, Move(move), "小美", self.clock.now(), **said)
        self.store.run(lambda tx: case_moved.case_moved(event, tx, self.deps), case_moved.wanted(event))
        return self._settle()

    def record(self) -> Any:
        """The record of the case as it stands."""
        found = self.store.tx.sale(f"{SHOP}/1001/after_sales")
        assert found is not None
        return found

    def delivered_as(self, *steps: str) -> list[Outgoing]:
        """The messages of these steps that reached the buyer, as the outbox remembers them."""
        return [message for message in self.outbox() if message.step in steps and message.sent_at is not None]
