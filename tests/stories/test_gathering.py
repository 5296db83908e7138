"""A buyer who writes in short lines is one thing to do."""

from __future__ import annotations

from tests.stories.talking import GroupShop

UNPAID = "shop/1001/unpaid_order"
LINES = ("我有个问题，尺码不合适", "袖子太长", "肩膀也宽", "怎么办呢亲")


def test_a_line_after_another_is_one_task_and_one_card() -> None:
    """The topic hears the rest as it is said; suggestions stand once, and the alert comes once."""
    shop = GroupShop().order().after("15m").buyer_says(LINES[0]).after("3s")
    shop.tasks()
    for line in LINES[1:]:
        shop.buyer_says(line).after("5s")
    text = shop.task("buyer_message").text
    assert ([], 1) == (shop.tasks(), text.count("1. ["))
    assert text.endswith("".join(f"\n› {line}" for line in LINES[1:]))
    assert (1, 1) == (len(shop.cards()), len(shop.alerts()))
    assert [f"lin：{line}" for line in LINES[1:]] == shop.shown(UNPAID, "mirror")


def test_anger_beside_a_question_is_urgent_and_rings_once_in_five_minutes() -> None:
    """Each burst adds its words; nobody is told anew before the pause is over."""
    shop = GroupShop().order().after("15m").buyer_says(LINES[0]).after("2m")
    shop.alerts()
    for _ in range(4):
        shop.buyer_says("你们什么破店，骗子！").after("1m")
    assert (["buyer_message", "angry"], True) == (shop.tasks(), shop.task("angry").urgent)
    assert 1 == sum("买家情绪激动" in alert or "生气" in alert for alert in shop.alerts())


def test_once_it_is_answered_the_next_line_is_a_new_task() -> None:
    """The matter goes on, and a person hears of it."""
    shop = GroupShop().order().after("15m").buyer_says(LINES[0]).after("1m")
    shop.writes("您好，我看看", UNPAID)
    shop.tasks()
    shop.after("10m").buyer_says("还是太长，谢谢")
    assert ["buyer_message"] == shop.tasks()
