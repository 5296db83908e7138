"""Returns, from the first word to the register: without a reason, late, not as they were, and for a fault."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.after_sales.model import Payer, Remedy, Stage
from followup.causes import Cause
from followup.model import OutgoingState
from followup.policy import AfterSalesPolicy, Policy
from tests.stories.linked import CAN, TELEGRAM
from tests.stories.returning import RETURN, ReturnShop
from tests.stories.shop import SHOP

WANTS_OUT = "不想要了，我要退货"


def a_return(now: str = "2026-03-02 14:00", **more: object) -> ReturnShop:
    """A buyer who says on a Monday that he wants to return the scarf."""
    return ReturnShop(now, **more).signed_order().buyer_says(WANTS_OUT)  # type: ignore[arg-type]


def test_without_a_reason_and_in_time() -> None:
    """Told how and by when, reminded twice, thanked for the number; it arrives, is in order, the money goes."""
    shop = a_return().after("4d 3h").buyer_says(f"寄了 {RETURN}").after("3d")
    shop.sent_back("signed").after("2h").agent_moves("arrived").refund("paid_back").after("30d")
    assert [
        "Mon 14:00 > 不想要了，我要退货",
        "Mon 14:00 < return.ask",
        "Wed 14:00 < return.remind",
        "Fri 14:00 < return.remind",
        "Fri 17:00 > 寄了 SF2222222222",
        "Fri 17:00 < return.received",
        "Mon 17:00 < return.arrived",
        "Mon 19:00 < return.in_order",
    ] == shop.story()
    assert (Stage.REGISTER, Payer.BUYER) == (shop.record().stage, shop.record().payer)
    assert ["return_address", "return_inspect", "return_pay", "case_register"] == shop.tasks()[:4]


def test_the_first_words_say_all_of_it() -> None:
    """Resale condition, who pays and why, carriers, slip, no cash, address, the number and its time (rules 42-62)."""
    (text,) = a_return().heard()
    for word in ("吊牌", "验", "运费", "EMS", "平邮", "到付", "纸条", "现金", "1001", "地址", "运单号", "3月9日 14:00"):
        assert word in text


def test_no_number_ever() -> None:
    """Two reminders and a last one, each different and with the time; then it lapses, kindly, and a person decides."""
    shop = a_return().after("14d")
    assert [
        "Mon 14:00 < return.ask",
        "Wed 14:00 < return.remind",
        "Fri 14:00 < return.remind",
        "Sun 14:00 < return.last",
        "Mon 14:00 < return.lapsed",
    ] == [line for line in shop.story() if "< return" in line]
    texts = shop.heard()[1:5]
    assert len(texts) == len(set(texts))
    assert all("3月9日 14:00" in text for text in texts)
    assert ["return_address", "return_lapsed"] == shop.tasks()[:2]


def test_a_number_after_the_end() -> None:
    """It came too late: taken all the same, and a person answers by a time."""
    shop = a_return().after("8d").buyer_says(RETURN)
    assert "return.late_number" == shop.steps()[-1]
    assert ("return_late", RETURN) == (shop.tasks()[-1], shop.record().tracking)


def test_a_reminder_waits_for_the_morning() -> None:
    """Asked at night he is answered at once; what is said unasked keeps to the day."""
    shop = a_return("2026-03-02 23:00").after("7d")
    said = [line for line in shop.story() if "< return" in line]
    assert ["Mon 23:00 < return.ask", "Thu 09:00 < return.remind", "Sat 09:00 < return.remind"] == said[:3]


def test_never_after_the_time_never_twice_a_day() -> None:
    """Whatever the hour at which he asked, no reminder comes late, and none within a day of another."""
    for hour in range(0, 24, 3):
        shop = a_return(f"2026-03-02 {hour:02}:30").after("9d")
        said = [line for line in shop.outbox() if line.step in ("return.remind", "return.last")]
        times = [message.sent_at for message in said if message.sent_at is not None]
        assert times == sorted(times)
        assert all(time < shop.record().return_by for time in times)
        assert all(later - earlier >= timedelta(days=1) for earlier, later in pairwise(times))


@settings(max_examples=30, deadline=None)
@given(asked=st.integers(0, 23), number=st.integers(0, 9 * 24), retries=st.integers(0, 3))
def test_whenever_the_number_comes(asked: int, number: int, retries: int) -> None:
    """At whatever hour he asks and sends the number, with a channel in trouble or not: no reminder after the number,
    none after its time, none within a day of another."""
    shop = a_return(f"2026-03-02 {asked:02}:00").channel_answers(*["retry"] * retries).after(f"{number}h")
    came = shop.buyer_says(RETURN).clock.now()
    shop.after("12d")
    said = [message.sent_at for message in shop.delivered_as("return.remind", "return.last")]
    assert all(at <= min(came, shop.record().return_by) for at in said)
    assert all(later - earlier >= timedelta(hours=23) for earlier, later in pairwise(said))
    assert RETURN == shop.record().tracking


def test_the_number_stops_the_reminders_at_once() -> None:
    """Given an hour before a reminder, it is the last that is heard of it."""
    shop = a_return().after("1d 23h").buyer_says(f"单号 {RETURN}").after("5d")
    assert not [step for step in shop.steps() if step in ("return.remind", "return.last", "return.lapsed")]


def test_a_reminder_on_its_way_is_taken_back() -> None:
    """A reminder that waits to be sent while the number comes does not go any more."""
    shop = a_return().after("1d 23h").channel_answers("retry").after("1h")
    assert ["return.remind"] == [message.step for message in shop.waiting()]
    shop.buyer_says(RETURN).after("1d")
    assert OutgoingState.CANCELLED in [message.state for message in shop.outbox() if message.step == "return.remind"]
    assert "return.remind" not in shop.steps()


def test_a_source_knows_the_number_before_he_says_so() -> None:
    """The courier's word is enough; saying it again himself is answered, not asked."""
    shop = a_return().after("1d").sent_back().after("1h").buyer_says(RETURN).after("2d")
    assert ["return.ask", "return.received", "return.received"] == shop.steps()
    assert RETURN == shop.record().tracking


def test_the_platforms_deadline_counts() -> None:
    """He applies on the platform too: its page shows the address and names the day, and nobody else's counts."""
    shop = a_return().after("1h")
    shop.refund("returning", deadline=shop.moment("2026-03-05 12:00")).after("6d")
    heard = [line for line in shop.story() if "return." in line]
    assert [
        "Mon 14:00 < return.ask",
        "Wed 12:00 < return.last",
        "Thu 12:00 < return.lapsed",
    ] == heard


def test_he_sends_it_on_saturday() -> None:
    """A day that he names is noted, and no reminder comes before it."""
    shop = a_return().after("1h").buyer_says("我周五再寄可以吗").after("6d")
    said = [line for line in shop.story() if "< return" in line]
    assert ["Mon 14:00 < return.ask", "Mon 15:00 < return.noted", "Sun 14:00 < return.last"] == said


def test_the_wrong_slip() -> None:
    """He reads the number of the parcel that he got: he is told which one is meant."""
    shop = a_return().after("1d").buyer_says("YT1111111111").after("1h").buyer_says(RETURN)
    assert ["return.ask", "return.which_number", "return.received"] == shop.steps()


def test_no_news_is_told_too() -> None:
    """A parcel that does not arrive in a week: he hears so on the day that was named, and a person asks (rule 119)."""
    shop = a_return().after("1d").buyer_says(RETURN).after("7d")
    assert ("return.overdue", "return_overdue") == (shop.steps()[-1], shop.tasks()[-1])
    assert "3月11日 14:00" in shop.heard()[-1]


@pytest.mark.parametrize(("number", "step"), [("1", "return.goods_back"), ("2", "return.goods_talk")])
def test_not_as_it_was(number: str, step: str) -> None:
    """The tags are cut: kind words, photos from a person, and he chooses; nobody refuses him (rules 42, 112)."""
    shop = a_return().after("1d").buyer_says(RETURN).after("2d")
    shop.agent_moves("arrived", sound=False, text="吊牌剪了").after("1h").buyer_says(number)
    assert ["return.not_sound", step] == shop.steps()[-2:]
    assert "return_not_sound" in shop.tasks()
    assert "吊牌剪了" in shop.task("return_not_sound").text
    assert not any("剪" in text for text in shop.heard())


def test_for_a_fault_the_shop_pays() -> None:
    """Photos, a person decides for the return, the words say that the shop pays and how much may be laid out."""
    shop = ReturnShop().signed_order().buyer_says("围巾起球，质量有问题").after("1h").agent_moves("shown")
    shop.after("1h").agent_moves("remedy", remedy=Remedy.RETURN_REFUND)
    shop.after("1d").buyer_says(RETURN).after("3d").sent_back("signed").after("1h").agent_moves("arrived")
    returned = [step for step in shop.steps() if step.startswith("return")]
    assert ["return.ask", "return.received", "return.arrived", "return.in_order"] == returned
    assert Payer.SHOP is shop.record().payer
    asked = next(text for text in shop.heard() if "EMS" in text)
    assert "¥13.00" in asked
    assert "没穿没用过" not in asked


def test_the_case_is_closed_with_its_cause() -> None:
    """A person registers it, with the real reason (rules 44, 47)."""
    shop = a_return().after("1d").buyer_says(RETURN).after("2d").agent_moves("arrived").refund("paid_back")
    shop.agent_moves("register", cause=Cause.BUYER).after("20d")
    assert "settled registered" == shop.fate("after_sales")


def test_a_second_return_begins_anew() -> None:
    """Registered and begun again: the same words are not said twice, and the dates are new (rule 111)."""
    shop = a_return().after("1d").buyer_says(RETURN).after("1d").agent_moves("arrived").refund("paid_back")
    shop.agent_moves("register", cause=Cause.BUYER).after("1d").agent_moves("open", branch="no_reason").after("1h")
    asked = [message.text for message in shop.delivered if message.step == "return.ask"]
    assert 2 == len(asked) == len(set(asked))
    assert ("", 2) == (shop.record().tracking, shop.record().round)


def test_an_angry_buyers_number_counts() -> None:
    """He is furious and sends the number: it is taken, and a person reads the rest (rule 118)."""
    shop = a_return().after("1d").buyer_says(f"你们太坑了！！垃圾店铺！{RETURN}")
    assert (RETURN, "return.received") == (shop.record().tracking, shop.steps()[-1])
    assert "angry" in shop.tasks()


def test_stop_means_stop_and_the_shop_still_knows() -> None:
    """Who wants no messages gets none; that no number came is still a person's task."""
    shop = a_return().after("1d").buyer_says("退订").after("10d")
    assert ["return.ask", "stop.confirmed"] == shop.steps()
    assert "return_lapsed" in shop.tasks()


def test_a_number_on_a_linked_channel_is_no_claim() -> None:
    """On a channel where orders have to be proven, the number he was asked for is not taken for a stranger's order."""
    shop = ReturnShop(channel=TELEGRAM, capabilities=CAN).signed_order().linked(TELEGRAM)
    shop.buyer_says(WANTS_OUT).after("1d").buyer_says(RETURN).after("1h").buyer_says("78123456789012")
    assert ["return.ask", "return.received", "return.received"] == shop.steps()


def test_words_do_not_run_out() -> None:
    """A shop that gives a month: every reminder has words of its own."""
    figures = AfterSalesPolicy(return_within=timedelta(days=30), return_remind_every=timedelta(days=1))
    shop = a_return(policy=Policy(SHOP, after_sales=figures)).after("29d 23h")
    texts = shop.heard()
    assert len(texts) == len(set(texts))
    assert "put_aside" not in shop.tasks()
    assert shop.steps().count("return.remind") > 20
