"""What the channel said: sent, refused, to be tried again, or nobody knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followup.events import DeliveryResult, Outcome
from followup.model import Chat, Outgoing, OutgoingState, Role, Verdict
from followup.ports import Capabilities
from handlers.delivery_result import delivery_result, expire
from tests.followup.makers import hours, minutes
from tests.stories.shop import Shop

HELP = "shop/1001/unpaid_order/unpaid.help"


def sending(role: Role = Role.NUDGE, attempts: int = 1, **more: object) -> Shop:
    """A shop whose help is on its way."""
    shop = Shop("2026-03-02 14:00").order().channel_answers("retry").after("15m")
    message = replace(message_of(shop), state=OutgoingState.SENDING, role=role, attempts=attempts, history=(), **more)
    shop.store.run(lambda tx: tx.save(message))
    return shop


def message_of(shop: Shop) -> Outgoing:
    found = shop.store.tx.get(Outgoing, HELP)
    assert found is not None
    return found


def says(shop: Shop, outcome: Outcome, **more: object) -> Outgoing:
    result = replace(DeliveryResult(HELP, outcome, shop.clock.now(), "x1", "why"), **more)
    shop.store.run(lambda tx: delivery_result(result, tx, shop.deps))
    return message_of(shop)


def test_accepted_is_sent() -> None:
    """With the channel's own id and the time; the history tells the attempt."""
    shop = sending()
    message = says(shop, Outcome.ACCEPTED)
    assert (OutgoingState.SENT, shop.clock.now(), "x1", "") == (
        message.state,
        message.sent_at,
        message.external_id,
        message.error,
    )
    assert ["accepted"] == [line.partition("@")[0] for line in message.history]


@pytest.mark.parametrize("state", [state for state in OutgoingState if state is not OutgoingState.SENDING])
@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_result_for_what_is_not_being_sent_changes_nothing(state: OutgoingState, outcome: Outcome) -> None:
    """A result that comes twice, or after a cancellation, is too late."""
    shop = sending()
    before = replace(message_of(shop), state=state)
    shop.store.run(lambda tx: tx.save(before))
    assert before == says(shop, outcome)
    assert [] == shop.tasks()


@pytest.mark.parametrize(
    ("role", "idempotent", "expected"),
    [
        (Role.NUDGE, False, OutgoingState.UNSURE),
        (Role.NOTICE, False, OutgoingState.UNSURE),
        (Role.REPLY, False, OutgoingState.DUE),
        (Role.ALERT, False, OutgoingState.DUE),
        (Role.NUDGE, True, OutgoingState.DUE),
    ],
)
def test_what_nobody_knows(role: Role, idempotent: bool, expected: OutgoingState) -> None:
    """Our own words are never sent again blindly; a reply is, and anything on a channel that refuses repeats."""
    shop = sending(role)
    if idempotent:
        shop.deps = replace(shop.deps, capabilities={"terminal": Capabilities(idempotent=True)})
    assert expected == says(shop, Outcome.UNSURE).state
    assert (["unsure"] if expected is OutgoingState.UNSURE else []) == shop.tasks()


@pytest.mark.parametrize(
    ("attempts", "minutes_later"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 5), (5, 15), (6, 60), (7, 60), (99, 60)]
)
def test_a_channel_that_gives_no_time_is_tried_with_growing_pauses(attempts: int, minutes_later: int) -> None:
    """At once after the first failure, then after 1, 2, 5, 15 and 60 minutes; never in a circle without a pause."""
    shop = sending(Role.REPLY, attempts)
    message = says(shop, Outcome.RETRY)
    assert shop.clock.now() + minutes(minutes_later) == message.due_at


def test_the_channels_own_time_is_obeyed() -> None:
    """A flood limit names when to come back."""
    shop = sending()
    when = shop.clock.now() + minutes(3)
    assert when == says(shop, Outcome.RETRY, retry_at=when).due_at


@pytest.mark.parametrize(
    ("role", "local"), [(Role.NUDGE, "03 09:00"), (Role.NOTICE, "03 09:00"), (Role.REPLY, "02 23:00")]
)
def test_a_retry_keeps_to_quiet_hours(role: Role, local: str) -> None:
    """The channel says "at eleven tonight": our own words wait for the morning, a reply does not."""
    shop = sending(role)
    when = shop.moment("2026-03-02 23:00")
    due = says(shop, Outcome.RETRY, retry_at=when).due_at
    assert local == f"{due.astimezone(shop.policy.zone):%d %H:%M}"


def test_the_next_nudge_counts_from_the_one_that_was_put_off() -> None:
    """A nudge delayed by hours is not followed by another before its day is over."""
    shop = sending()
    when = shop.clock.now() + hours(5)
    says(shop, Outcome.RETRY, retry_at=when)
    assert when == shop.buyer().nudged_at


def test_a_retry_after_the_expiry_is_an_expiry() -> None:
    """What would be tried too late is dropped, remembered, and a person decides."""
    shop = sending(expires_at=Shop("2026-03-02 16:00").clock.now())
    assert OutgoingState.EXPIRED == says(shop, Outcome.RETRY, retry_at=shop.clock.now() + hours(3)).state
    assert (["expired"], Verdict.EXPIRED) == (shop.tasks(), shop.verdicts("unpaid.help")[-1])


def test_refused_makes_the_chat_unreachable() -> None:
    """The message failed, nobody is bothered on that chat again, a person knows."""
    shop = sending()
    message = says(shop, Outcome.REFUSED)
    assert (OutgoingState.FAILED, "why") == (message.state, message.error)
    assert shop.clock.now() == shop.store.tx.get(Chat, "shop/terminal/lin").unreachable_at
    assert (["unreachable"], Verdict.UNREACHABLE) == (shop.tasks(), shop.verdicts("unpaid.help")[-1])


def test_what_waits_too_long_expires() -> None:
    """It is not sent, that is remembered, and a person decides; one that is on its way is left alone."""
    shop = sending()
    now = shop.clock.now()
    shop.store.run(lambda tx: expire(HELP, tx, shop.deps, now))
    assert OutgoingState.SENDING == message_of(shop).state
    shop.store.run(lambda tx: tx.save(replace(message_of(shop), state=OutgoingState.DUE)))
    shop.store.run(lambda tx: expire(HELP, tx, shop.deps, now))
    assert (OutgoingState.EXPIRED, ["expired"]) == (message_of(shop).state, shop.tasks())


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.RETRY])
def test_the_way_out_is_told_with_the_first_words_that_go(outcome: Outcome) -> None:
    """A first message that never went does not count as told: the next one carries the stop hint."""
    shop = sending(expires_at=Shop("2026-03-02 16:00").clock.now())
    says(shop, outcome, retry_at=shop.clock.now() + hours(3))
    assert 0 == shop.thread("unpaid_order").touches
