"""How the shop's people hear of what there is to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from followup.desk.hours import Hours, Shift
from followup.desk.places import Service
from followup.model import OutgoingState, TaskState
from tests.stories.alerting import GROUP, AlertShop
from tests.stories.shop import POLICY
from tests.stories.talking import GroupShop

PHONE, BOSS = "alerts.phone", "alerts.boss"


def test_a_task_is_told_at_once() -> None:
    """What it is, by when it is to be done, and its code; the card beside it has the words and the buttons."""
    shop = AlertShop().has_to("channel_gap", "请翻看聊天记录")
    (alert,) = shop.alerts()
    head, line = alert.split("\n")
    assert head.startswith("Mon 14:00 ")
    assert "1 件" in head
    assert line.startswith("1. 可能漏了消息 · 3月2日 18:00 前 · ")
    (card,) = shop.cards()
    assert card.text.endswith("\n\n请翻看聊天记录")
    assert ["我来接", "办完了", "办不了", "稍后再说"] == [choice.label for choice in card.choices]


def test_what_comes_in_one_minute_is_told_together() -> None:
    """The first is told at once; two more in the same minute are one alert at the next."""
    shop = AlertShop().has_to("channel_gap")
    shop.after("10s").has_to("cluster").after("10s").has_to("put_aside")
    assert 1 == len(shop.alerts())
    (alert,) = shop.after("1m").alerts()
    head, first, second = alert.split("\n")
    assert head.startswith("Mon 14:01 ")
    assert "2 件" in head
    assert ["出错", "同一商品多次投诉"] == [line[3:].split(" · ")[0] for line in (first, second)]


def test_it_is_told_again_until_somebody_takes_it() -> None:
    """After 5 minutes, after 10 more, after 20 more; and not once it is taken."""
    shop = AlertShop().has_to("channel_gap").after("40m")
    assert ["14:00", "14:05", "14:15", "14:35"] == [alert[4:9] for alert in shop.alerts()]
    shop.takes("channel_gap").after("3h")
    assert [] == shop.alerts()
    assert "小李" in shop.cards()[-1].text
    assert ["办完了", "办不了", "稍后再说"] == [choice.label for choice in shop.cards()[-1].choices]
    assert shop.cards()[0].id == shop.cards()[-1].edits


def test_a_taken_task_goes_to_the_supervisor_when_its_time_is_up() -> None:
    """Four business hours after it was given nobody has done it: 王姐 hears of it beside 小李, and again."""
    shop = AlertShop().has_to("channel_gap").takes("channel_gap").after("3h 59m")
    assert 1 == len(shop.alerts())
    (late,) = shop.after("1m").alerts()
    assert "1 件已超时" in late
    assert "已超时（3月2日 18:00）" in late
    assert late.endswith("\n@li @wang")
    assert shop.task("channel_gap").escalated_at == shop.moment("2026-03-02 18:00")
    assert [] != shop.after("2h").alerts()
    shop.does("channel_gap")
    assert [] == shop.after("1d").alerts()


def test_a_buyers_name_calls_nobody() -> None:
    """Somebody who calls himself as one of the people are called has nobody's telephone ring."""
    shop = GroupShop().order(buyer="@wang").after("15m").buyer_says("我有个问题，尺码不合适", buyer="@wang")
    (alert,) = shop.after("1m").alerts()
    assert "＠wang" in alert
    assert "@" not in alert


def test_nobody_is_woken_but_for_what_is_urgent() -> None:
    """At night who is on call hears of a lost login; everything else comes in one alert when the shop opens."""
    policy = replace(POLICY, hours=Hours((Shift(opens=time(9), closes=time(21)),), on_call=frozenset({"wang"})))
    shop = AlertShop("2026-03-02 22:00", policy).has_to("channel_gap").has_to("cluster")
    assert [] == shop.after("10m").alerts()
    shop.has_to("channel_login").after("1m")
    (urgent,) = shop.alerts()
    assert "渠道要登录" in urgent
    assert urgent.endswith("@wang")
    shop.does("channel_login").until("2026-03-03 09:00")
    (morning,) = shop.alerts()
    assert morning.startswith("Tue 09:00 ")
    assert "2 件" in morning.split("\n")[0]
    assert "渠道要登录" not in morning


def test_what_was_done_meanwhile_is_not_told() -> None:
    """A task of the night that somebody did before the morning is in no alert."""
    shop = AlertShop("2026-03-02 22:00").has_to("channel_gap").does("channel_gap").until("2026-03-03 12:00")
    assert [] == shop.alerts()
    assert [] == shop.cards()


def test_words_to_paste_stand_alone() -> None:
    """The order, the buyer's name and account on one message with buttons, the words and nothing else on another."""
    shop = AlertShop(channel="manual").order(buyer_name="林小姐")
    shop.has_to("paste", "您好，您的围巾今天发货。", thread="shop/1001/unpaid_order")
    card, pasted = shop.cards()
    assert "粘贴发送 · 1001" in card.text
    assert "lin" in card.text
    assert ["办完了", "办不了", "稍后再说"] == [choice.label for choice in card.choices]
    assert ("您好，您的围巾今天发货。", ()) == (pasted.text, pasted.choices)


def test_words_that_came_too_late_are_not_there_to_paste() -> None:
    """What was good until midnight is shown in the morning without its words."""
    shop = AlertShop("2026-03-02 22:00", channel="manual").order(buyer_name="林小姐")
    until = shop.moment("2026-03-03 00:00")
    shop.has_to("paste", "您好，今天还能付款。", thread="shop/1001/unpaid_order", expires_at=until)
    shop.until("2026-03-03 09:00")
    (alert,) = shop.alerts()
    (card,) = shop.cards()
    assert "已超时（3月3日 00:00）" in alert
    assert "粘贴发送 · 1001" in card.text
    assert "今天还能付款" not in card.text


def test_services_carry_it_too() -> None:
    """One service tells everybody of everything, another the boss of what is late, and neither shows mentions."""
    services = (Service(PHONE), Service(BOSS, frozenset({"wang"}), escalated_only=True))
    shop = AlertShop(services=services).has_to("channel_gap").takes("channel_gap").after("5h")
    assert ["14:00", "18:00"] == [alert[4:9] for alert in shop.alerts(PHONE)][:2]
    assert "18:00" == shop.alerts(BOSS)[0][4:9]
    assert not any("@" in message.text for message in shop.outbox() if message.channel != GROUP)


def test_a_service_that_refuses_is_told_of_by_the_others_alone() -> None:
    """The group hears that the phone is dead, once; nothing is told by the phone of itself."""
    shop = AlertShop(services=(Service(PHONE),))
    shop.refuses(PHONE).has_to("channel_gap")
    assert [OutgoingState.FAILED] == [each.state for each in shop.outbox() if each.channel == PHONE]
    shop.after("4m")
    assert any("提醒没有送到" in alert for alert in shop.alerts())
    assert [] == shop.alerts(PHONE)
    shop.after("20m")
    assert 1 == sum(task.reason == "alert_undelivered" for task in shop.open_tasks())


def test_more_than_twenty_are_counted() -> None:
    """An alert holds twenty lines; the others are told of with the next, before what was told already."""
    shop = AlertShop(place=None, services=(Service(PHONE),))
    for number in range(23):
        shop.has_to("cluster", id_=f"shop/cluster/{number}", alert_at=shop.moment("2026-03-02 14:01"))
    (alert,) = shop.after("1m").alerts(PHONE)
    assert 22 == len(alert.split("\n"))
    assert "3 件" in alert.split("\n")[-1]
    assert [1] * 20 + [0] * 3 == sorted((task.alerts for task in shop.open_tasks()), reverse=True)
    shop.after("5m")
    assert all(task.alerts for task in shop.open_tasks())


def test_a_shop_without_people_listed_tells_its_group() -> None:
    """Nobody is mentioned where nobody is listed."""
    (alert,) = AlertShop(people={}).has_to("channel_gap").alerts()
    assert "@" not in alert


def test_a_card_says_who_did_it() -> None:
    """Its buttons are gone, whoever closed the task."""
    shop = AlertShop().has_to("channel_gap").does("channel_gap", "wang")
    first, last = shop.cards()
    assert (first.id, ()) == (last.edits, last.choices)
    assert "王姐" in last.text
    assert TaskState.DONE is shop.task("channel_gap").state
