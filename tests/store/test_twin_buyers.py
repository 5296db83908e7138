"""Two shops with the same buyers and order numbers in one database: what happens in one is nothing to the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from followup.events import ChatOpened, MessageReceived, OrderChanged, chat_id
from followup.linking import make_link
from followup.model import Buyer, Chat, Instant, Money, Order, Outgoing, Raw, Reminder, ReminderState, Status, Tries
from followup.policy import Policy
from followup.ports import Capabilities
from handlers import order_changed, received
from handlers.deps import Deps
from handlers.received import Heard
from handlers.reminder_due import fire_due
from handlers.understand import understand
from store.store import SqlStore
from store.tables import KEPT
from store.wanted import NOTHING
from tests.store.makers import DAY, HOUR, MINUTE, NOON
from tests.stories.shop import library

TEA, ZOO = "tea", "zoo"
CHANNEL = {TEA: "tg", ZOO: "tg2"}
ADDRESS, GOODS = "880042", {TEA: "青瓷茶杯", ZOO: "wool scarf"}


class Shops:
    """Both shops at work; everything is done to one of them by name."""

    def __init__(self, store: SqlStore) -> None:
        self.store, self.now, self._seen = store, NOON, 0
        can = {channel: Capabilities(needs_chat=True) for channel in CHANNEL.values()}
        policies = {shop: Policy(shop) for shop in CHANNEL}
        self.deps = Deps(library(), policies, understand, CHANNEL, can)

    def order(self, shop: str, id_: str = "1001", buyer: str = "lin", tail: str = "4711") -> None:
        """An unpaid order comes in."""
        order = Order(shop, id_, buyer, Status.UNPAID, Money(Decimal(89)), self.now, self.now)
        event = OrderChanged(replace(order, goods=GOODS[shop], phone_tail=tail, buyer_name="林小雨"))
        change = order_changed.order_changed
        self.store.run(lambda tx: change(event, tx, self.deps, self.now), order_changed.wanted(event))

    def opens(self, shop: str, token: str = "") -> None:
        """Somebody opens the shop's chat, perhaps with a link."""
        self._hear(ChatOpened(shop, CHANNEL[shop], ADDRESS, self._id(), self.now, token))

    def says(self, shop: str, text: str, id_: str = "") -> None:
        """Somebody writes to the shop."""
        self._hear(MessageReceived(shop, CHANNEL[shop], ADDRESS, id_ or self._id(), text, self.now))

    def linked(self, shop: str) -> None:
        """Somebody opens the shop's chat with a link to his order."""
        self.opens(shop, self.link(shop))

    def link(self, shop: str) -> str:
        """A token for the order of a shop."""
        token, link = make_link(shop, "1001", self.now, DAY)
        self.store.run(lambda tx: tx.save(link))
        return token

    def later(self, until: Instant) -> None:
        """Time passes, and what is due fires."""
        self.now = until
        self.store.run(lambda tx: fire_due(tx, self.deps, self.now), NOTHING)

    def _id(self) -> str:
        self._seen += 1
        return f"m{self._seen}"

    def _hear(self, event: MessageReceived | ChatOpened) -> None:
        raw = Raw(event.channel, event.external_id, b"{}", self.now)
        self.store.run(lambda tx: tx.save(raw))
        heard = Heard(raw, event.shop, (event,))
        self.store.run(lambda tx: received.received(heard, tx, self.deps, self.now), received.wanted(heard))

    def all_of(self, cls: type, shop: str) -> list[object]:
        """All that is kept of a class for a shop."""
        kept = KEPT[cls]
        with self.store.engine.connect() as connection:
            rows = connection.execute(kept.table.select().where(kept.table.c.shop == shop))
            return [kept.codec.decode(row) for row in rows]

    def told(self, shop: str) -> list[str]:
        """The scripts that a shop's buyers were told."""
        return [each.step for each in self.all_of(Outgoing, shop) if isinstance(each, Outgoing) and each.buyer]

    def chat(self, shop: str) -> Chat:
        """The chat as it stands."""
        id_ = chat_id(shop, CHANNEL[shop], ADDRESS)
        return next(each for each in self.all_of(Chat, shop) if isinstance(each, Chat) and each.id == id_)

    def stopped(self, shop: str) -> bool:
        """Whether a buyer of a shop wants no more."""
        return any(each.opted_out_at is not None for each in self.all_of(Buyer, shop) if isinstance(each, Buyer))

    def pending(self, shop: str) -> int:
        """How many touches are planned."""
        kept = self.all_of(Reminder, shop)
        return sum(isinstance(each, Reminder) and each.state is ReminderState.PENDING for each in kept)


@pytest.fixture
def shops(sqlite_url: str) -> Iterator[Shops]:
    store = SqlStore(sqlite_url)
    yield Shops(store)
    store.close()


@pytest.fixture
def both(shops: Shops) -> Shops:
    """The same person has the same order in both, and linked both chats."""
    for shop in (TEA, ZOO):
        shops.order(shop)
        shops.linked(shop)
    return shops


def test_stop_is_said_to_one_shop(both: Shops) -> None:
    """What was planned in the other stays, and its buyer may be written to."""
    planned = both.pending(ZOO)
    both.says(TEA, "退订")
    assert (True, False) == (both.stopped(TEA), both.stopped(ZOO))
    assert planned == both.pending(ZOO)
    assert planned > both.pending(TEA)


def test_a_cap_is_of_one_shop(both: Shops) -> None:
    """Each shop nudges its buyer once, at the same moment."""
    both.later(NOON + HOUR)
    nudges = [[step for step in both.told(shop) if step.startswith("unpaid.")] for shop in (TEA, ZOO)]
    assert 1 == len(nudges[0])
    assert nudges[0] == nudges[1]


def test_the_same_message_twice(both: Shops) -> None:
    """An id that both channels gave is two messages, one for each shop; the second time it is known."""
    before = [len(both.told(shop)) for shop in (TEA, ZOO)]
    for shop in (TEA, ZOO, TEA):
        both.says(shop, "付款链接打不开", "same-id")
    after = [len(both.told(shop)) for shop in (TEA, ZOO)]
    assert after[0] - before[0] == after[1] - before[1] > 0


def test_an_order_number_of_another_shop(shops: Shops) -> None:
    """In the chat of a shop that has no such order it is answered as any number that is none, and proves nothing."""
    shops.order(TEA, tail="4711")
    for text in ("1001", "4711", "订单 1001 尾号 4711"):
        shops.opens(ZOO)
        shops.says(ZOO, text)
    words = [each.text for each in shops.all_of(Outgoing, ZOO) if isinstance(each, Outgoing)]
    assert words
    assert not any(GOODS[TEA] in each or "林小雨" in each for each in words)
    assert shops.chat(ZOO).linked_at is None
    assert [] == shops.told(TEA)


def test_a_link_of_another_shop(both: Shops) -> None:
    """It opens nothing in this shop's chat, and can still be used where it belongs."""
    token = both.link(TEA)
    other = Shops(both.store)
    other.now = NOON + MINUTE
    before = both.chat(ZOO)
    other.opens(ZOO, token)
    assert (before.buyer, before.linked_at) == (both.chat(ZOO).buyer, both.chat(ZOO).linked_at)
    assert not any(GOODS[TEA] in each.text for each in both.all_of(Outgoing, ZOO) if isinstance(each, Outgoing))


def test_wrong_guesses_count_in_one_shop(shops: Shops) -> None:
    """Who guesses until he is refused in one shop has guessed nothing in the other."""
    for shop in (TEA, ZOO):
        shops.order(shop)
    shops.opens(TEA)
    for number in range(8):
        shops.says(TEA, f"1001 {number:04}")
    assert shops.all_of(Tries, TEA)
    assert [] == shops.all_of(Tries, ZOO)
    shops.opens(ZOO)
    shops.says(ZOO, "1001 4711")
    assert (None, True) == (shops.chat(TEA).linked_at, shops.chat(ZOO).linked_at is not None)
