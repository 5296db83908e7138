"""What a person gets to know before he speaks to the buyer of a review."""

from __future__ import annotations

from followup.model import Verdict
from tests.stories.shop import Shop

KIND = "review_revision"


def test_the_brief_holds_cause_advice_and_replies() -> None:
    """Rule 84 before any contact: what was bought, why it went wrong, what to do, what to post in three styles."""
    shop = Shop("2026-03-02 10:00").paid_order().review(text="洗一次就起球，做工太差")
    brief = shop.task("review_brief").text
    assert all(word in brief for word in ("洗一次就起球", "商品质量", "起球", "可退、可换、可修", "1. ", "2. ", "3. "))
    assert "需要留意" not in brief


def test_a_threat_in_chat_stands_in_the_brief_and_nowhere_else() -> None:
    """Rule 90: the sign with its evidence for the agent; the buyer reads nothing of it, ever."""
    shop = Shop("2026-03-02 10:00").paid_order().buyer_says("不赔我就差评")
    shop.after("1d").review(text="质量差").after("1h")
    brief = shop.task("review_brief").text
    assert "像是以评价要钱" in brief
    assert "不赔我就差评" in brief
    assert not [text for text in shop.heard() if "恶意" in text or "要钱" in text]


def test_a_follow_up_is_read_soon_and_the_buyer_left_alone() -> None:
    """A follow-up that is not bad makes one task and no word to the buyer, also when the first review was bad."""
    shop = Shop("2026-03-02 10:00").paid_order().review("good").after("10d")
    shop.review("good", "V2", text="用了十天还不错，就是盖子有点紧", follows="V1").after("20d")
    assert (["review_follow_up"], []) == (shop.tasks(), [step for step in shop.steps() if "review" in step])
    assert "真实使用后的追评" in shop.task("review_follow_up").text
    assert "settled read" == shop.fate("review_follow_up")


def test_a_bad_follow_up_is_a_bad_review() -> None:
    """The first was good, the second is not: the whole procedure begins."""
    shop = Shop("2026-03-02 10:00").paid_order().review("good").after("10d")
    shop.review("bad", "V2", text="十天就坏了", follows="V1")
    assert ["review_brief"] == shop.tasks()


def test_a_second_follow_up_is_told_too() -> None:
    """Each follow-up is told once, and a repeated export tells none of them again."""
    shop = Shop("2026-03-02 10:00").paid_order().review("good").after("10d")
    shop.review("good", "V2", text="还不错", follows="V1").after("10d").review(
        "good", "V3", text="仍然好用", follows="V1"
    )
    shop.after("1d").review("good", "V3", text="仍然好用", follows="V1")
    assert ["review_follow_up", "review_follow_up"] == shop.tasks()


def test_a_benefit_in_another_matter_holds_every_note() -> None:
    """The firewall is about the buyer, not the thread: a coupon for one order silences the review of the other."""
    shop = (
        Shop("2026-03-02 10:00")
        .paid_order("1001")
        .paid_order("1002")
        .review(order="1001")
        .review(id_="V2", order="1002")
    )
    shop.agent("benefit", KIND, order="1002").after("1h").agent("solved", KIND, order="1001")
    shop.agent("confirmed", KIND, order="1001").after("10d")
    assert [] == [step for step in shop.steps() if step.startswith("review")]
    assert [Verdict.FIREWALL] == shop.verdicts("review.note")
