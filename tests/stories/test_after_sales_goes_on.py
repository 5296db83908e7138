"""Cases that take another turn: an answer out of order, a change of mind, a word of ours just before the daily one."""

from __future__ import annotations

import pytest

from followup.after_sales.model import Branch, Remedy
from followup.model import Buyer, State, Status, TaskState
from tests.stories.complaining import CaseShop
from tests.stories.shop import SHOP

NEW = "YT9999999999"


def broken(now: str = "2026-03-02 10:00") -> CaseShop:
    """A scarf that came broken; its buyer has shown how."""
    return CaseShop(now).signed_order().shows("收到的围巾破了")


def sent_again() -> CaseShop:
    """Another one was sent and signed for."""
    shop = broken().agent_moves("remedy", remedy=Remedy.REISSUE, number=NEW).after("1d").parcel(NEW)
    return shop.after("1d").courier_says("signed", NEW)


def test_who_shows_the_second_thing_first_is_asked_again_for_the_first() -> None:
    """The weight came, the photos not: he is reminded of them once, then a person hears of it."""
    shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("发错货了").after("10m").buyer_says("称了一下320克")
    shop.after("5d")
    assert ["sales.wrong_goods", "sales.ask_photos", "sales.again_photos"] == shop.steps()
    assert ["case_no_answer"] == shop.tasks()


def test_a_case_opened_twice_asks_as_if_once() -> None:
    """Put into the same procedure again, it still asks once more and then tells a person."""
    shop = CaseShop("2026-03-02 10:00").signed_order()
    for _ in range(2):
        shop.agent_moves("open", branch=Branch.DAMAGED_SIGNED).after("3h")
    shop.after("5d")
    assert ("sales.again_photos", ["case_no_answer"]) == (shop.steps()[-1], shop.tasks())


def test_the_daily_word_waits_a_day_after_any_other() -> None:
    """An agent's decision was told at nine; the word of the day, due at ten, waits until nine the next day."""
    shop = broken().until("2026-03-03 09:00").agent_moves("remedy", remedy=Remedy.REFUND).until("2026-03-05 12:00")
    assert [
        "Tue 09:00 < sales.remedy_refund",
        "Wed 09:00 < sales.daily_doing",
        "Thu 09:00 < sales.daily_doing",
    ] == shop.story()[-3:]


def test_who_puts_it_off_is_still_reminded_before_it_is_late() -> None:
    """He sends it tomorrow: the last reminder, planned for the hour it had before, is not lost."""
    shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("我不想要了，想退货").until("2026-03-06 12:00")
    shop.buyer_says("明天寄").after("9d")
    assert ["return.noted", "return.last", "return.lapsed"] == shop.steps()[-3:]


def test_a_remedy_typed_twice() -> None:
    """A return keeps its reminders and its deadline; of a refund the buyer hears once."""
    back, money = (CaseShop("2026-03-02 10:00").signed_order().agent_moves("open", branch=Branch.QUALITY) for _ in "12")
    for _ in range(2):
        back.agent_moves("remedy", remedy=Remedy.RETURN_REFUND)
        money.agent_moves("remedy", remedy=Remedy.REFUND).after("1h")
    assert ["return.remind", "return.remind", "return.last", "return.lapsed"] == back.after("9d").steps()[-4:]
    assert 1 == money.steps().count("sales.remedy_refund")


@pytest.mark.parametrize("text", ["收到了，谢谢", "received, thanks", "Ya llegó, gracias"])
def test_received_thanks(text: str) -> None:
    """What was sent again is signed for, and he says so: all is well, and nobody asks him whether it is."""
    shop = sent_again().after("2h").buyer_says(text).after("5d")
    assert ("reissue.glad", "damaged_signed register") == (shop.steps()[-1], shop.standing())
    assert "buyer_message" not in shop.tasks()
    shop.registers("product").after("5d")
    assert "sales.closing" not in shop.steps()


def test_received_what_is_not_there_yet() -> None:
    """Before it is signed for, the same words may mean that our message arrived: a person reads them."""
    shop = broken().agent_moves("remedy", remedy=Remedy.REISSUE, number=NEW).after("1h").buyer_says("收到了，谢谢")
    assert ("follow_through", "buyer_message") == (shop.record().stage, shop.tasks()[-1])


@pytest.mark.parametrize("text", ["不退了", "I'll keep it, thanks", "Me lo quedo"])
def test_he_keeps_the_goods(text: str) -> None:
    """Nobody reminds him to send back what he keeps; a person has his words and settles it with him."""
    shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("我不想要了，想退货").after("10m").buyer_says(text)
    assert ("with_agent", True) == (shop.fate("after_sales"), text in shop.task("buyer_message").text)
    assert ["return.ask", "reply.received"] == shop.after("9d").steps()
    assert "return_lapsed" not in shop.tasks()


def test_which_order_is_settled_with_the_answer() -> None:
    """Nobody has to find out which order he meant once he said so."""
    shop = CaseShop("2026-03-02 10:00").signed_order("1001").signed_order("1002").buyer_says("收到的围巾破了")
    assert TaskState.OPEN is shop.task("case_which").state
    shop.taps("case:damaged:1002")
    assert TaskState.DONE is shop.task("case_which").state


def test_a_buyer_met_without_a_name_gets_it_from_his_order() -> None:
    """He wrote before his first order was followed up; agents read his name, not his id."""
    shop = CaseShop("2026-03-02 10:00")
    shop.store.run(lambda tx: tx.save(Buyer(SHOP, "lin")))
    shop.signed_order(buyer_name="林女士").shows("收到的围巾破了")
    assert ("林女士", True) == (shop.buyer().name, "林女士" in shop.task("case_evidence").text)


def test_who_wants_no_words_gets_none() -> None:
    """Opted out, the buyer hears nothing of any move; agents still see their tasks."""
    shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("别再给我发消息了")
    said, _ = shop.steps(), shop.tasks()
    shop.agent_moves("open", branch=Branch.NO_REASON).after("1d")
    shop.agent_moves("arrived", sound=False).after("1d").agent_moves("remedy", remedy=Remedy.REISSUE).after("9d")
    assert said == shop.steps()
    assert {"return_address", "return_not_sound", "reissue_due"} <= set(shop.tasks())


def test_the_same_fact_twice_says_nothing_twice() -> None:
    """A source repeats itself: arrivals, numbers and deadlines are told once."""
    shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("我不想要了，想退货").after("1d")
    for status in ("on_its_way", "on_its_way", "signed", "signed"):
        shop.sent_back(status).after("1h")
    for _ in range(2):
        shop.agent_moves("arrived")
    told = [step for step in shop.steps() if step != "return.ask"]
    assert (["return.received", "return.arrived", "return.in_order"], len(told)) == (told, len(set(told)))


def test_a_second_round_has_reminders_of_its_own() -> None:
    """The case of a year ago is closed; what goes wrong now is asked for, and asked again, as the first time."""
    shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("收到的围巾破了").after("1h")
    shop.agent_moves("remedy", remedy=Remedy.REFUND).after("1h").registers("product").after("10d")
    before = shop.steps()
    shop.changes(status=Status.FINISHED, closed_at=shop.clock.now()).buyer_says("围巾又开线了，质量太差").after("4d")
    assert (2, State.WITH_AGENT) == (shop.record().round, shop.thread("after_sales").state)
    assert ["sales.quality_late", "sales.again_photos"] == shop.steps()[len(before) :]
