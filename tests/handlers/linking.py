"""Two buyers with orders on a store of any kind, and strangers who open chats and write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from followup.events import ChatOpened, MessageReceived, OrderChanged, chat_id
from followup.linking import make_link
from followup.model import Chat, Instant, Link, Money, Order, Status
from followup.policy import Policy
from followup.ports import Capabilities
from followup.understood import Intent, Understood
from handlers import buyer_message, chat_opened, order_changed
from handlers.deps import Deps
from scripts_library.library import Library
from store.store import Store
from store.wanted import Wanted
from tests.store.makers import kept

T = TypeVar("T")
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # in Shanghai
HELP = timedelta(minutes=15)
DEPS = Deps(
    Library.load(),
    {"s": Policy("s")},
    lambda *_: Understood(Intent.OTHER),
    {"s": "telegram"},
    {"telegram": Capabilities(needs_chat=True)},
)


@dataclass
class Linking:
    """What strangers and order sources do, each in a transaction of its own."""

    store: Store
    messages: int = 0

    def ordered(self, id_: str = "o1", buyer: str = "b1", tail: str = "1234", at: Instant = NOON) -> Order:
        """An unpaid order comes in."""
        order = Order("s", id_, buyer, Status.UNPAID, Money(Decimal("37.00")), at, at, goods="scarf", phone_tail=tail)
        event = OrderChanged(order)
        self.store.run(lambda tx: order_changed.order_changed(event, tx, DEPS, at), order_changed.wanted(event))
        return order

    def link(self, order: Order, at: Instant = NOON) -> str:
        """A token for an order."""
        token, link = make_link("s", order.id, at, timedelta(days=7))
        self.store.run(lambda tx: tx.save(link), Wanted(links=(link.digest,)))
        return token

    def opens(self, address: str, token: str = "", at: Instant = NOON, id_: str = "") -> bool:
        """Somebody opens a chat."""
        event = ChatOpened("s", "telegram", address, id_ or f"open {address} {token}", at, token)
        return self.store.run(lambda tx: chat_opened.chat_opened(event, tx, DEPS, at), chat_opened.wanted(event))

    def says(self, text: str, address: str = "77", at: Instant = NOON) -> bool:
        """Somebody writes."""
        self.messages += 1
        event = MessageReceived("s", "telegram", address, f"m{self.messages}", text, at)
        return self.store.run(lambda tx: buyer_message.buyer_message(event, tx, DEPS, at), buyer_message.wanted(event))

    def chat(self, address: str = "77") -> Chat:
        """A chat as it is stored."""
        found = kept(self.store, Chat(chat_id("s", "telegram", address), "s", "", "telegram", address))
        assert found is not None
        return found

    def stored(self, item: T) -> T | None:
        """The row under the key of an item."""
        return kept(self.store, item)

    def used(self, token_link: Link) -> Link:
        """A link as it is stored."""
        found = kept(self.store, token_link)
        assert found is not None
        return found
