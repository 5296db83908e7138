"""The rehearsal of a catch-up: it tells what will happen, changes nothing, and is right."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from followup.events import OrderChanged
from followup.model import (
    Instant,
    Money,
    Outgoing,
    OutgoingState,
    Refund,
    RefundStatus,
    Reminder,
    ReminderState,
    Role,
    Status,
)
from handlers.order_changed import order_changed, wanted
from scheduler.catchup import Fate, Overdue, rehearse
from scheduler.embedded import Embedded
from scheduler.outbox import recover
from tests.scheduler.shop import DAY, HOUR, MINUTE, NOON, Shop, an_order, help_of, on_both


def learn_refund(shop: Shop, number: int, buyer: str, deadline: Instant | None = None) -> None:
    """A paid order of that buyer for which the money is asked back."""
    order = an_order(number, buyer=buyer, status=Status.PAID, paid_at=NOON)
    refund = Refund("s", f"r{number}", order.id, RefundStatus.REQUESTED, Money(Decimal(37)), NOON, NOON, deadline)
    event = OrderChanged(order, (refund,))
    shop.store.run(lambda tx: order_changed(event, tx, shop.deps, shop.clock.now()), wanted(event))


def a_long_stop(shop: Shop) -> None:
    """The program stopped at noon with all kinds of work planned, and it is two days later."""
    shop.learn(
        an_order(1), an_order(2, buyer="b1", auto_close_at=NOON + 5 * DAY), an_order(3, auto_close_at=NOON + HOUR)
    )
    learn_refund(shop, 4, "b4")
    learn_refund(shop, 5, "b1", deadline=NOON + 3 * DAY)
    shop.waiting("waits", chat="b6", due_at=NOON + MINUTE)
    shop.waiting("later", chat="b6", due_at=NOON + 9 * DAY)
    shop.waiting("late", chat="b7", thread="s/o1/unpaid_order", expires_at=NOON + HOUR)
    shop.waiting("given up", chat="b7", thread="s/o3/unpaid_order", expires_at=NOON + HOUR)
    shop.waiting("in flight", chat="b8", thread="s/o1/unpaid_order", state=OutgoingState.SENDING, attempts=1)
    shop.waiting("reply in flight", chat="b9", role=Role.REPLY, state=OutgoingState.SENDING, attempts=1)
    shop.waiting("to be retried", chat="b11", due_at=NOON + 3 * DAY)
    shop.waiting("behind it", chat="b11", due_at=NOON + MINUTE)
    shop.waiting("answer", chat="b11", role=Role.REPLY)
    shop.waiting("often tried", chat="b10", role=Role.REPLY, state=OutgoingState.SENDING, attempts=4)
    shop.clock.move(2 * DAY)


async def really(shop: Shop, items: list[Overdue]) -> dict[str, Fate]:
    """Start in earnest, and see what became of each item."""
    await recover(shop.store, shop.deps, shop.clock)
    await Embedded(shop.store, shop.deps, shop.clock, [shop.outbox]).pump()
    messages = shop.states()
    return {item.what: _became(shop, item, messages) for item in items}


def _became(shop: Shop, item: Overdue, messages: dict[str, str]) -> Fate:
    if messages.get(item.what) == OutgoingState.SENT:
        return Fate.SENT
    if messages.get(item.what) == OutgoingState.DUE:
        return Fate.WAITS
    if any(item.what in task.id for task in shop.tasks()):
        return Fate.AGENT
    if item.what in messages:
        return Fate.DROPPED
    reminder, decided = shop.reminder(item.what), shop.decided(item.what)
    if reminder.state is ReminderState.PENDING:
        return Fate.MERGED if decided[-1].decision.verdict == "capped" else Fate.WAITS
    if decided:
        return Fate.DROPPED
    return Fate.AGENT if any(task.thread == item.thread for task in shop.tasks()) else Fate.NOTHING


@pytest.mark.parametrize("hours", [0, 10, 60, 24 * 30])
async def test_what_is_rehearsed_happens(shop: Shop, hours: int) -> None:
    """Each overdue item ends as it was foretold, at noon, at night, and after a month."""
    a_long_stop(shop)
    shop.clock.move(timedelta(hours=hours))
    foretold = rehearse(shop.store, shop.deps, shop.clock.now())
    assert {item.what: item.fate for item in foretold} == await really(shop, foretold)


@on_both
async def test_nothing_overdue_is_forgotten(shop: Shop) -> None:
    """Everything that a real start touches was on the list, and everything on the list was touched."""
    a_long_stop(shop)
    foretold = {item.what for item in rehearse(shop.store, shop.deps, shop.clock.now())}
    before = shop.everything()
    await really(shop, [])
    after = shop.everything()
    changed = {row[0] for table in ("reminders",) for row in before[table] if row not in after[table]}
    changed |= {row[0] for row in before["outbox"] if row not in after["outbox"]}
    assert changed <= foretold
    assert foretold - changed - {row[0] for row in after["reminders"]} == {"behind it"}


@on_both
def test_a_rehearsal_changes_nothing(shop: Shop) -> None:
    """Every row of every table is as before, and it can be rehearsed again with the same result."""
    a_long_stop(shop)
    before = shop.everything()
    first = rehearse(shop.store, shop.deps, shop.clock.now())
    assert shop.everything() == before
    assert rehearse(shop.store, shop.deps, shop.clock.now()) == first


def test_every_fate_is_told_with_its_reason(shop: Shop) -> None:
    """Sent, merged until the cap lets it, expired, unsure: each with why and until when, the oldest first."""
    a_long_stop(shop)
    found = rehearse(shop.store, shop.deps, shop.clock.now())
    assert sorted(found, key=lambda item: item.due_at) == found
    told = {item.what: (item.fate, item.why, item.until) for item in found}
    now = shop.clock.now()
    assert told["waits"] == (Fate.SENT, "", None)
    assert "later" not in told
    assert told["late"] == (Fate.AGENT, "expired", None)
    assert told["given up"] == (Fate.DROPPED, "expired", None)
    assert told["in flight"] == (Fate.AGENT, "unsure", None)
    assert told["reply in flight"] == (Fate.SENT, "", None)
    assert told["often tried"] == (Fate.WAITS, "", now + 5 * MINUTE)
    assert told["s/o5/pending_refund/refund.acknowledge/r5"] == (Fate.SENT, "", None)
    assert told["behind it"] == (Fate.WAITS, "", NOON + 3 * DAY)
    assert told["answer"] == (Fate.SENT, "", None)
    assert told[help_of(1)][0] == Fate.SENT
    assert told[help_of(2)] == (Fate.MERGED, "capped", now + DAY)
    assert told[help_of(3)] == (Fate.DROPPED, "expired", None)
    assert told["s/o3/unpaid_order/unpaid.give_up"] == (Fate.AGENT, "", None)


def test_nothing_overdue_is_an_empty_list(shop: Shop) -> None:
    """With all work done there is nothing to catch up with."""
    shop.learn(an_order(1))
    assert rehearse(shop.store, shop.deps, shop.clock.now()) == []


def test_the_items_are_of_the_shop(shop: Shop) -> None:
    """What is listed are messages and planned touches by their ids."""
    a_long_stop(shop)
    with shop.store.engine.connect():
        for item in rehearse(shop.store, shop.deps, shop.clock.now()):
            known = shop.message if item.what in shop.states() else shop.reminder
            assert isinstance(known(item.what), Outgoing | Reminder)
