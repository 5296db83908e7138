"""Compensations as chats: offered within the limit, approved or refused above it, taken or not, never for a review."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from followup.after_sales.compensation import NotAllowed
from followup.after_sales.model import Branch, Stage
from followup.model import Segment, TaskState, Verdict
from followup.policy import CompensationPolicy
from handlers.compensating import NoCase
from tests.stories.offering import AGENT, BOSS, KIND, OfferingShop
from tests.stories.shop import POLICY

WIDE = replace(POLICY, compensation=CompensationPolicy(goodwill=Decimal(40)))


def test_within_the_limit_offered_taken_and_carried_out() -> None:
    """The agent offers while the buyer is there; he takes it by a number, and a person carries it out."""
    shop = OfferingShop().case().buyer_says("在吗").offers("coupon", "5").buyer_says("1")
    assert [
        "Mon 14:00 > 在吗",
        "Mon 14:00 < warm.greeting",
        "Mon 14:00 < offer.coupon",
        "Mon 14:00 > 1",
        "Mon 14:00 < offer.accepted",
    ] == shop.story()
    _, offer, thanks = shop.heard()
    assert ("¥5.00" in offer, "3月3日 14:00" in thanks) == (True, True)
    assert (["coupon 5 accepted"], ["offer_accepted"]) == (shop.granted(), shop.tasks())
    assert "优惠券 ¥5.00" in shop.task("offer_accepted").text
    assert Stage.FOLLOW_THROUGH is shop.store.tx.sale(f"shop/1001/{KIND}").stage  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("好的", "accepted"),
        ("可以的，谢谢", "accepted"),
        ("Yes, that's fine.", "accepted"),
        ("vale", "accepted"),
        ("不要了", "declined"),
        ("还是算了吧", "declined"),
        ("No, thanks", "declined"),
        ("Mejor no", "declined"),
        ("什么时候能到", "granted"),
    ],
)
def test_an_answer_in_words_counts(words: str, state: str) -> None:
    """Who types instead of tapping is understood; what is no answer leaves the offer open."""
    shop = OfferingShop().case().buyer_says("在吗").offers("red_packet", "5").buyer_says(words)
    assert [f"red_packet 5 {state}"] == shop.granted()
    assert (state != "granted") is (shop.steps()[-1] == f"offer.{state}")


def test_above_the_limit_refused_the_buyer_hears_nothing() -> None:
    """The supervisor says no: not a word to the buyer, and the agent learns why."""
    shop = OfferingShop(policy=WIDE).case().offers("red_packet", "30", note="第三次坏了")
    assert (["approval"], ["red_packet 30 asked"]) == (shop.tasks(), shop.granted())
    assert "第三次坏了" in shop.task("approval").text
    shop.says_of_offer("refused", note="先补寄").after("2d")
    assert ([], ["red_packet 30 refused"]) == (shop.offered(), shop.granted())
    assert "offer_refused" in shop.tasks()
    assert ("先补寄" in shop.task("offer_refused").text, BOSS in shop.task("offer_refused").text) == (True, True)
    assert (TaskState.DONE, BOSS) == (shop.task("approval").state, shop.task("approval").closed_by)


def test_approved_and_told() -> None:
    """The supervisor says yes: the buyer is told, once, just what was granted."""
    shop = OfferingShop(policy=WIDE).case().buyer_says("在吗").offers("red_packet", "30")
    assert ["warm.greeting"] == shop.steps()
    shop.says_of_offer("approved")
    assert ["warm.greeting", "offer.red_packet"] == shop.steps()
    assert "¥30.00" in shop.heard()[-1]
    assert ["red_packet 30 granted"] == shop.granted()


def test_approved_at_night_told_in_the_morning() -> None:
    """The buyer is not there: an offer waits for a polite hour, and is still told only once."""
    shop = OfferingShop("2026-03-02 21:30", policy=WIDE).case().after("1h").offers("coupon", "30")
    shop.says_of_offer("approved").after("3d")
    assert ["Tue 09:00 < offer.coupon"] == shop.offered()


def test_declined_before_it_was_told() -> None:
    """He told the agent at night that he wants none: in the morning the bot is silent."""
    shop = OfferingShop("2026-03-02 21:30").case().after("1h").offers("coupon", "5")
    shop.says_of_offer("declined", by=AGENT).after("3d")
    assert ([], ["coupon 5 declined"]) == (shop.offered(), shop.granted())


def test_a_strangers_approval_counts_for_nothing() -> None:
    """Only the names in the configuration approve or refuse, and never what they asked for themselves."""
    shop = OfferingShop(policy=WIDE, supervisors=(BOSS, "老王")).case().offers("coupon", "30")
    for word in ("approved", "refused"):
        with pytest.raises(NotAllowed, match="no supervisor"):
            shop.says_of_offer(word, by="路人")
    assert (["coupon 30 asked"], []) == (shop.granted(), shop.steps())
    shop.says_of_offer("refused", by=AGENT)
    shop.offers("coupon", "30", by=BOSS)
    with pytest.raises(NotAllowed, match="another supervisor"):
        shop.says_of_offer("approved", by=BOSS)
    shop.says_of_offer("approved", by="老王")
    assert ["coupon 30 refused", "coupon 30 granted"] == shop.granted()


def test_the_only_supervisor_approves_his_own() -> None:
    """There is nobody else; the two steps leave their trace all the same."""
    shop = OfferingShop(policy=WIDE).case().offers("coupon", "30", by=BOSS)
    assert ["coupon 30 asked"] == shop.granted()
    assert ["coupon 30 granted"] == shop.says_of_offer("approved", by=BOSS).granted()


def test_without_supervisors_the_limit_is_the_end() -> None:
    """A shop that named none is told where to name them."""
    shop = OfferingShop(policy=WIDE, supervisors=()).case()
    with pytest.raises(NotAllowed, match=r"agents\.people"):
        shop.offers("coupon", "30")


def test_the_ladder_is_climbed_by_what_the_buyer_declines() -> None:
    """Each no shows the agent the next rung and what is left for it; what was declined frees its money."""
    shop = OfferingShop().case().buyer_says("在吗")
    for remedy, following in (("coupon", "小礼物或配件"), ("gift", "部分退款"), ("partial_refund", "主管")):
        shop.offers(remedy, "2", "leak").after("1m").buyer_says("2")
        assert following in shop.task("offer_declined").text
    assert ["coupon 2 declined", "gift 2 declined", "partial_refund 2 declined"] == shop.granted()


def test_who_came_back_climbs_another_ladder() -> None:
    """After a declined coupon, a member's benefit is what is left untried."""
    shop = OfferingShop().paid_order("1000", observed_at=OfferingShop().clock.now()).case().buyer_says("在吗")
    assert Segment.RETURNING is shop.thread(KIND).segment
    shop.offers("coupon", "2").buyer_says("2")
    assert "会员权益" in shop.task("offer_declined").text


def test_caps_add_up_over_the_thread() -> None:
    """Two small kindnesses for the same loss do not go round its cap; another loss has its own."""
    shop = OfferingShop().case().buyer_says("在吗").offers("coupon", "2", "leak").buyer_says("1")
    with pytest.raises(NotAllowed, match=r"2\.00 CNY is taken"):
        shop.offers("gift", "1", "leak")
    shop.offers("gift", "1", "blemish")
    assert ["coupon 2 accepted", "gift 1 granted"] == shop.granted()


def test_one_offer_at_a_time() -> None:
    """While the buyer, or the supervisor, has yet to answer, nothing else is offered."""
    shop = OfferingShop(policy=WIDE).case().offers("coupon", "5")
    with pytest.raises(NotAllowed, match="yet to answer an offer"):
        shop.offers("coupon", "5")
    shop.says_of_offer("accepted", by=AGENT).offers("gift", "30")
    with pytest.raises(NotAllowed, match="a supervisor has yet to answer"):
        shop.offers("coupon", "1")


def test_money_back_is_explained() -> None:
    """Taken by a tap: the buyer reads what to enter, and what he ends up paying (rule 63)."""
    shop = OfferingShop().case().buyer_says("在吗").offers("partial_refund", "9", "goodwill").buyer_says("可以，就这样")
    assert "offer.enter_refund" == shop.steps()[-1]
    told = shop.heard()[-1]
    assert [True] * 4 == [part in told for part in ("仅退款", "¥9.00", "¥89.00", "¥80.00")]


def test_freight_is_paid_back_without_a_question() -> None:
    """What the shop owes is no offer: told, carried out, no benefit (rule 52)."""
    shop = OfferingShop().case().buyer_says("在吗").offers("freight", "12", "freight")
    assert ("offer.freight", ["offer_accepted"]) == (shop.steps()[-1], shop.tasks())
    assert "1." not in shop.heard()[-1]
    assert None is shop.buyer().benefit_at
    with pytest.raises(NotAllowed, match="rule 52"):
        shop.says_of_offer("declined", by=AGENT)


def test_a_benefit_keeps_every_review_out_of_the_talk() -> None:
    """The firewall: from the moment it is asked for, approved or not, no review note goes to this buyer."""
    shop = OfferingShop("2026-03-02 10:00", policy=WIDE).case().review().offers("red_packet", "30")
    assert shop.clock.now() == shop.buyer().benefit_at
    shop.says_of_offer("refused").agent("solved", "review_revision").agent("confirmed", "review_revision").after("1d")
    assert [] == [step for step in shop.steps() if step.startswith("review.")]
    assert [Verdict.FIREWALL] == shop.verdicts("review.note")


def test_freight_owed_does_not_keep_the_review_note_back() -> None:
    """A buyer's right is no benefit: the neutral note goes."""
    shop = OfferingShop("2026-03-02 10:00").case().review().offers("freight", "8", "freight")
    shop.agent("solved", "review_revision").agent("confirmed", "review_revision").after("1d")
    assert "review.note" in shop.steps()


@pytest.mark.parametrize("note", ["改成好评就给", "for a 5 star review", "si cambia la reseña", "截图领红包"])
def test_nothing_is_offered_for_a_review(note: str) -> None:
    """A note that speaks of one is refused by its rule, and nothing is kept (rules 77, 95)."""
    shop = OfferingShop().case()
    with pytest.raises(NotAllowed, match="rules 77 and 95"):
        shop.offers("coupon", "3", note=note)
    assert ((), []) == (shop.grants(), shop.steps())


def test_who_wants_no_automatic_words_is_told_by_a_person() -> None:
    """He said stop: the agent gets the figure and tells him himself."""
    shop = OfferingShop().case().buyer_says("退订").offers("coupon", "5").after("2d")
    assert ["stop.confirmed"] == shop.steps()
    assert "优惠券 ¥5.00" in shop.task("offer_untold").text


def test_a_tap_with_nothing_to_answer_is_a_persons() -> None:
    """The answer is passed on and grants nothing."""
    shop = OfferingShop().case().buyer_says("在吗").offers("coupon", "5").says_of_offer("declined", by=AGENT)
    shop.buyer_says("1")
    assert (["coupon 5 declined"], "buyer_message") == (shop.granted(), shop.tasks()[-1])


def test_an_order_without_a_case() -> None:
    """Nothing is offered out of the blue, nor in a case that is closed."""
    shop = OfferingShop().paid_order()
    with pytest.raises(NoCase):
        shop.offers("coupon", "5")
    shop = OfferingShop().case().agent("close", KIND)
    with pytest.raises(NotAllowed, match="closed"):
        shop.offers("coupon", "5")


def test_a_parcel_that_is_waited_for_is_still_waited_for() -> None:
    """A kindness for a slow courier changes nothing about what the case waits for."""
    shop = OfferingShop().case(branch=Branch.IN_TRANSIT)
    before = shop.store.tx.sale(f"shop/1001/{KIND}")
    waiting = replace(before, stage=Stage.FOLLOW_THROUGH)  # type: ignore[type-var]
    shop.store.run(lambda tx: tx.save(waiting))
    shop.buyer_says("在吗").offers("coupon", "5", "slow_courier").buyer_says("1")
    assert waiting == shop.store.tx.sale(f"shop/1001/{KIND}")


def test_the_clock_of_the_next_word_runs() -> None:
    """Who takes an offer, or not, hears by when he is told more."""
    answer_in = timedelta(hours=5)
    policy = replace(POLICY, after_sales=replace(POLICY.after_sales, answer_within=answer_in))
    shop = OfferingShop(policy=policy).case().buyer_says("在吗").offers("coupon", "5").buyer_says("2")
    assert "3月2日 19:00" in shop.heard()[-1]
