"""An angry buyer meets one calm reply and a human, and nothing automatic for a day (rules 112-115, 118)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from followup.policy import AddressCheck, AddressPolicy
from tests.stories.shop import POLICY, Shop, library

ANGRY = {
    "zh-CN": "你们什么破店，骗子！",
    "en": "This is unacceptable, you are thieves!",
    "es": "¡Son unos ladrones, qué vergüenza!",
}


@pytest.mark.parametrize("lang", ANGRY)
def test_one_calm_reply_and_a_person(lang: str) -> None:
    """In his language; the agent reads his words, what went before, how to take it, and what may be said."""
    shop = Shop("2026-03-02 10:00").order().after("20m").buyer_says(ANGRY[lang]).after("5m")
    assert ["Mon 10:15 < unpaid.help", f"Mon 10:20 > {ANGRY[lang]}", "Mon 10:20 < calm.listening"] == shop.story()
    assert lang == shop.delivered[-1].lang
    task = shop.task("angry").text
    assert all(word in task for word in (ANGRY[lang], "1001", "开始", "desk.listen", "huifang why 1001"))


def test_the_reply_says_who_answers_and_by_when() -> None:
    """A colleague, and the very moment; no excuse and no question."""
    shop = Shop("2026-03-02 10:00").order().after("1h").buyer_says(ANGRY["zh-CN"])
    reply = shop.heard()[-1]
    assert ("同事" in reply, "3月3日 11:00" in reply, "？" in reply) == (True, True, False)


def test_a_second_burst_goes_to_the_task_and_no_second_sorry() -> None:
    """Within half a day he is not soothed twice; every message reaches a person."""
    shop = Shop("2026-03-02 10:00").order().after("20m").buyer_says(ANGRY["zh-CN"])
    shop.after("5m").buyer_says("说话啊骗子").after("1h").buyer_says("垃圾店！")
    assert ["unpaid.help", "calm.listening"] == shop.steps()
    assert ["angry"] == shop.tasks()
    assert shop.task("angry").text.endswith("\n› 说话啊骗子\n› 垃圾店！")


def test_half_a_day_later_he_is_answered_again_in_other_words() -> None:
    """Nobody reads the same words twice (rule 111)."""
    shop = Shop("2026-03-02 08:00").paid_order().buyer_says(ANGRY["zh-CN"]).after("13h").buyer_says("骗子！")
    calm = [message.text for message in shop.delivered if message.step == "calm.listening"]
    assert (2, 2) == (len(calm), len(set(calm)))


def test_no_nudge_in_the_middle_of_anger() -> None:
    """All his matters wait a day from his last angry word: the order, its list of choices, and the refund's news."""
    shop = Shop("2026-03-02 10:00").order("1001").after("10m").buyer_says(ANGRY["zh-CN"]).does_task("angry")
    shop.after("3h").order("1002").after("2h").buyer_says("还没人理我？骗子").does_task("angry").after("2d")
    nudges = [line for line in shop.story() if "unpaid." in line]
    assert "Tue 15:10" == " ".join(nudges[0].split()[:2])


def test_no_note_on_a_review_in_the_middle_of_anger() -> None:
    """He confirmed in the morning that it was solved, and is angry at noon: the note waits."""
    shop = Shop("2026-03-02 21:00").paid_order().review().agent("solved", "review_revision").buyer_says("解决了")
    shop.until("2026-03-03 08:30").buyer_says(ANGRY["zh-CN"]).does_task("angry").until("2026-03-04 08:00")
    assert "review.note" not in shop.steps()
    shop.until("2026-03-04 10:00")
    assert "review.note" == shop.steps()[-1]


def test_what_he_waits_for_is_told_all_the_same() -> None:
    """His money is no nudge: he hears of it at once, angry or not."""
    shop = Shop("2026-03-02 10:00").paid_order().refund().buyer_says(ANGRY["zh-CN"]).does_task("angry")
    shop.after("1h").refund("paid_back")
    assert ["refund.acknowledge", "calm.listening", "refund.settled"] == shop.steps()


def test_who_drops_the_order_in_anger_is_let_go() -> None:
    """One friendly word, no argument; a person knows how he felt."""
    shop = Shop("2026-03-02 10:00").order().after("20m").buyer_says("垃圾，不买了").after("7d")
    assert (["unpaid.help", "unpaid.dropped"], "closed declined") == (shop.steps(), shop.fate("unpaid_order"))
    assert ["angry"] == shop.tasks()


def test_an_angry_stranger_is_answered_too() -> None:
    """Without any order: calm words, a person, and nothing told."""
    shop = Shop().order().buyer_says(ANGRY["zh-CN"], "x")
    assert (["calm.listening"], ["angry"]) == (shop.steps(), shop.tasks())
    assert "1001" not in shop.heard()[0]


def test_the_calm_words_never_argue() -> None:
    """In every language: sorry first, no "but", no blame, nothing asked."""
    for lang in ("zh-CN", "en", "es"):
        for variant in library().variants("calm.listening", lang, Shop().order().thread("unpaid_order").segment):
            words = variant.source.lower()
            assert any(
                sorry in words
                for sorry in ("抱歉", "对不起", "sorry", "apologise", "lo siento", "disculpas", "lo lamento")
            )
            assert not any(but in words for but in ("但是", "可是", "不过", " but ", " pero ", "?", "？"))


def test_nobody_angry_is_asked_to_check_his_address() -> None:
    """A question that he did not ask for waits like a nudge, a payment or not."""
    policy = replace(POLICY, address=AddressPolicy(AddressCheck.EVERY, expires_after=timedelta(days=3)))
    shop = Shop("2026-03-02 10:00", policy).buyer_says(ANGRY["zh-CN"]).does_task("angry").after("1h").paid_order()
    shop.after("20h")
    assert ["calm.listening"] == shop.steps()
    shop.after("4h")
    assert ["calm.listening", "address.check"] == shop.steps()
