"""Words that waited in the outbox are judged again before they go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from followup.model import Chat, OutgoingState, Verdict
from followup.ports import Capabilities
from scheduler.reminders import fire_all_due
from store.audit import audit
from tests.scheduler.conftest import *  # noqa: F403 - the shop's fixture
from tests.scheduler.shop import DAY, HOUR, MINUTE, NOON, Shop, an_order, help_of, on_both

NIGHT = NOON + timedelta(hours=12)
NINE = NOON + timedelta(hours=21)


@pytest.fixture
async def late(shop: Shop) -> Shop:
    """A shop in which the help of order 1 was let go at 12:15, and nobody has sent it."""
    shop.learn(an_order(1))
    shop.clock.move(15 * MINUTE)
    await fire_all_due(shop.store, shop.deps, shop.clock)
    return shop


async def test_what_waited_into_the_night_goes_in_the_morning(late: Shop) -> None:
    """After an outage that ends at midnight nobody is woken; the hold is recorded, and at nine it goes."""
    late.clock.move_to(NIGHT)
    assert 0 == await late.outbox.drain()
    assert (OutgoingState.DUE, NINE) == (late.message(help_of(1)).state, late.message(help_of(1)).due_at)
    assert Verdict.QUIET_HOURS == late.decided(help_of(1))[-1].decision.verdict
    late.clock.move_to(NINE)
    assert 1 == await late.outbox.drain()


async def test_by_day_it_goes_late(late: Shop) -> None:
    """An outage of two hours at noon delays the words, no more."""
    late.clock.move(2 * HOUR)
    assert 1 == await late.outbox.drain()


async def test_the_next_is_counted_from_when_it_went(late: Shop) -> None:
    """The last call of the next day waits until 24 hours after the help was really sent."""
    late.clock.move(3 * HOUR)
    await late.outbox.drain()
    late.clock.move_to(NOON + 15 * MINUTE + DAY)
    await fire_all_due(late.store, late.deps, late.clock)
    last_call = late.decided("s/o1/unpaid_order/unpaid.last_call")[-1]
    assert (Verdict.CAPPED, NOON + 15 * MINUTE + 3 * HOUR + DAY) == (
        last_call.decision.verdict,
        last_call.decision.retry_at,
    )


async def test_of_two_that_waited_the_newer_goes(late: Shop) -> None:
    """Nobody hears two reminders in a row because the channel was away for a day."""
    late.clock.move(DAY)
    await fire_all_due(late.store, late.deps, late.clock)
    await late.outbox.drain()
    assert {
        help_of(1): "expired",
        "s/o1/unpaid_order/unpaid.last_call": "sent",
    } == late.states()


WINDOW = Capabilities(window=HOUR)


async def waiting_past_its_window(shop: Shop, *chats: Chat) -> Shop:
    """The help waited for two hours, and the channel is open for one after the buyer's message."""
    shop.deps = replace(shop.deps, channels={"s": "wecom"}, capabilities={"wecom": WINDOW})
    shop.channel.name = "wecom"
    shop.outbox = shop.an_outbox()
    wrote = Chat("s/wecom/b1", "s", "b1", "wecom", "b1", last_in_at=NOON)
    shop.store.run(lambda tx: [tx.save(chat) for chat in (wrote, *chats)])
    shop.learn(an_order(1))
    shop.clock.move(15 * MINUTE)
    await fire_all_due(shop.store, shop.deps, shop.clock)
    shop.clock.move(2 * HOUR)
    assert 0 == await shop.outbox.drain()
    return shop


@on_both
async def test_a_window_that_closed_meanwhile_makes_it_a_persons(shop: Shop) -> None:
    """It is taken back, and the task tells why and what it would have said."""
    await waiting_past_its_window(shop)
    (task,) = shop.tasks()
    assert ("window_closed", True) == (task.reason, "wool scarf" in task.text)
    assert {help_of(1): "cancelled"} == shop.states()
    assert Verdict.WINDOW_CLOSED == shop.decided(help_of(1))[-1].decision.verdict


@on_both
async def test_or_it_goes_by_the_other_chat(shop: Shop) -> None:
    """The chat that he linked takes it, under an id of its own, and the ledger is in order."""
    linked = Chat("s/telegram/7", "s", "b1", "telegram", "7", linked_at=NOON - DAY)
    await waiting_past_its_window(shop, linked)
    copy = shop.message(f"{help_of(1)}@telegram")
    assert ("7", OutgoingState.DUE, []) == (copy.address, copy.state, shop.tasks())
    with shop.store.engine.connect() as connection:
        assert [] == audit(connection).findings
