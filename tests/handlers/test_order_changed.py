"""Facts of an order: kept once, followed up once, whatever they say together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followup.events import OrderChanged
from followup.model import Order, Reminder, Status, Thread
from handlers.deps import UnknownShop
from handlers.order_changed import Change, order_changed
from tests.followup.makers import a_refund, a_review
from tests.stories.shop import SHOP, Shop


def told(shop: Shop, event: OrderChanged) -> Change:
    now = shop.clock.now()
    return shop.store.run(lambda tx: order_changed(event, tx, shop.deps, now))


def test_the_same_facts_again_change_nothing() -> None:
    """New, then the same however often and however much later it was seen, then changed."""
    shop = Shop().order()
    event = shop.orders["1001"]
    seen_later = replace(event, order=replace(event.order, observed_at=shop.clock.now()))
    paid = replace(event, order=replace(event.order, status=Status.PAID))
    before = dict(shop.store.tx.items[Reminder])
    assert [Change.SAME, Change.SAME] == [told(shop, event), told(shop, seen_later)]
    assert before == shop.store.tx.items[Reminder]
    assert [Change.CHANGED, Change.SAME] == [told(shop, paid), told(shop, event)]


def test_an_unknown_shop_is_an_error_and_leaves_nothing() -> None:
    """An order of a shop that is not configured is refused with the shop's name."""
    shop = Shop()
    stray = replace(Shop().order().orders["1001"].order, shop="elsewhere")
    with pytest.raises(UnknownShop, match="elsewhere"):
        told(shop, OrderChanged(stray))
    assert {} == shop.store.tx.items[Order]


def test_one_event_may_open_several_matters() -> None:
    """A refund and a bad review told together are two threads of one order."""
    shop = Shop().paid_order()
    now = shop.clock.now()
    told(shop, replace(shop.orders["1001"], refunds=(a_refund(now),), reviews=(a_review(now),)))
    assert {"pending_refund", "review_revision"} == {thread.kind for thread in shop.store.tx.items[Thread].values()}


def test_what_is_over_when_it_is_first_told_opens_nothing() -> None:
    """A first import of old orders, refunds paid back and reviews removed follows up none of them."""
    shop = Shop().paid_order()
    shop.refund("paid_back").refund("withdrawn", "R2").review("removed").review("good", "V2")
    assert {} == shop.store.tx.items[Thread]


def test_the_buyers_name_comes_from_the_order() -> None:
    """The words may greet the buyer."""
    shop = Shop().order(buyer_name="林小姐").after("15m")
    assert "林小姐" in shop.heard()[0]


def test_a_closed_matter_is_opened_again_only_for_a_new_one() -> None:
    """Closed by an agent it stays closed, whatever is told of the same refund; another request is another matter."""
    shop = Shop().paid_order().refund().agent("close", "pending_refund", text="phoned").refund("returning")
    assert "closed phoned" == shop.fate("pending_refund")
    shop.after("1d").refund(id_="R2")
    assert ("open", "R2") == (shop.fate("pending_refund"), shop.thread("pending_refund").matter)


def test_a_payment_counts_for_the_next_order() -> None:
    """Returning is who paid for another order before this thread began."""
    shop = Shop().order("1001").pays("1001").order("1002")
    assert ["new", "returning"] == [shop.thread("unpaid_order", id_).segment.value for id_ in ("1001", "1002")]


def test_facts_of_another_shop_are_another_order() -> None:
    """The same number in two shops is two orders and two buyers."""
    shop = Shop()
    shop.deps = replace(shop.deps, policies={SHOP: shop.policy, "two": replace(shop.policy, shop="two")})
    order = shop.order().orders["1001"].order
    assert Change.NEW == told(shop, OrderChanged(replace(order, shop="two")))
