"""The buyer has it and something is wrong with it, told as chats (rules 40, 45, 54, 58, 67-73)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from followup.after_sales.model import Branch, Remedy
from followup.causes import Cause
from followup.model import ParcelStatus, Status
from tests.stories.complaining import CaseShop


def test_damaged_and_refused_at_the_door() -> None:
    """Broken before he signs: refuse it; it is sent again, and one question closes the case."""
    shop = (
        CaseShop("2026-03-02 10:00")
        .shipped_order()
        .courier_says("at_the_door")
        .buyer_says("快递盒子压扁了里面的杯子碎了")
    )
    shop.after("3m").buyer_says("拒收了").after("4h")
    assert ("damaged_unsigned soothe", ["case_evidence"]) == (shop.standing(), shop.tasks())
    shop.agent_moves("remedy", remedy=Remedy.REISSUE).after("1h").agent_moves("reissued", number="YT2222222222")
    assert [
        "Mon 10:00 > 快递盒子压扁了里面的杯子碎了",
        "Mon 10:00 < sales.refuse",
        "Mon 10:03 > 拒收了",
        "Mon 10:03 < sales.refused_noted",
        "Mon 14:03 < reissue.coming",
        "Mon 15:03 < reissue.sent",
    ] == shop.story()


def test_the_courier_tells_of_the_refusal_first() -> None:
    """He says nothing more, but the courier does: the case goes on without his answer."""
    shop = CaseShop("2026-03-02 10:00").shipped_order().courier_says("at_the_door").buyer_says("收到的围巾破了")
    shop.after("1h").courier_says("refused")
    assert ["sales.refuse", "sales.refused_noted"] == shop.steps()
    assert "damaged_unsigned soothe" == shop.standing()


def test_told_to_refuse_it_he_had_signed_already() -> None:
    """Signed for after all: the same case asks for photos."""
    shop = CaseShop("2026-03-02 10:00").shipped_order().courier_says("at_the_door").buyer_says("收到的围巾破了")
    shop.after("3m").taps("case_signed").after("3m").shows(photos=2)
    assert ["sales.refuse", "sales.damaged", "sales.shown"] == shop.steps()


def test_damaged_and_signed() -> None:
    """Photos, thanks with a time, an exchange decided by a person, the register, and one last question."""
    shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("收到的围巾破了").after("10m").shows()
    assert ("damaged_signed soothe", ["case_evidence"]) == (shop.standing(), shop.tasks())
    brief = shop.task("case_evidence").text
    expected = ("破损，已签收", "照片", "换一件、补寄", "店铺出运费", "huifang case remedy 1001")
    assert [] == [words for words in expected if words not in brief]
    shop.after("2h").agent_moves("remedy", remedy=Remedy.REISSUE, number="YT2222222222").after("2d")
    shop.courier_says("signed", "YT2222222222").after("25h").taps("all_well").after("1h").registers(Cause.COURIER)
    shop.after("30d")
    assert [
        "Mon 10:00 > 收到的围巾破了",
        "Mon 10:00 < sales.damaged",
        "Mon 10:10 > [photo]",
        "Mon 10:10 < sales.shown",
        "Mon 12:10 < reissue.sent",
        "Thu 12:10 < reissue.well",
        "Thu 13:10 > (all_well)",
        "Thu 13:10 < reissue.glad",
    ] == shop.story()
    assert "settled registered" == shop.fate("after_sales")
    assert any("蓝旗 · 破损，已签收 · 快递问题 · 补寄 · 小美 2026-03-05" == note for note in shop.notes("小美"))


def test_photos_sent_with_the_first_words_are_not_asked_for() -> None:
    """He sends a photo along: thanked at once."""
    shop = CaseShop("2026-03-02 10:00").signed_order().shows("收到的围巾破了", photos=2)
    assert ["sales.shown"] == shop.steps()


def test_a_photo_sent_before_the_words_counts() -> None:
    """First the photo, then what is wrong with it."""
    shop = CaseShop("2026-03-02 10:00").signed_order().shows().after("1m").buyer_says("收到的围巾破了")
    assert "sales.shown" == shop.steps()[-1]


def test_an_album_of_single_photos_is_thanked_for_once() -> None:
    """Three photos, each a message of its own: one answer, no task for each."""
    shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("收到的围巾破了").shows().shows().shows()
    assert (["sales.damaged", "sales.shown"], ["case_evidence"]) == (shop.steps(), shop.tasks())


def test_nobody_knows_whether_he_signed() -> None:
    """No word of the courier: he is asked, and what he says decides."""
    shop = CaseShop("2026-03-02 10:00").shipped_order().buyer_says("收到的围巾破了").taps("case_not_signed")
    assert ("damaged_unsigned verify", ["sales.signed_yet", "sales.refuse"]) == (shop.standing(), shop.steps())
    other = CaseShop("2026-03-02 10:00").shipped_order().buyer_says("收到的围巾破了").taps("case_signed")
    assert ("damaged_signed verify", ["sales.signed_yet", "sales.ask_photos"]) == (other.standing(), other.steps())


def test_missing_and_found_in_the_other_parcel() -> None:
    """The order was split: he hears of the other parcel every day, and when it is there, whether all is well."""
    shop = CaseShop("2026-03-02 10:00").signed_order().parcel("ZT3333333333", courier="中通快递")
    shop.after("1h").buyer_says("少发了一件")
    assert "ZT3333333333" in shop.heard()[-1]
    shop.after("1d 1h").courier_says("signed", "ZT3333333333").after("1h").taps("all_well").registers(Cause.WAREHOUSE)
    assert [
        "Mon 11:00 > 少发了一件",
        "Mon 11:00 < sales.split_parcel",
        "Tue 11:00 < sales.daily_parcel",
        "Tue 12:00 < sales.arrived",
        "Tue 13:00 > (all_well)",
        "Tue 13:00 < sales.glad",
    ] == shop.story()
    assert "settled registered" == shop.fate("after_sales")


def test_both_parcels_came_and_it_is_still_missing() -> None:
    """Not in the other one either: the search begins."""
    shop = CaseShop("2026-03-02 10:00").signed_order().parcel("ZT3333333333").buyer_says("少发了一件").after("1d")
    shop.courier_says("signed", "ZT3333333333").taps("not_well")
    assert ("missing_item verify", "sales.missing") == (shop.standing(), shop.steps()[-1])


def test_missing_with_slip_weight_and_photos() -> None:
    """The parcel was intact: slip, weight and photo one after the other, then it is sent after."""
    shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("少发了一件").after("1m").taps("case_intact")
    shop.after("5m").shows().after("5m").buyer_says("320克").after("5m").shows()
    assert [
        "Mon 10:00 > 少发了一件",
        "Mon 10:00 < sales.missing",
        "Mon 10:01 > (case_intact)",
        "Mon 10:01 < sales.ask_slip",
        "Mon 10:06 > [photo]",
        "Mon 10:06 < sales.ask_weight",
        "Mon 10:11 > 320克",
        "Mon 10:11 < sales.ask_photos",
        "Mon 10:16 > [photo]",
        "Mon 10:16 < sales.shown",
    ] == shop.story()
    brief = shop.task("case_evidence").text
    assert all(word in brief for word in ("外包装完好", "装箱单", "称重 320克", "补寄、部分退款"))
    assert ("parcel:intact", "packing_slip", "weight:320克", "photos") == shop.record().has


def test_missing_without_slip_and_scales() -> None:
    """Who has no slip and no scales is not pressed."""
    shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("少发了一件").taps("case_intact")
    shop.buyer_says("没有").buyer_says("没有秤").shows()
    assert ["sales.missing", "sales.ask_slip", "sales.ask_weight", "sales.ask_photos", "sales.shown"] == shop.steps()
    assert ("parcel:intact", "packing_slip:none", "weight:none", "photos") == shop.record().has


def test_missing_from_a_torn_parcel() -> None:
    """Opened on the way: the courier's matter, and photos are enough."""
    shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("少发了一件").taps("case_opened").shows()
    assert ["sales.missing", "sales.ask_photos", "sales.shown"] == shop.steps()


def test_wrong_goods() -> None:
    """Photo and weight; the shop pays both ways of the exchange."""
    shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("发错颜色了").shows().buyer_says("0.32kg")
    assert ["sales.wrong_goods", "sales.ask_weight", "sales.shown"] == shop.steps()
    shop.after("1h").agent_moves("remedy", remedy=Remedy.EXCHANGE)
    assert ("exchange.ask", "shop") == (shop.steps()[-1], shop.record().payer)


def test_surplus_goods() -> None:
    """Thanked for his honesty; a photo and the weight, and nothing that costs him."""
    shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("多发了一件").shows().taps("case_no_scale")
    assert ["sales.surplus", "sales.ask_weight", "sales.shown"] == shop.steps()
    shop.after("1h").registers(Cause.WAREHOUSE).after("1d")
    assert ("sales.closing", "settled registered") == (shop.steps()[-1], shop.fate("after_sales"))


def test_quality_within_the_period() -> None:
    """Two days after signing: photos, then repair, exchange, discount or return by a person."""
    shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("质量太差了，洗一次就起球").after("1m").shows()
    assert ("quality soothe", ["sales.quality", "sales.shown"]) == (shop.standing(), shop.steps())
    shop.after("2h").agent_moves("remedy", remedy=Remedy.RETURN_REFUND)
    assert ("return.ask", "shop") == (shop.steps()[-1], shop.record().payer)


def test_quality_after_the_period() -> None:
    """Too late for a simple answer: photos, a person negotiates, and without agreement the supervisor decides."""
    shop = CaseShop("2026-03-02 10:00").signed_order().after("10d")
    shop.buyer_says("起球了").after("1m").shows()
    assert ("quality_late soothe", ["sales.quality_late", "sales.shown"]) == (shop.standing(), shop.steps())
    assert ["case_evidence"] == shop.tasks()
    shop.after("25h")
    assert "case_supervisor" in shop.tasks()
    shop.agent_moves("remedy", remedy=Remedy.REPAIR)
    assert "repair.ask" in shop.steps()


def test_a_fault_with_no_known_day_of_signing_is_for_a_person() -> None:
    """Whether the period is over cannot be known, so nothing is opened."""
    shop = CaseShop("2026-03-02 10:00").order(status=Status.SIGNED, paid_at=CaseShop("2026-02-01 10:00").clock.now())
    shop.buyer_says("起球了")
    assert (None, ["buyer_message"]) == (shop.store.tx.sale("shop/1001/after_sales"), shop.tasks())


class TestAsking:
    def test_once_more_then_a_person_then_peace(self) -> None:
        """Photos that do not come are asked for once more after a day; then it is a person's matter."""
        shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("收到的围巾破了").after("60d")
        assert ["Mon 10:00 < sales.damaged", "Tue 10:00 < sales.again_photos"] == shop.story()[1:]
        assert ["case_no_answer", "case_stuck"] == shop.tasks()

    def test_photos_in_the_night_take_the_question_back(self) -> None:
        """Asked again at nine in the morning? Not if the photo came in the night."""
        shop = (
            CaseShop("2026-03-02 22:00").signed_order().buyer_says("收到的围巾破了").after("1d 2h").shows().after("12h")
        )
        assert ["sales.damaged", "sales.shown"] == shop.steps()

    def test_a_nod_is_no_matter_for_a_person(self) -> None:
        """He says that he will, and then does."""
        shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("收到的围巾破了").buyer_says("好的")
        assert ([], ["sales.damaged"]) == (shop.tasks(), shop.steps())

    def test_photos_long_after_go_on_where_it_stopped(self) -> None:
        """Ten days later the photo comes after all."""
        shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("收到的围巾破了").after("10d").shows()
        assert ("sales.shown", "damaged_signed soothe") == (shop.steps()[-1], shop.standing())

    def test_unclear_words_are_a_persons(self) -> None:
        """What the bot does not understand goes to a person, and the case stays as it is."""
        shop = (
            CaseShop("2026-03-02 10:00").signed_order().buyer_says("收到的围巾破了").buyer_says("我表姐也买过你们家的")
        )
        assert ["buyer_message"] == shop.tasks()
        assert "damaged_signed verify" == shop.standing()


class TestOrders:
    def test_several_orders_may_be_meant(self) -> None:
        """He has two: asked which, he taps one, and only that one gets a case."""
        shop = CaseShop("2026-03-02 10:00").signed_order("1001", goods="围巾")
        shop.order("1002", status=Status.SIGNED, goods="手套", paid_at=shop.clock.now(), shipped_at=shop.clock.now())
        shop.buyer_says("收到的围巾破了")
        offered = [choice.label for choice in shop.outbox()[-1].choices]
        assert (["手套 …1002", "围巾 …1001"], ["case_which"]) == (offered, shop.tasks())
        shop.buyer_says("2")
        assert ["sales.which", "sales.damaged"] == shop.steps()
        assert ("damaged_signed", None) == (shop.record().branch, shop.store.tx.sale("shop/1002/after_sales"))

    def test_the_order_he_names(self) -> None:
        """A number in the message settles it."""
        shop = CaseShop("2026-03-02 10:00").signed_order("100100000001").signed_order("100100000002")
        shop.buyer_says("订单100100000002收到的围巾破了")
        assert None is shop.store.tx.sale("shop/100100000001/after_sales")
        assert None is not shop.store.tx.sale("shop/100100000002/after_sales")

    def test_a_second_order_while_the_first_has_a_case(self) -> None:
        """He names the other order: it gets a case of its own."""
        shop = CaseShop("2026-03-02 10:00").signed_order("100100000001").signed_order("100100000002")
        shop.buyer_says("订单100100000001收到的围巾破了").buyer_says("订单100100000002少发了一件")
        branches = [shop.store.tx.sale(f"shop/10010000000{n}/after_sales").branch for n in (1, 2)]
        assert [Branch.DAMAGED_SIGNED, Branch.MISSING_ITEM] == branches

    def test_a_stranger_learns_nothing_and_opens_nothing(self) -> None:
        """Somebody without an order says that it came broken: a person reads it."""
        shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("收到的围巾破了", buyer="wang")
        assert (["reply.received"], ["buyer_message"]) == (shop.steps(), shop.tasks())
        assert None is shop.store.tx.sale("shop/1001/after_sales")

    def test_who_said_stop_is_left_to_a_person(self) -> None:
        """Nothing automatic for who opted out, not even a case."""
        shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("退订").buyer_says("收到的围巾破了")
        assert None is shop.store.tx.sale("shop/1001/after_sales")
        assert ["buyer_message"] == shop.tasks()


class TestAgain:
    def test_a_closed_case_begins_a_new_round(self) -> None:
        """Settled, and a week later something else: the same thread, another round, the old words not said again."""
        shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("少发了一件").after("1h")
        shop.registers(Cause.WAREHOUSE).after("3d").buyer_says("收到的围巾破了")
        assert (2, Branch.DAMAGED_SIGNED) == (shop.record().round, shop.record().branch)
        assert "open" == shop.fate("after_sales")

    def test_old_photos_are_not_those_of_the_new_round(self) -> None:
        """What he showed the first time proves nothing the second time."""
        shop = CaseShop("2026-03-02 10:00").signed_order().shows("收到的围巾破了").registers(Cause.COURIER)
        shop.after("1d").buyer_says("收到的围巾破了")
        assert "damaged_signed verify" == shop.standing()


class TestPeople:
    def test_a_person_opens_a_case_at_night(self) -> None:
        """Opened at eleven in the evening; the buyer reads the first words in the morning."""
        shop = CaseShop("2026-03-02 23:00").signed_order().agent_moves("open", branch=Branch.WRONG_GOODS).after("12h")
        assert ["Tue 09:00 < sales.wrong_goods"] == shop.story()

    def test_a_person_has_seen_the_photos(self) -> None:
        """Shown on the platform: the case goes on, and the buyer is thanked."""
        shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("收到的围巾破了").after("1h")
        shop.agent_moves("shown", text="左下角裂了")
        assert (["sales.damaged", "sales.shown"], "damaged_signed soothe") == (shop.steps(), shop.standing())

    def test_nobody_decides(self) -> None:
        """The time passes: the agents are reminded, and the buyer hears every day with new words."""
        shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("收到的围巾破了").shows().after("4d")
        assert "case_late" in shop.tasks()
        texts = [text for text in shop.heard() if text]
        assert len(texts) == len(set(texts))

    def test_decided_in_time_no_promise_is_left_open(self) -> None:
        """The remedy is the answer that was promised: the clock stops."""
        shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("收到的围巾破了").shows().after("1h")
        shop.agent_moves("remedy", remedy=Remedy.REFUND).after("30h")
        assert "promise.no_news" not in shop.steps()
        assert "promise_near" not in shop.tasks()

    def test_the_buyer_says_it_is_solved(self) -> None:
        """He says so himself: he is thanked, and only the register is left, without asking him once more."""
        shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("收到的围巾破了").buyer_says("已经解决了，谢谢")
        shop.registers(Cause.COURIER).after("5d")
        assert (["sales.damaged", "sales.glad"], "settled registered") == (shop.steps(), shop.fate("after_sales"))

    def test_no_cause_no_register(self) -> None:
        """The real reason is a must (rule 47)."""
        shop = CaseShop("2026-03-02 10:00").signed_order().buyer_says("收到的围巾破了")
        with pytest.raises(Exception, match="case cause"):
            shop.agent_moves("register")


def test_an_angry_complaint_meets_a_person_first() -> None:
    """Angry words are calmed, not asked for photos; when he has calmed down, the case begins."""
    shop = CaseShop("2026-03-02 10:00").signed_order()
    shop.buyer_says("什么垃圾东西！收到就是坏的，骗子！").after("2h").buyer_says("收到的围巾破了")
    assert "sales.damaged" == shop.steps()[-1]


def test_the_days_of_the_period_are_counted_from_the_signing() -> None:
    """Signed for on the last day of the period: within; an hour later: after it."""
    for hours, branch in ((71, Branch.QUALITY), (73, Branch.QUALITY_LATE)):
        shop = CaseShop("2026-03-02 10:00").shipped_order().courier_says("signed")
        shop.clock.move_to(shop.clock.now() + timedelta(hours=hours))
        shop.buyer_says("起球了")
        assert branch == shop.record().branch


def test_no_reason_and_exchange_begin_the_return() -> None:
    """Within seven days of the signing: how to send it back, or how to swap it."""
    assert ["return.ask"] == CaseShop("2026-03-02 10:00").signed_order().buyer_says("我要退货").steps()
    assert ["exchange.ask"] == CaseShop("2026-03-02 10:00").signed_order().buyer_says("我想换个大一号").steps()


def test_a_parcel_that_is_lost_while_he_waits() -> None:
    """What he waits for is lost: a person asks him what he wants."""
    shop = CaseShop("2026-03-02 10:00").shipped_order().buyer_says("我要退款").taps("case_wait")
    shop.after("2h").parcel("YT1111111111", status=ParcelStatus.LOST)
    assert "case_parcel" in shop.tasks()
