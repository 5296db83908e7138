"""Orders that are not paid, from the first word to the last."""

from __future__ import annotations

from datetime import timedelta

import pytest

from followup.events import MessageReceived
from followup.model import Status, Verdict
from tests.stories.shop import Shop


def test_help_then_tomorrow_then_paid_then_silence() -> None:
    """The buyer gets help, says "tomorrow", is reminded when promised, pays, and hears nothing for a month."""
    shop = Shop("2026-03-02 09:30").order().after("15m")
    shop.after("5m").buyer_says("明天付").after("1d 30m").pays().after("30d")
    assert [
        "Mon 09:45 < unpaid.help",
        "Mon 09:50 > 明天付",
        "Mon 09:50 < later.noted",
        "Tue 10:00 < unpaid.last_call",
    ] == shop.story()
    assert "settled paid" == shop.fate("unpaid_order")
    assert [] == shop.tasks()


def test_a_payment_before_the_named_time_is_followed_by_silence() -> None:
    """Who pays before the promised reminder does not get it."""
    shop = Shop("2026-03-02 09:30").order().after("20m").buyer_says("明天付").after("3h").pays().after("30d")
    assert ["unpaid.help", "later.noted"] == shop.steps()


def test_never_paid_is_given_up_and_reported() -> None:
    """Two words, a day apart; when the platform closes the order the agents get to know, once."""
    shop = Shop("2026-03-02 14:00").order().after("30d")
    assert ["Mon 14:15 < unpaid.help", "Tue 14:15 < unpaid.last_call"] == shop.story()
    assert "given_up not_paid" == shop.fate("unpaid_order")
    assert ["unpaid_lost"] == shop.tasks()


def test_the_platforms_own_closing_ends_it_too() -> None:
    """When the source tells of the closing before our clock does, it is reported the same way, once."""
    shop = Shop().order().after("2d").changes(status=Status.CLOSED_UNPAID).after("30d")
    assert ("given_up closed_unpaid", ["unpaid_lost"]) == (shop.fate("unpaid_order"), shop.tasks())


def test_an_order_at_night_waits_for_the_morning() -> None:
    """Ordered at 23:00, helped at 09:00, and the last call a day after that."""
    shop = Shop("2026-03-02 23:00").order().after("3d 1h")
    assert ["Tue 09:00 < unpaid.help", "Wed 09:00 < unpaid.last_call"] == shop.story()
    assert [Verdict.QUIET_HOURS, Verdict.SENT] == shop.verdicts("unpaid.help")


def test_a_last_call_that_would_come_after_the_closing_is_not_said() -> None:
    """An order of half past eight that closes in the second night: the call would be due in the morning after."""
    shop = Shop("2026-03-02 20:20")
    shop.order(auto_close_at=shop.moment("2026-03-04 06:00")).after("7d")
    assert ["Tue 09:00 < unpaid.help"] == shop.story()
    assert [Verdict.EXPIRED] == shop.verdicts("unpaid.last_call")
    assert ["unpaid_lost"] == shop.tasks()


@pytest.mark.parametrize(
    ("closes_in", "expected"), [("3d", ["unpaid.help", "unpaid.last_call"]), ("20h", ["unpaid.help"])]
)
def test_an_order_that_closes_within_a_day_gets_one_word(closes_in: str, expected: list[str]) -> None:
    """The cap of one nudge a day leaves no room for the last call of an order that closes within a day."""
    shop = Shop()
    closes = shop.clock.now() + (timedelta(days=3) if closes_in == "3d" else timedelta(hours=20))
    shop.order(auto_close_at=closes).after("7d")
    assert expected == shop.steps()


def test_a_closing_time_moved_forward_is_obeyed() -> None:
    """Told later that the order closes sooner: the call that would come too late is never said, nor held beyond."""
    shop = Shop().order().after("30m")
    shop.changes(auto_close_at=shop.moment("2026-03-03 13:00")).after("7d")
    assert ["unpaid.help"] == shop.steps()
    assert "given_up not_paid" == shop.fate("unpaid_order")
    assert "2026-03-03 13:00" == f"{shop.thread('unpaid_order').closed_at.astimezone(shop.policy.zone):%Y-%m-%d %H:%M}"


def test_a_closing_time_put_off_gives_the_call_its_room() -> None:
    """Told later that the order stays open longer: what would have expired is said, and giving up waits as well."""
    shop = Shop("2026-03-02 20:20")
    shop.order(auto_close_at=shop.moment("2026-03-04 06:00")).after("1h")
    shop.changes(auto_close_at=shop.moment("2026-03-05 20:20")).after("2d 12h")
    assert ["Tue 09:00 < unpaid.help", "Wed 09:00 < unpaid.last_call"] == shop.story()
    assert "open" == shop.fate("unpaid_order")


def test_a_call_held_by_the_night_expires_when_the_morning_is_too_late() -> None:
    """Due at half past eight in the evening, the order closes at six: the verdict is given at once."""
    shop = Shop("2026-03-02 20:14")
    shop.order(auto_close_at=shop.moment("2026-03-04 06:00")).until("2026-03-03 20:40")
    assert ["Mon 20:29 < unpaid.help", "Tue 20:29 < unpaid.last_call"] == shop.story()
    shop = Shop("2026-03-02 20:14")
    shop.order(auto_close_at=shop.moment("2026-03-04 06:00")).after("20m").buyer_says("付了").until("2026-03-03 20:40")
    assert ["Mon 20:29 < unpaid.help", "Mon 20:34 > 付了", "Mon 20:34 < paid.thanks"] == shop.story()
    assert [Verdict.EXPIRED] == shop.verdicts("unpaid.last_call")


def test_words_that_wait_in_the_outbox_expire_with_the_order() -> None:
    """A last call that the channel does not take is dropped when the order closes meanwhile."""
    shop = Shop().order().after("1d")
    shop.channel_answers(*["retry"] * 500).after("7d")
    assert ["unpaid.help"] == shop.steps()
    assert [Verdict.SENT, Verdict.EXPIRED] == shop.verdicts("unpaid.last_call")


def test_the_same_words_are_never_said_twice() -> None:
    """Rule 111: buyer who asks for patience again and again reads a new sentence each time, or none."""
    shop = Shop("2026-03-02 09:30").order().after("20m")
    for _ in range(6):
        shop.buyer_says("明天付").after("10m")
    texts = shop.heard()
    assert len(texts) == len(set(texts))


def test_tonight_is_answered_with_a_time_that_is_kept() -> None:
    """ "Tonight" right after the help: the cap allows the next word tomorrow, and that is what is promised."""
    shop = Shop("2026-03-02 14:00").order().after("20m").buyer_says("今晚付").after("2d")
    assert "3月3日 14:15" in shop.heard()[1]
    assert "Tue 14:15 < unpaid.last_call" == shop.story()[-1]


def test_a_time_after_the_closing_is_no_promise() -> None:
    """ "Next week" for an order that closes on Thursday: the buyer learns when, and hears once more before that."""
    shop = Shop("2026-03-02 14:00").order().after("20m").buyer_says("下周一付").after("7d")
    assert ["unpaid.help", "later.noted_closing", "unpaid.last_call"] == shop.steps()
    assert "Thu 11:00 < unpaid.last_call" == shop.story()[-1]


def test_who_says_paid_has_a_day_of_peace() -> None:
    """Thanks at once, a task for the agents with the buyer's words, and the next word only a day later."""
    shop = Shop("2026-03-02 14:00").order().after("20m").buyer_says("付了").after("3d")
    assert ["Mon 14:20 < paid.thanks", "Tue 14:20 < unpaid.last_call"] == shop.story()[2:]
    assert "付了" in shop.task("says_paid").text


def test_who_does_not_want_it_is_left_in_peace() -> None:
    """One friendly word, then nothing, and nobody is alarmed."""
    shop = Shop().order().after("20m").buyer_says("不要了").after("30d")
    assert ["unpaid.help", "unpaid.dropped"] == shop.steps()
    assert ("closed declined", []) == (shop.fate("unpaid_order"), shop.tasks())


def test_no_is_meant_for_the_order_the_buyer_was_reminded_of() -> None:
    """With two unpaid orders, "not that one" drops the one that was spoken of, not the one with the lower number."""
    shop = Shop().order("2000").after("20m")
    shop.order("1000").buyer_says("不要了")
    assert ("closed declined", "open") == (shop.fate("unpaid_order", "2000"), shop.fate("unpaid_order", "1000"))


def test_two_orders_share_one_nudge_a_day() -> None:
    """Two unpaid orders do not make two reminders a day: each is helped first, then one gets a last call."""
    shop = Shop("2026-03-02 14:00").order("1000").order("1001").after("7d")
    assert ["Mon 14:15 < unpaid.help", "Tue 14:15 < unpaid.help", "Wed 14:15 < unpaid.last_call"] == shop.story()
    assert ["unpaid_lost", "unpaid_lost"] == shop.tasks()


def test_a_message_at_night_is_answered_at_night() -> None:
    """Who writes at two in the morning is answered at two; the reminder itself keeps to the day."""
    shop = Shop("2026-03-02 20:00").order().until("2026-03-03 02:00").buyer_says("周四晚上付").after("7d")
    assert ["Tue 02:00 > 周四晚上付", "Tue 02:00 < later.noted_closing"] == shop.story()[1:3]


def test_a_message_that_arrives_again_is_handled_once() -> None:
    """Channels repeat themselves; the buyer is answered once, the agents asked once."""
    shop = Shop().order().after("20m")
    message = MessageReceived("shop", "terminal", "lin", "m1", "付了", shop.clock.now())
    for _ in range(3):
        shop.message(message)
    assert (["unpaid.help", "paid.thanks"], ["says_paid"]) == (shop.steps(), shop.tasks())
