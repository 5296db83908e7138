"""What the bot is not sure of goes to a person with the three best scripts, the rest it answers (rules 7, 12)."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from followup.model import Instant, ParcelStatus, Status
from followup.understood import Intent, Understood
from handlers.understand import understand
from tests.stories.shop import Shop


def unsure(text: str, now: Instant, zone: ZoneInfo, hint: str) -> Understood:
    """What is heard, but never for sure."""
    return replace(understand(text, now, zone, hint), intent=Intent.OTHER, sure=False)


def a_doubtful_shop() -> Shop:
    """A shop whose bot is sure of nothing that buyers write."""
    return Shop("2026-03-02 14:00", understands=unsure)


class TestUnsure:
    def test_a_person_gets_the_message_and_three_scripts(self) -> None:
        """Numbered, each with the id by which it is found, in the buyer's language and with his name."""
        shop = a_doubtful_shop().order().after("20m").buyer_says("怎么还没好？")
        lines = shop.task("buyer_message").text.splitlines()
        assert "怎么还没好？" in lines
        numbered = [line for line in lines if line[:1].isdigit()]
        assert ["1.", "2.", "3."] == [line.split()[0] for line in numbered]
        assert all(line.split()[1].startswith("[desk.") for line in numbered)

    def test_they_are_in_the_buyers_language(self) -> None:
        """The agents read Chinese, the buyer English: the words around are Chinese, those to copy English."""
        shop = a_doubtful_shop().order().after("20m").buyer_says("I was wondering about that thing, you know")
        text = shop.task("buyer_message").text
        assert ("复制就能用" in text, "en") == (True, shop.buyer().lang)
        assert any(word in text for word in ("I", "you"))

    def test_agents_read_their_own_language(self) -> None:
        """The other way round."""
        shop = a_doubtful_shop().order().after("20m")
        shop.deps = replace(shop.deps, agent_lang="en")
        text = shop.buyer_says("我有个问题").task("buyer_message").text
        assert ("ready to copy" in text, "[desk." in text) == (True, True)

    def test_the_facts_of_the_thread_are_filled_in(self) -> None:
        """Nothing is left for the agent to replace."""
        shop = a_doubtful_shop().order().after("20m").buyer_says("那个那个")
        text = shop.task("buyer_message").text
        assert ("羊毛围巾" in text, "{{" in text) == (True, False)

    def test_words_he_read_already_are_not_suggested_again(self) -> None:
        """Another variant of the same script comes first (rule 111)."""
        shop = a_doubtful_shop().order().after("20m").buyer_says("我有个问题")
        (first, *_) = [line for line in shop.task("buyer_message").text.splitlines() if line.startswith("1.")]
        script, _, words = first.removeprefix("1. [").partition("] ")
        thread = shop.thread("unpaid_order")
        digest = shop.deps.scripts.render(
            script, "zh-CN", {"buyer": "lin", "goods": "羊毛围巾", "order": "1001"}, thread.segment, (), thread.id
        ).digest
        shop.store.run(lambda tx: tx.save(replace(shop.thread("unpaid_order"), said=(*thread.said, digest))))
        text = shop.does_task("buyer_message").buyer_says("我有个问题呀").task("buyer_message").text
        (again, *_) = [line for line in text.splitlines() if line.startswith("1.")]
        assert (script, True) == (again.removeprefix("1. [").partition("] ")[0], words not in again)


SURE = {
    "可以开发票吗": "common.invoice",
    "any discount?": "common.price",
    "necesito factura": "common.invoice",
    "地址写错了，帮我改一下": "common.address_before",
    "快点发货": "common.rush",
    "什么时候发货": "common.delivery",
}


class TestSure:
    @pytest.mark.parametrize("text", SURE)
    def test_a_plain_question_is_answered_at_once_and_a_person_follows(self, text: str) -> None:
        """In any thread; the reply names the time, the task has the words ready."""
        shop = Shop("2026-03-02 14:00").order().after("20m").buyer_says(text)
        assert (["unpaid.help", SURE[text]], ["buyer_message"]) == (shop.steps(), shop.tasks())
        assert any(by in shop.heard()[-1] for by in ("3月3日 14:20", "Mar 3, 14:20", "3 de marzo a las 14:20"))

    def test_an_invoice_is_never_refused(self) -> None:
        """Rule 108: it will be sent, it costs nothing, and nothing is asked in return."""
        reply = Shop("2026-03-02 14:00").paid_order().buyer_says("可以开发票吗").heard()[-1]
        assert "可以" in reply or "没问题" in reply
        assert "邮箱" in reply

    def test_the_same_question_an_hour_later_is_only_for_a_person(self) -> None:
        """He knows; the agent sees how much it matters to him."""
        shop = Shop("2026-03-02 14:00").order().after("20m").buyer_says("可以开发票吗").after("1h")
        shop.buyer_says("要发票")
        assert (1, ["buyer_message"]) == (shop.steps().count("common.invoice"), shop.tasks())
        assert shop.task("buyer_message").text.endswith("› 要发票")

    def test_after_it_an_unclear_message_gets_no_receipt(self) -> None:
        """He knows that a person reads what he writes."""
        shop = Shop("2026-03-02 14:00").order().after("20m").buyer_says("可以开发票吗").buyer_says("我有个问题")
        assert (["unpaid.help", "common.invoice"], 1) == (shop.steps(), len(shop.tasks()))
        assert shop.task("buyer_message").text.endswith("› 我有个问题")

    def test_kind_words_are_answered_kindly_once(self) -> None:
        """Thanks, thanks again, OK: one line, and nobody is called."""
        shop = (
            Shop("2026-03-02 14:00")
            .paid_order()
            .refund()
            .buyer_says("谢谢")
            .buyer_says("谢谢你，辛苦了")
            .buyer_says("好的")
        )
        assert (["refund.acknowledge", "warm.thanks"], []) == (shop.steps(), shop.tasks())

    def test_a_greeting_is_returned_and_the_question_after_it_read(self) -> None:
        """ "Are you there?" — "Yes, go ahead." — and what comes next goes to a person, with a receipt."""
        shop = Shop("2026-03-02 14:00").buyer_says("在吗", "x").buyer_says("我有个问题", "x")
        assert (["warm.greeting", "reply.received"], ["buyer_message"]) == (shop.steps(), shop.tasks())

    def test_a_yes_to_a_list_of_choices_is_read_by_a_person(self) -> None:
        """ "Something wrong with the payment?" — "OK": who knows what he means."""
        shop = Shop("2026-03-02 14:00").order().after("20m").buyer_says("好的")
        assert ["buyer_message"] == shop.tasks()


class TestFromFacts:
    def test_where_the_refund_stands(self) -> None:
        """Asked in between, told at once; asked again, a person answers."""
        shop = Shop("2026-03-02 14:00").paid_order().refund().after("3h").buyer_says("我的退款到哪了")
        assert (["refund.acknowledge", "common.refund_requested"], []) == (shop.steps(), shop.tasks())
        assert "¥89.00" in shop.heard()[-1]
        assert ["buyer_message"] == shop.after("1h").buyer_says("退款怎么还没到").tasks()

    def test_money_that_was_paid_back_yesterday(self) -> None:
        """The thread is over, the buyer still waits for his bank: he is told from the facts."""
        shop = Shop("2026-03-02 14:00").paid_order().refund().after("1h").refund("paid_back").after("1d")
        shop.buyer_says("退款怎么还没到")
        assert ("common.refund_paid_back", []) == (shop.steps()[-1], shop.tasks())

    def test_where_the_parcel_is(self) -> None:
        """With nothing followed up: the only order under way is meant."""
        shop = Shop("2026-03-02 10:00").paid_order(tells_shipping=True)
        shop.changes(status=Status.SHIPPED, shipped_at=shop.clock.now()).parcel(place="杭州转运中心").after("1h")
        shop.buyer_says("快递到哪了")
        assert ("common.parcel", []) == (shop.steps()[-1], shop.tasks())
        (reply,) = shop.heard()
        assert all(fact in reply for fact in ("YT100200", "圆通速递", "杭州转运中心"))

    def test_one_that_is_said_to_have_arrived_is_for_a_person(self) -> None:
        """ "Signed for", says the courier, and the buyer asks where it is."""
        shop = Shop("2026-03-02 10:00").paid_order()
        shop.changes(status=Status.SIGNED, shipped_at=shop.clock.now()).parcel(status=ParcelStatus.SIGNED).after("1h")
        shop.buyer_says("快递到哪了")
        assert "common.parcel" not in shop.steps()

    def test_of_two_orders_nothing_is_guessed(self) -> None:
        """A person asks which one he means, or he is asked; no parcel is named at random."""
        shop = Shop("2026-03-02 10:00")
        for order in ("1001", "1002"):
            shop.paid_order(order)
            shop.changes(order, status=Status.SHIPPED, shipped_at=shop.clock.now()).parcel(f"YT{order}", order)
        shop.after("1h").buyer_says("快递到哪了")
        assert "common.parcel" not in shop.steps()
