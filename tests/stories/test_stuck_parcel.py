"""Parcels that stand still or are in trouble: the courier is chased, the buyer told every day until they move."""

from __future__ import annotations

from datetime import timedelta

import pytest

from followup.model import ParcelStatus, Reminder, ReminderState, Status
from tests.stories.shop import Shop

NUMBER = "YT100200"


def sent(now: str = "2026-03-02 10:00") -> Shop:
    """An order that was shipped, and whose parcel was seen an hour later, at eleven on a Monday."""
    shop = Shop(now).paid_order(tells_shipping=True)
    shop.changes(status=Status.SHIPPED, shipped_at=shop.clock.now())
    return shop.after("1h").parcel(NUMBER, place="已到达杭州转运中心")


def stuck() -> Shop:
    """The same, three days later."""
    return sent().after("3d")


def test_told_unasked_then_daily_until_it_moves() -> None:
    """Three days without a movement: said, said again every day, and good news when it goes on."""
    shop = stuck().after("2d 3h").parcel(NUMBER, place="已到达北京转运中心").after("1d")
    assert [
        "Thu 11:00 < stuck.told",
        "Fri 11:00 < stuck.daily",
        "Sat 11:00 < stuck.daily",
        "Sat 14:00 < stuck.moved",
    ] == shop.story()
    assert ("settled moved", "已到达北京转运中心" in shop.heard()[-1]) == (shop.fate("stuck_parcel"), True)


def test_the_buyer_reads_where_it_is_and_when_he_hears_more() -> None:
    """Number, last place, next moment; the agents the courier and since when as well (rules 23, 30, 119)."""
    shop = stuck()
    (told,) = shop.heard()
    assert all(part in told for part in (NUMBER, "已到达杭州转运中心", "3月6日 11:00"))
    task = shop.task("stuck_parcel").text
    assert all(part in task for part in (NUMBER, "圆通速递", "已到达杭州转运中心", "3月2日 11:00", "1001", "蓝旗"))


def test_each_movement_winds_the_clock_anew() -> None:
    """Seen every second day: nobody is told anything, and one look at a time is planned."""
    shop = sent()
    for _ in range(5):
        shop.after("2d").parcel(NUMBER)
    planned = [each for each in shop.store.tx.items[Reminder].values() if each.state is ReminderState.PENDING]
    assert ([], [], 1) == (shop.steps(), shop.tasks(), len(planned))


def test_two_days_without_a_result_warn_a_person() -> None:
    """The clock of rule 38."""
    shop = stuck().after("47h")
    assert ["stuck_parcel"] == shop.tasks()
    assert ["stuck_unsolved"] == shop.after("1h").tasks()


def test_no_word_comes_twice_and_then_a_person_takes_over() -> None:
    """Ten days of words, each with its day and the next moment."""
    shop = stuck().after("20d")
    texts = shop.heard()
    assert ["stuck.told", *["stuck.daily"] * 10] == shop.steps()
    assert len(texts) == len(set(texts))
    assert all(f"第 {day} 天" in text for day, text in enumerate(texts[1:], start=2))
    assert ("with_agent", "stuck_too_long") == (shop.fate("stuck_parcel"), shop.tasks()[-1])


def test_where_is_my_parcel_is_answered_from_the_facts() -> None:
    """Last place and time at once, no date; who presses is heard by the person who chases the courier (rule 38)."""
    shop = stuck().after("1h").buyer_says("我的快递到哪了").after("1m").buyer_says("催一下快递，快点")
    assert ["stuck.told", "stuck.where", "stuck.where"] == shop.steps()
    where = shop.heard()[1]
    assert all(part in where for part in (NUMBER, "已到达杭州转运中心", "3月2日 11:00"))
    assert ["stuck_parcel", "stuck_pressed"] == shop.tasks()


def test_signed_for_ends_it_silently() -> None:
    """He has it: nothing needs to be said."""
    shop = stuck().after("1h").parcel(NUMBER, status=ParcelStatus.SIGNED, signed_at=None).after("3d")
    assert (["stuck.told"], "settled signed") == (shop.steps(), shop.fate("stuck_parcel"))


@pytest.mark.parametrize("status", [Status.SIGNED, Status.FINISHED, Status.CLOSED])
def test_the_order_s_own_end_ends_it_too(status: Status) -> None:
    """Whichever source tells it first."""
    shop = stuck().changes(status=status).after("3d")
    assert (["stuck.told"], f"settled {status}") == (shop.steps(), shop.fate("stuck_parcel"))


def test_trouble_is_a_person_s_at_once_and_the_buyer_knows() -> None:
    """The courier reports a problem: no three days are waited, and the buyer hears every day (rules 31, 37, 43)."""
    shop = sent().after("1h").parcel(NUMBER, status=ParcelStatus.TROUBLE, place="地址不详").after("1d")
    assert ["stuck.trouble", "stuck.daily"] == shop.steps()
    assert ("with_agent trouble", ["parcel_trouble"]) == (shop.fate("stuck_parcel"), shop.tasks())
    assert "地址不详" in shop.heard()[0]


def test_trouble_that_is_over_is_good_news() -> None:
    """It goes on its way again."""
    shop = sent().after("1h").parcel(NUMBER, status=ParcelStatus.TROUBLE).after("3h")
    shop.parcel(NUMBER, status=ParcelStatus.ON_ITS_WAY).after("1h")
    assert (["stuck.trouble", "stuck.moved"], "settled moved") == (shop.steps(), shop.fate("stuck_parcel"))


def test_a_loss_after_days_of_search() -> None:
    """Stuck, then declared lost: a task of its own, a word of its own, and the daily one goes on."""
    shop = stuck().after("1d 1h").parcel(NUMBER, status=ParcelStatus.LOST).after("1d")
    assert ["stuck.told", "stuck.daily", "stuck.trouble", "stuck.daily"] == shop.steps()
    assert ["stuck_parcel", "parcel_lost", "stuck_unsolved"] == shop.tasks()
    assert "with_agent lost" == shop.fate("stuck_parcel")


def test_what_comes_back_begins_a_case_instead() -> None:
    """Returned to the shop: a case of its own asks the buyer what he wants (rule 59)."""
    shop = stuck().after("1h").parcel(NUMBER, status=ParcelStatus.RETURNED).after("1d")
    assert (["stuck.told", "uninvited.ask"], "settled parcel_returned") == (shop.steps(), shop.fate("stuck_parcel"))


def test_what_was_refused_is_a_person_s() -> None:
    """The agents ask why; nothing automatic is said (rule 31)."""
    shop = stuck().after("1h").parcel(NUMBER, status=ParcelStatus.REFUSED).after("1d")
    assert (["stuck.told"], "settled parcel_refused") == (shop.steps(), shop.fate("stuck_parcel"))
    assert ["stuck_parcel", "parcel_refused"] == shop.tasks()


def test_a_parcel_that_waits_for_the_buyer_is_asked_about() -> None:
    """It lies at the pick-up point: no talk of a search, one question."""
    shop = sent().after("1h").parcel(NUMBER, status=ParcelStatus.AT_THE_DOOR, place="菜鸟驿站").after("5d")
    assert ["stuck.at_door"] == shop.steps()
    assert "菜鸟驿站" in shop.heard()[0]


def test_it_may_stop_again_and_is_told_in_other_words() -> None:
    """A week later at another place: a new matter in the same thread, which repeats no sentence."""
    shop = stuck().after("1h").parcel(NUMBER, place="已到达北京转运中心").after("4d")
    assert ["stuck.told", "stuck.moved", "stuck.told", "stuck.daily"] == shop.steps()
    first, again = (message.text.splitlines()[0] for message in shop.delivered if message.step == "stuck.told")
    assert first != again
    assert ["stuck_parcel", "stuck_parcel"] == shop.tasks()


def test_two_parcels_of_one_order_are_told_of_one_after_the_other() -> None:
    """A task for each at once; the buyer hears of one, and of the other when that one moves."""
    shop = sent().after("1h").parcel("YT300400", place="已到达武汉转运中心").after("3d 2h")
    assert ["stuck_parcel", "stuck_parcel"] == shop.tasks()
    shop.parcel(NUMBER, place="已到达北京转运中心").after("1d")
    assert ["stuck.told", "stuck.moved", "stuck.told"] == shop.steps()[:3]
    numbers = [number for text in shop.heard()[:3] for number in (NUMBER, "YT300400") if number in text]
    assert [NUMBER, NUMBER, "YT300400"] == numbers
    assert "open" == shop.fate("stuck_parcel")


def test_a_number_of_which_nobody_tells_more_never_stands_still() -> None:
    """An order list knows numbers and no ways: no alarm is made of that."""
    shop = Shop("2026-03-02 10:00").paid_order(tells_shipping=True)
    shop.changes(status=Status.SHIPPED, shipped_at=shop.clock.now())
    shop.parcel(NUMBER, status=ParcelStatus.ANNOUNCED, moved_at=None).after("30d")
    assert ([], []) == (shop.steps(), shop.tasks())


def test_what_never_moved_after_shipping_counts_from_there() -> None:
    """Given to the courier on Monday at ten, seen by nobody since (rule 30)."""
    shop = Shop("2026-03-02 10:00").paid_order(tells_shipping=True)
    shop.changes(status=Status.SHIPPED, shipped_at=shop.clock.now()).parcel(NUMBER, moved_at=None).after("4d")
    assert "Thu 10:00 < stuck.told" == shop.story()[0]


def test_what_the_buyer_sends_back_is_not_searched_for_him() -> None:
    """A return has its own follow-up."""
    shop = sent().parcel(NUMBER, status=ParcelStatus.SIGNED).parcel("SF998877", back=True).after("10d")
    assert "stuck.told" not in shop.steps()


def test_old_stillness_is_left_alone() -> None:
    """A first import brings parcels that nobody moved for months: they are not dug up."""
    shop = Shop("2026-03-02 10:00").paid_order(tells_shipping=True)
    shop.changes(status=Status.SHIPPED).parcel(NUMBER, moved_at=shop.clock.now() - timedelta(days=40)).after("5d")
    assert ([], []) == (shop.steps(), shop.tasks())


def test_an_agent_s_solution_silences_the_daily_word() -> None:
    """Resent by a person, who told the buyer: nothing more is said of the first parcel."""
    shop = stuck().after("1h").agent("solved", "stuck_parcel").after("5d")
    assert ["stuck.told"] == shop.steps()
