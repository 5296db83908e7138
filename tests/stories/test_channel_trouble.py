"""When the channel is slow, refuses, or leaves us not knowing."""

from __future__ import annotations

import pytest

from followup.model import Outgoing, OutgoingState, Verdict
from tests.stories.shop import Shop


def test_a_word_that_could_not_go_in_the_evening_waits_for_the_morning() -> None:
    """Said at 20:29, the channel asks to try again in five minutes: that would be in quiet hours."""
    shop = Shop("2026-03-02 20:14").order().channel_answers("retry").until("2026-03-03 10:00")
    assert ["Tue 09:00 < unpaid.help"] == shop.story()


def test_a_reply_is_tried_again_at_any_hour() -> None:
    """An answer to the buyer's own message does not wait for the morning."""
    shop = Shop("2026-03-02 23:00").channel_answers("retry").buyer_says("我有个问题").after("1h")
    assert ["Mon 23:00 > 我有个问题", "Mon 23:05 < reply.away"] == shop.story()


def test_a_reminder_that_may_have_arrived_is_never_sent_again() -> None:
    """Nobody knows whether it went: a person looks, with the words before him, and the buyer reads it once at most."""
    shop = Shop().order().channel_answers("unsure").after("20m")
    assert ([], ["unsure"]) == (shop.steps(), shop.tasks())
    shop.after("3d")
    assert ["unpaid.last_call"] == shop.steps()


def test_a_reply_that_may_have_arrived_is_sent_again_but_not_in_a_rush() -> None:
    """A channel that breaks each time is tried at growing intervals, never in a circle without a pause."""
    shop = Shop("2026-03-02 10:00").channel_answers(*["unsure"] * 7).buyer_says("我有个问题").after("5h")
    (message,) = shop.store.tx.items[Outgoing].values()
    assert (OutgoingState.SENT, 8) == (message.state, message.attempts)
    minutes = (message.sent_at - message.created_at).total_seconds() / 60
    assert 0 + 1 + 2 + 5 + 15 + 60 + 60 == minutes


def test_who_refuses_us_is_left_to_a_person() -> None:
    """A refusal makes the chat unreachable: no further word, a task for each step that could not be said."""
    shop = Shop().order().channel_answers("refused").after("7d")
    assert ([], ["unreachable", "unreachable", "unpaid_lost"]) == (shop.steps(), shop.tasks())
    assert [Verdict.UNREACHABLE, Verdict.EXPIRED] == shop.verdicts("unpaid.last_call")


def test_who_writes_again_is_reachable_again() -> None:
    """The buyer's own message opens the chat."""
    shop = Shop().order().channel_answers("refused").after("20m").buyer_says("明天付").after("2d")
    assert ["later.noted", "unpaid.last_call"] == shop.steps()


@pytest.mark.parametrize("outcome", ["retry", "unsure", "refused"])
def test_a_matter_settled_meanwhile_is_not_spoken_of(outcome: str) -> None:
    """Whatever the channel said of the first attempt: once paid, the help does not go any more."""
    shop = Shop().order().channel_answers(outcome).after("16m").pays().after("7d")
    assert [] == shop.steps()
