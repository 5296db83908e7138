"""Several matters of one buyer, returning buyers, buyers elsewhere, and strangers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from followup.model import Chat, Verdict
from followup.policy import Policy
from followup.ports import Capabilities
from tests.stories.shop import SHOP, Shop


def test_a_refund_goes_before_an_unpaid_order() -> None:
    """Due at the same moment, the refund's daily word goes and the order waits another day, for as long as it lasts."""
    shop = Shop("2026-03-01 20:00").paid_order("1001").refund().until("2026-03-02 20:10").order("1002")
    shop.until("2026-03-04 12:00").refund("paid_back", order="1001").until("2026-03-05 12:00")
    assert [
        "Sun 20:00 < refund.acknowledge",
        "Mon 20:00 < refund.daily",
        "Tue 20:00 < refund.daily",
        "Wed 12:00 < refund.settled",
        "Wed 20:00 < unpaid.help",
    ] == shop.story()
    assert [Verdict.CAPPED, Verdict.CAPPED, Verdict.SENT] == shop.verdicts("unpaid.help")


def test_together_in_the_morning_the_most_urgent_goes_first() -> None:
    """Due together at nine: refund, then a day later the order; never two nudges in a day."""
    shop = Shop("2026-03-01 22:00").paid_order("1001").refund().until("2026-03-02 23:00").order("1002")
    shop.until("2026-03-03 12:00").refund("paid_back", order="1001").until("2026-03-04 12:00")
    assert [
        "Sun 22:00 < refund.acknowledge",
        "Tue 09:00 < refund.daily",
        "Tue 12:00 < refund.settled",
        "Wed 09:00 < unpaid.help",
    ] == shop.story()
    assert [Verdict.QUIET_HOURS, Verdict.CAPPED, Verdict.SENT] == shop.verdicts("unpaid.help")


def test_the_note_on_a_review_waits_behind_everything() -> None:
    """An unpaid order and a review note due at the same time: the order's words go first, one a day."""
    shop = Shop("2026-03-02 21:00").paid_order("1001").review().agent("solved", "review_revision")
    shop.buyer_says("解决了").order("1002").until("2026-03-05 10:00")
    assert ["Tue 09:00 < unpaid.help", "Wed 09:00 < unpaid.last_call", "Thu 09:00 < review.note"] == shop.story()[1:]


def test_notices_do_not_wait_their_turn() -> None:
    """A nudge an hour ago does not hold back the acknowledgement of a refund or the news of its money."""
    shop = Shop("2026-03-02 10:00").order("1001").paid_order("1002").after("1h").refund(order="1002")
    shop.after("1h").refund("paid_back", order="1002")
    assert ["unpaid.help", "refund.acknowledge", "refund.settled"] == shop.steps()


def test_a_returning_buyer_gets_the_warmer_words() -> None:
    """Rules 5 and 6: who paid before is welcomed back, who is new is not."""
    shop = Shop().paid_order("900").after("1d").order("1001").order("1002", buyer="he").after("15m")
    texts = dict(zip((line.split()[-1] for line in shop.story("lin")), shop.heard(), strict=False))
    returning = "又" in texts["unpaid.help"]
    assert (True, "returning", "new") == (
        returning,
        shop.thread("unpaid_order", "1001").segment.value,
        shop.thread("unpaid_order", "1002").segment.value,
    )


@pytest.mark.parametrize(
    ("text", "lang"),
    [("Hi, where is my parcel?", "en"), ("Hola, ¿dónde está mi pedido?", "es"), ("我有个问题", "zh-CN")],
)
def test_a_stranger_gets_nothing_about_orders(text: str, lang: str) -> None:
    """Somebody unknown asks: a receipt in his own language, no order, no goods, no amount; a person reads it."""
    shop = Shop().order().buyer_says(text, "x")
    (reply,) = shop.heard()
    assert not any(secret in reply for secret in ("1001", "羊毛围巾", "89", "lin"))
    assert (["buyer_message"], lang) == (shop.tasks(), shop.buyer("x").lang or shop.policy.lang)
    assert text in shop.task("buyer_message").text


def test_a_stranger_is_not_told_the_same_thing_all_day() -> None:
    """One receipt in twelve hours, and a task that has every message."""
    shop = Shop()
    for _ in range(5):
        shop.buyer_says("我有个问题", "x").after("1h")
    assert (["reply.received"], ["buyer_message"]) == (shop.steps(), shop.tasks())
    assert 4 == shop.task("buyer_message").text.count("\n› 我有个问题")


def test_a_talkative_buyer_never_reads_the_same_receipt_twice() -> None:
    """Over weeks the receipts run out of new words; then the bot is silent, and a person reads every message."""
    shop = Shop("2026-03-02 11:00").paid_order().refund()
    for _ in range(10):
        shop.after("13h").buyer_says("怎么还没好？")
    texts = [text.split("\n")[0] for text in shop.heard()]
    assert len(texts) == len(set(texts))
    assert (["buyer_message"], 9) == (shop.tasks()[-1:], shop.task("buyer_message").text.count("\n› 怎么还没好？"))


def test_quiet_hours_are_the_buyers_own() -> None:
    """A shop in Madrid: nine o'clock there, also in the night when clocks change."""
    policy = replace(Policy(SHOP), zone=ZoneInfo("Europe/Madrid"), lang="es")
    shop = Shop("2026-03-28 23:30", policy).order().after("1d")
    assert ["Sun 09:00 < unpaid.help"] == shop.story()


def test_the_bot_speaks_where_the_buyer_wrote_last() -> None:
    """A buyer with two chats is answered, and reminded, in the one he used."""
    shop = Shop("2026-03-02 10:00")
    for channel in ("terminal", "telegram"):
        chat = Chat(f"shop/{channel}/lin", SHOP, "lin", channel, "lin")
        shop.store.run(lambda tx, chat=chat: tx.save(chat))
    shop.order().after("1m").buyer_says("我有个问题", channel="telegram").after("1d")
    assert {"telegram"} == {message.channel for message in shop.delivered}


def test_a_channel_with_a_window_speaks_only_within_it() -> None:
    """Two days after the buyer's last message the channel is closed: a person gets the task instead."""
    two_days = {"terminal": Capabilities(window=timedelta(hours=48))}
    shop = Shop("2026-03-02 10:00", capabilities=two_days)
    shop.order().after("10m").buyer_says("我有个问题").after("7d")
    assert ["reply.received", "unpaid.help", "unpaid.last_call"] == shop.steps()
    shop = Shop("2026-03-02 10:00", capabilities=two_days).order().after("7d")
    assert ([], [Verdict.WINDOW_CLOSED, Verdict.EXPIRED]) == (shop.steps(), shop.verdicts("unpaid.help"))
    assert ["window_closed", "unpaid_lost"] == shop.tasks()
