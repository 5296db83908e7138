"""Bad reviews: a person, a solution, the buyer's own word, one note, one more a week later."""

from __future__ import annotations

import pytest

from followup.model import Outgoing, OutgoingState, Task, TaskState, Verdict
from followup.policy import Policy, ReviewMode, ReviewPolicy
from tests.stories.shop import SHOP, Shop

KIND = "review_revision"


def test_brief_solved_confirmed_note_a_week_retry_closed() -> None:
    """The whole way: the agent reads, solves, the buyer confirms, one note at once, one a week later, and no more."""
    shop = Shop("2026-03-02 10:00").paid_order().review().after("1d").agent("solved", KIND)
    shop.after("2h").buyer_says("已经解决了，谢谢").after("60d")
    assert [
        "Tue 12:00 > 已经解决了，谢谢",
        "Tue 12:00 < review.note",
        "Tue 12:00 < review.retry",
    ] == shop.story()
    assert ("closed asked_twice", ["review_brief"]) == (shop.fate(KIND), shop.tasks())
    assert "起球" in shop.task("review_brief").text


def test_a_week_lies_between_note_and_retry() -> None:
    """Not before seven days, and not after the first polite moment that follows."""
    shop = Shop("2026-03-02 10:00").paid_order().review().agent("solved", KIND).buyer_says("解决了")
    shop.after("6d 23h 59m")
    assert ["review.note"] == shop.steps()
    shop.after("1m")
    assert ["review.note", "review.retry"] == shop.steps()


@pytest.mark.parametrize("acts", [[], ["agent"], ["buyer"], ["buyer", "agent"]])
def test_without_both_words_there_is_no_note(acts: list[str]) -> None:
    """Nobody solved it, or nobody confirmed, or the buyer spoke before anything was solved: not a word on reviews."""
    shop = Shop("2026-03-02 10:00").paid_order().review()
    for act in acts:
        if act == "agent":
            shop.agent("solved", KIND)
        else:
            shop.buyer_says("解决了")
    shop.after("60d")
    assert [] == [step for step in shop.steps() if step.startswith("review")]


def test_the_buyer_may_confirm_to_the_agent() -> None:
    """On the telephone, say; the agent passes it on."""
    shop = Shop("2026-03-02 10:00").paid_order().review().agent("solved", KIND).agent("confirmed", KIND)
    assert ["review.note"] == shop.steps()


def test_a_confirmation_at_night_is_noted_in_the_morning() -> None:
    """The note is a nudge: it waits for nine."""
    shop = Shop("2026-03-02 22:00").paid_order().review().agent("solved", KIND).buyer_says("解决了").after("1d")
    assert "Tue 09:00 < review.note" == shop.story()[-1]


def test_a_confirmation_repeated_is_one_note() -> None:
    """A buyer who says thanks three times hears of the review once."""
    shop = Shop("2026-03-02 10:00").paid_order().review().agent("solved", KIND)
    shop.buyer_says("解决了").buyer_says("解决了").after("1h").buyer_says("解决了").after("1d")
    assert 1 == shop.steps().count("review.note")


def test_who_declines_is_not_pushed() -> None:
    """ "No" after the note: the retry never comes."""
    shop = Shop("2026-03-02 10:00").paid_order().review().agent("solved", KIND).buyer_says("解决了")
    shop.after("1h").buyer_says("不要了").after("60d")
    assert (["review.note"], "closed declined") == (shop.steps(), shop.fate(KIND))


@pytest.mark.parametrize("rating", ["good", "removed"])
def test_a_revised_review_ends_it(rating: str) -> None:
    """Revised or removed before the retry: silence."""
    shop = Shop("2026-03-02 10:00").paid_order().review().agent("solved", KIND).buyer_says("解决了")
    shop.after("1d").review(rating).after("60d")
    assert (["review.note"], f"settled {rating}") == (shop.steps(), shop.fate(KIND))


def test_a_benefit_before_the_note_forbids_it() -> None:
    """The review firewall: a coupon was promised, so the review is never mentioned, and the agent is told why."""
    shop = Shop("2026-03-02 10:00").paid_order().review().agent("benefit", KIND, text="5 yuan").agent("solved", KIND)
    shop.buyer_says("解决了").after("60d")
    assert ([], "closed firewall") == (shop.steps(), shop.fate(KIND))
    assert ["review_brief", "firewall"] == shop.tasks()
    assert [Verdict.FIREWALL] == shop.verdicts("review.note")


def test_a_benefit_in_any_thread_of_the_buyer_forbids_it() -> None:
    """The coupon was for a refund of another order: buyers do not tell threads apart, nor does the law."""
    shop = Shop("2026-03-02 10:00").paid_order().review().paid_order("1002").refund(order="1002")
    shop.agent("benefit", "pending_refund", "1002").agent("solved", KIND).buyer_says("解决了").after("60d")
    assert [] == [step for step in shop.steps() if step.startswith("review")]


def test_a_benefit_between_note_and_retry_forbids_the_retry() -> None:
    """Given later, it still ends all talk of the review."""
    shop = Shop("2026-03-02 10:00").paid_order().review().agent("solved", KIND).buyer_says("解决了")
    shop.after("2d").agent("benefit", KIND).after("60d")
    assert (["review.note"], "closed firewall") == (shop.steps(), shop.fate(KIND))


def test_a_benefit_takes_back_a_note_that_has_not_gone() -> None:
    """The note waits for the channel when the benefit is given: it must not go any more."""
    shop = Shop("2026-03-02 10:00").paid_order().review().agent("solved", KIND)
    shop.channel_answers("retry").buyer_says("解决了").agent("benefit", KIND).after("60d")
    assert [] == shop.steps()
    assert [Verdict.SENT, Verdict.FIREWALL] == shop.verdicts("review.note")


@pytest.mark.parametrize("step", ["review.note", "review.retry"])
def test_a_benefit_takes_back_a_note_that_waits_to_be_pasted(step: str) -> None:
    """On a platform a person sends the words: the task disappears, also when the thread is closed already."""
    shop = Shop("2026-03-02 10:00").paid_order().review().agent("solved", KIND).buyer_says("解决了")
    if step == "review.retry":
        shop.after("8d")
    message = next(each for each in shop.store.tx.items[Outgoing].values() if each.step == step)
    now = shop.clock.now()
    paste = Task(f"paste/{message.id}", SHOP, message.thread, "paste", message.text, now, outgoing=message.id)
    shop.store.run(lambda tx: tx.save(paste))
    shop.agent("benefit", KIND)
    assert TaskState.CANCELLED == shop.task("paste").state


def test_a_retry_that_has_not_gone_is_taken_back_after_the_thread_is_closed() -> None:
    """The retry closes the thread while its words still wait for the channel; a benefit reaches them there."""
    shop = Shop("2026-03-02 10:00").paid_order().review().agent("solved", KIND).buyer_says("解决了").after("6d")
    shop.channel_answers("retry").after("1d").agent("benefit", KIND).after("10d")
    states = {each.step: each.state for each in shop.store.tx.items[Outgoing].values()}
    assert {"review.note": OutgoingState.SENT, "review.retry": OutgoingState.CANCELLED} == states


def test_a_marketplace_that_forbids_it_hears_nothing() -> None:
    """Mode never: solved and confirmed, the thread ends with a word to the agent and none to the buyer."""
    policy = Policy(SHOP, review=ReviewPolicy(ReviewMode.NEVER))
    shop = Shop("2026-03-02 10:00", policy).paid_order().review().agent("solved", KIND)
    shop.buyer_says("解决了").after("60d")
    assert ([], "closed review_revision_never") == (shop.steps(), shop.fate(KIND))
    assert ["review_brief", "review_forbidden"] == shop.tasks()


@pytest.mark.parametrize("kind", ["unpaid_order", "pending_refund"])
def test_solved_and_confirmed_elsewhere_is_no_review(kind: str) -> None:
    """An agent solved an order or a refund, the buyer says thanks: nothing about reviews, nothing breaks."""
    shop = Shop("2026-03-02 10:00")
    if kind == "unpaid_order":
        shop.order()
    else:
        shop.paid_order().refund()
    shop.agent("solved", kind).buyer_says("解决了，谢谢").after("30d")
    assert [] == [step for step in shop.steps() if step.startswith("review")]
    assert "put_aside" not in shop.tasks()
