"""Who wants to be left alone is left alone, at once and for good."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followup.model import Buyer, Outgoing, OutgoingState
from followup.policy import Policy
from tests.stories.shop import SHOP, Shop

STOPS = {"zh-CN": "别再发了", "en": "please stop texting me", "es": "no me escribas más"}
WORDS = {"zh-CN": ("好的", "收到"), "en": ("Done", "Understood"), "es": ("Hecho", "Entendido", "Listo", "De acuerdo")}


def is_in(lang: str, text: str) -> bool:
    return any(text.startswith(word) for word in WORDS[lang])


@pytest.mark.parametrize("lang", STOPS)
def test_one_confirmation_then_silence(lang: str) -> None:
    """In every language: one confirmation in the buyer's own, then nothing, whatever happens to the order."""
    shop = Shop("2026-03-02 14:00", replace(Policy(SHOP), lang=lang)).order().after("20m")
    shop.buyer_says(STOPS[lang]).after("2d").pays().refund().after("1d").review().after("30d")
    assert ["unpaid.help", "stop.confirmed"] == shop.steps()
    assert is_in(lang, shop.heard()[1])


@pytest.mark.parametrize("lang", STOPS)
def test_a_stop_in_another_language_is_understood_and_answered_in_it(lang: str) -> None:
    """A Chinese shop understands a Spanish buyer's stop, and confirms it in Spanish."""
    shop = Shop("2026-03-02 14:00").order().after("20m").buyer_says(STOPS[lang])
    assert is_in(lang, shop.heard()[-1])


def test_a_second_stop_is_not_confirmed_again() -> None:
    """One confirmation only; what the buyer writes afterwards is read by a person."""
    shop = Shop().order().after("20m").buyer_says("退订").buyer_says("退订").after("1h").buyer_says("听到没有")
    assert ["unpaid.help", "stop.confirmed"] == shop.steps()
    assert ["buyer_message"] == shop.tasks()
    assert "听到没有" in shop.task("buyer_message").text


def test_a_stop_at_night_is_confirmed_at_night() -> None:
    """It works at once."""
    shop = Shop("2026-03-02 20:00").order().until("2026-03-03 03:00").buyer_says("STOP")
    assert "Tue 03:00 < stop.confirmed" == shop.story()[-1]


def test_a_stop_concerns_every_order_of_the_buyer_and_nobody_else() -> None:
    """Three matters of one buyer fall silent, another buyer's goes on."""
    shop = Shop("2026-03-02 14:00").order("1001").order("1002").paid_order("1003").refund(order="1003")
    shop.order("2001", buyer="he").after("20m").buyer_says("退订").after("3d")
    assert "stop.confirmed" == shop.story("lin")[-1].split()[-1]
    assert ["unpaid.help", "unpaid.last_call"] == [line.split()[-1] for line in shop.story("he")]


@pytest.mark.parametrize("how", ["settled", "asked_twice"])
def test_a_stop_takes_back_what_waits_in_a_closed_thread(how: str) -> None:
    """A message whose thread is over already waits for the channel when the buyer says stop: it never goes."""
    shop = Shop("2026-03-02 10:00").paid_order()
    if how == "settled":
        shop.refund().channel_answers("retry").refund("paid_back")
    else:
        shop.review().agent("solved", "review_revision").buyer_says("解决了").after("6d")
        shop.channel_answers("retry").after("1d")
    shop.buyer_says("退订").after("30d")
    assert "stop.confirmed" == shop.steps()[-1]
    states = [each.state for each in shop.store.tx.items[Outgoing].values() if each.step in SETTLING]
    assert [OutgoingState.CANCELLED] == states


SETTLING = ("refund.settled", "review.retry")


def test_an_agent_can_opt_a_buyer_out() -> None:
    """Told on the telephone: silence, without a confirmation."""
    shop = Shop().order().after("20m").agent("opt_out", "unpaid_order").after("7d")
    assert ["unpaid.help"] == shop.steps()


def test_the_agents_still_hear_of_the_order() -> None:
    """The buyer is left alone, the shop's own book-keeping goes on: the lost order is reported."""
    shop = Shop().order().after("20m").buyer_says("退订").after("7d")
    assert (["unpaid_lost"], "given_up not_paid") == (shop.tasks(), shop.fate("unpaid_order"))


def test_a_stranger_can_stop_too() -> None:
    """Also who has no order is confirmed once and then only read by people."""
    shop = Shop().buyer_says("我有个问题", "x").buyer_says("退订", "x").buyer_says("退订", "x").after("1d")
    assert ["reply.received", "stop.confirmed"] == shop.steps()


def test_a_stop_before_the_first_order_is_remembered() -> None:
    """Who said stop as a stranger and orders later is the same person, in the same chat."""
    shop = Shop().buyer_says("退订").after("1d").order().after("7d")
    assert ["stop.confirmed"] == shop.steps()


def test_every_thread_begins_with_the_way_out() -> None:
    """The first automated message of each thread says how to stop, the second does not say it again."""
    shop = Shop("2026-03-02 14:00").order().after("2d").paid_order("1002").refund(order="1002").after("2d")
    marked = ["退订" in text for text in shop.heard()]
    assert [True, False, True, False, False] == marked


def test_the_way_out_is_told_anew_when_the_first_word_never_arrived() -> None:
    """The help was refused; the next word that goes is the first the buyer reads."""
    shop = Shop("2026-03-02 14:00").order().channel_answers("refused").after("20m")
    shop.buyer_says("明天付").after("2d")
    assert "退订" in shop.heard()[0]


def test_the_buyer_is_remembered_as_a_buyer() -> None:
    """The opt-out belongs to the person, not to the chat."""
    shop = Shop().order().after("20m").buyer_says("退订")
    assert shop.store.tx.get(Buyer, SHOP, "lin").opted_out_at == shop.clock.now()


def test_outside_of_matters_the_way_out_is_told_once_a_while() -> None:
    """A stranger who greets, then tells something, reads under the first answer how to stop, not under each."""
    shop = Shop().buyer_says("在吗", "x").after("5m").buyer_says("我昨天看到一只猫", "x")
    assert (["warm.greeting", "reply.received"], [True, False]) == (shop.steps(), ["退订" in t for t in shop.heard()])
    shop.after("1d").buyer_says("您好", "x")
    assert "退订" in shop.heard()[-1]
