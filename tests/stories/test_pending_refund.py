"""Refunds, from the request to the money."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from followup.model import Money, Verdict
from tests.stories.shop import Shop


def test_a_word_at_once_a_word_a_day_and_the_money() -> None:
    """Acknowledged at once, told every day where it stands, told when the money went, then silence."""
    shop = Shop("2026-03-02 11:00").paid_order().after("1d").refund().after("2d 5h").refund("paid_back").after("30d")
    assert [
        "Tue 11:00 < refund.acknowledge",
        "Wed 11:00 < refund.daily",
        "Thu 11:00 < refund.daily",
        "Thu 16:00 < refund.settled",
    ] == shop.story()
    assert ("settled paid_back", []) == (shop.fate("pending_refund"), shop.tasks())


def test_every_day_has_words_of_its_own() -> None:
    """Fifteen updates, each with its day, none like another; then a person takes over and the bot is silent."""
    shop = Shop("2026-03-02 11:00").paid_order().refund().after("60d")
    texts = shop.heard()
    assert ["refund.acknowledge", *["refund.daily"] * 15] == shop.steps()
    assert len(texts) == len(set(texts))
    assert all(f"第 {day} 天" in text for day, text in enumerate(texts[1:], start=2))
    assert ("with_agent", ["refund_stuck"]) == (shop.fate("pending_refund"), shop.tasks())


def test_after_the_last_update_the_money_is_still_announced() -> None:
    """A person took over, yet the buyer reads it when the money goes."""
    shop = Shop("2026-03-02 11:00").paid_order().refund().after("40d").refund("paid_back")
    assert "refund.settled" == shop.steps()[-1]


@pytest.mark.parametrize(("late", "first"), [("5m", "Mon 23:05"), ("10m", "Mon 23:10"), ("11m", "Tue 09:00")])
def test_a_request_at_night_is_acknowledged_while_the_buyer_is_there(late: str, first: str) -> None:
    """Within ten minutes of the request the acknowledgement is a reply; later it waits for the morning."""
    shop = Shop("2026-03-02 23:00").paid_order()
    asked = shop.clock.now()
    shop.after(late).refund(requested_at=asked).until("2026-03-03 10:00")
    assert [f"{first} < refund.acknowledge"] == shop.story()


def test_the_daily_word_keeps_to_the_day() -> None:
    """Acknowledged at 23:00, the updates come at nine."""
    shop = Shop("2026-03-02 23:00").paid_order().refund().after("3d")
    assert ["Mon 23:00", "Wed 09:00", "Thu 09:00"] == [line[:9] for line in shop.story()]


def test_only_the_agents_hear_of_the_deadline() -> None:
    """A day before the platform decides the agents are warned, with the time on their clock; the buyer is not."""
    shop = Shop("2026-03-02 11:00").paid_order()
    shop.refund(deadline=shop.moment("2026-03-05 18:00")).until("2026-03-04 17:59")
    assert [] == shop.tasks()
    shop.until("2026-03-04 18:00")
    assert ["refund_deadline"] == shop.tasks()
    assert "3月5日 18:00" in shop.task("refund_deadline").text
    assert {"refund.acknowledge", "refund.daily"} == set(shop.steps())


def test_a_deadline_put_off_is_warned_of_again() -> None:
    """The platform gave more time after the first warning: there is a second one, and no third."""
    shop = Shop("2026-03-02 11:00").paid_order()
    shop.refund(deadline=shop.moment("2026-03-03 11:00")).after("1h")
    shop.refund("returning", deadline=shop.moment("2026-03-10 11:00")).after("20d")
    assert ["refund_deadline", "refund_deadline"] == [reason for reason in shop.tasks() if reason != "refund_stuck"]


def test_the_warning_outlives_an_opt_out() -> None:
    """Who wants no messages gets none; the shop's own deadline does not go away with them."""
    shop = Shop("2026-03-02 11:00").paid_order()
    shop.refund(deadline=shop.moment("2026-03-08 11:00")).after("1h").buyer_says("退订").after("20d")
    assert ["refund.acknowledge", "stop.confirmed"] == shop.steps()
    assert ["refund_deadline"] == shop.tasks()


def test_the_warning_outlives_a_refusal() -> None:
    """A refused refund is a person's matter, and its deadline is exactly what that person must not miss."""
    shop = Shop("2026-03-02 11:00").paid_order()
    shop.refund(deadline=shop.moment("2026-03-08 11:00")).after("1h").refund("refused").after("20d")
    assert ["refund.acknowledge"] == shop.steps()
    assert ["refund_refused", "refund_deadline"] == shop.tasks()


def test_a_refused_refund_that_is_taken_up_again_is_followed_again() -> None:
    """Refused on Monday, in hand again on Wednesday: the daily word comes back on Thursday."""
    shop = Shop("2026-03-02 11:00").paid_order().refund().after("1h").refund("refused")
    shop.after("2d").refund("requested").after("1d")
    assert ["Mon 11:00 < refund.acknowledge", "Thu 12:00 < refund.daily"] == shop.story()


def test_a_withdrawn_refund_ends_in_silence() -> None:
    """The buyer took it back: nothing to announce."""
    shop = Shop("2026-03-02 11:00").paid_order().refund().after("1h").refund("withdrawn").after("30d")
    assert (["refund.acknowledge"], "settled withdrawn") == (shop.steps(), shop.fate("pending_refund"))


def test_the_news_of_money_waits_for_the_morning() -> None:
    """Paid back at 22:00, told at nine; a buyer sleeps well without it."""
    shop = Shop("2026-03-02 11:00").paid_order().refund()
    shop.until("2026-03-02 22:00").refund("paid_back").after("2d")
    assert "Tue 09:00 < refund.settled" == shop.story()[-1]


def test_old_news_of_money_is_not_told() -> None:
    """News that comes four days late is no news; a person decides."""
    shop = Shop("2026-03-02 11:00").paid_order().refund().after("6d")
    shop.refund("paid_back", settled_at=shop.clock.now() - timedelta(days=4)).after("1d")
    assert "refund.settled" not in shop.steps()
    assert ([Verdict.EXPIRED], ["expired"]) == (shop.verdicts("refund.settled"), shop.tasks())


def test_a_refund_asked_for_anew_is_acknowledged_anew_in_other_words() -> None:
    """Withdrawn, and a new request a week later: a new round in the same thread, which repeats no sentence."""
    shop = Shop("2026-03-02 11:00").paid_order().refund().after("1h").refund("withdrawn")
    shop.after("7d").refund(id_="R2").after("1h")
    texts = [text.split("\n")[0] for text in shop.heard()]
    assert ["refund.acknowledge"] * 2 == shop.steps()
    assert 2 == len(set(texts))


def test_a_refund_that_was_settled_never_comes_back() -> None:
    """The same request told again as pending, late or by mistake, opens nothing."""
    shop = Shop("2026-03-02 11:00").paid_order().refund().after("1h").refund("paid_back")
    shop.after("1d").refund("requested").after("30d")
    assert ["refund.acknowledge", "refund.settled"] == shop.steps()


def test_two_refunds_of_one_order_each_with_its_own_amount() -> None:
    """Two parcels of one order are sent back: the news of each names its own money."""
    shop = Shop("2026-03-02 11:00").paid_order().refund(amount=Money(Decimal(30))).after("1h")
    shop.refund(id_="R2", amount=Money(Decimal(50))).after("1h").refund("paid_back").after("1h")
    shop.refund("paid_back", "R2").after("1h")
    told = [text for step, text in zip(shop.steps(), shop.heard(), strict=True) if step == "refund.settled"]
    assert [True, True] == [amount in text for amount, text in zip(("¥30.00", "¥50.00"), told, strict=True)]


def test_both_deadlines_of_two_refunds_are_warned_of() -> None:
    """While the bot follows the first request, the second one's deadline runs as well."""
    shop = Shop("2026-03-02 11:00").paid_order()
    shop.refund(deadline=shop.moment("2026-03-20 11:00")).after("1h")
    shop.refund(id_="R2", deadline=shop.moment("2026-03-05 11:00")).until("2026-03-04 11:00")
    assert ["refund_deadline"] == shop.tasks()


def test_what_an_agent_solved_is_not_asked_about_again() -> None:
    """An agent settled it with the buyer: no daily word, but the money is announced when it goes."""
    shop = Shop("2026-03-02 11:00").paid_order().refund().after("1h").agent("solved", "pending_refund")
    shop.after("3d").refund("paid_back").after("1d")
    assert ["refund.acknowledge", "refund.settled"] == shop.steps()
