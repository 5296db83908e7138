"""The gate of money: whatever happens, nobody hears of more than was granted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.after_sales.compensation import STANDING, TOLD, NotAllowed
from followup.after_sales.model import Grant, GrantState, Loss, Remedy
from followup.after_sales.offers import SCRIPTS
from followup.effects import Say
from followup.events import thread_id
from followup.model import Decision, Money, Outgoing, ReminderState, Role, Thread, Verdict
from followup.policy import CompensationPolicy
from handlers.carry_out import carry_out
from handlers.granted import NotGranted
from scripts_library.catalogue import load_catalogue
from tests.stories.offering import AGENT, BOSS, KIND, OfferingShop
from tests.stories.shop import POLICY, SHOP

THREAD = thread_id(SHOP, "1001", KIND)
PROMISING = [id_ for id_, spec in load_catalogue().items() if spec.grants]
LIMITS = CompensationPolicy(own_limit=Decimal(6), goodwill=Decimal(12), leak=Decimal(4), slow_courier=Decimal(5))


def a_grant(amount: int = 5, thread: str = THREAD, state: GrantState = GrantState.GRANTED) -> Grant:
    money, now = Money(Decimal(amount)), OfferingShop().clock.now()
    return Grant(f"{thread}/grant/1", thread, SHOP, Remedy.COUPON, Loss.GOODWILL, money, state, AGENT, now)


def saying(script: str, grant: str = f"{THREAD}/grant/1", amount: object = Money(Decimal(5))) -> Say:
    """Words that promise five yuan."""
    facts = {"order": "1001", "amount": amount, "paid": Money(Decimal(89)), "kept": Money(Decimal(84))}
    return Say(script, Role.NOTICE, f"{THREAD}/{script}/x", Decision(Verdict.SENT, ()), facts, grant=grant)


def said(shop: OfferingShop, say: Say, *grants: Grant) -> list[str]:
    """What stands in the outbox once the words were to be said, with these grants on record."""

    def do(tx: Any) -> None:
        for grant in grants:
            tx.save(grant)
        thread = tx.get(Thread, THREAD)
        carry_out([say], thread, tx, shop.deps, shop.clock.now())

    shop.store.run(do)
    return [message.text for message in shop.outbox()]


@pytest.mark.parametrize("script", PROMISING)
def test_with_its_grant_it_is_said(script: str) -> None:
    """Granted, of this thread, and no more than granted."""
    assert 1 == len(said(OfferingShop().case(), saying(script), a_grant()))


@pytest.mark.parametrize("script", PROMISING)
@pytest.mark.parametrize(
    ("say", "grants"),
    [
        ({}, ()),
        ({"grant": ""}, (a_grant(),)),
        ({}, (a_grant(state=GrantState.ASKED),)),
        ({}, (a_grant(state=GrantState.REFUSED),)),
        ({}, (a_grant(state=GrantState.DECLINED),)),
        ({}, (a_grant(4),)),
        ({"grant": "shop/1002/after_sales/grant/1"}, (a_grant(thread="shop/1002/after_sales"),)),
        ({"amount": "5"}, (a_grant(),)),
        ({"amount": Money(Decimal(5), "USD")}, (a_grant(),)),
    ],
)
def test_without_it_nothing_goes(script: str, say: dict[str, Any], grants: tuple[Grant, ...]) -> None:
    """No grant, somebody else's, one not granted, or a smaller one: it is loud, and nothing is kept."""
    shop = OfferingShop().case()
    with pytest.raises(NotGranted, match=script):
        said(shop, saying(script, **say), *grants)
    assert [] == shop.outbox()


def test_every_offer_is_gated() -> None:
    """No script of an offer forgets to name what has to be granted."""
    assert {*SCRIPTS.values(), "offer.enter_refund"} == set(PROMISING)
    assert {"amount"} == {load_catalogue()[id_].grants for id_ in PROMISING}


def test_a_planned_offer_that_lost_its_grant_is_put_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a decision ever name too small a grant, the touch is put aside and a person gets a task."""
    shop = OfferingShop("2026-03-02 21:30").case().after("1h").offers("coupon", "5")
    less = replace(shop.grants()[0], amount=Money(Decimal(1)))
    monkeypatch.setattr("followup.decide.with_grant", _with_more)
    shop.store.run(lambda tx: tx.save(less))
    shop.after("1d")
    planned = next(each for each in shop.reminders() if each.step == "offer.coupon")
    assert (ReminderState.PUT_ASIDE, []) == (planned.state, shop.offered())
    assert ("put_aside" in shop.tasks(), "only 1.00 CNY was granted" in shop.task("put_aside").text) == (True, True)


def _with_more(say: Say, case: Any, _reminder: Any) -> Say:
    return replace(say, grant=case.grants[0].id, facts={**say.facts, "amount": Money(Decimal(5))})


Act = Callable[[OfferingShop], object]
AMOUNTS = st.sampled_from(["0.01", "2", "3.50", "5", "7", "12", "13", "20", "44.50", "89"])
PEOPLE = st.sampled_from([AGENT, BOSS, "老王", "路人"])


def _offer(remedy: Remedy, loss: Loss, amount: str, by: str) -> Act:
    return lambda shop: shop.offers(remedy, amount, loss, by)


def _word(word: str, by: str) -> Act:
    return lambda shop: shop.says_of_offer(word, by) if shop.grants() else None


def _given(remedy: Remedy, loss: Loss, amount: str, by: str) -> Act:
    """All the way: asked for, approved if it has to be, taken."""

    def act(shop: OfferingShop) -> None:
        shop.offers(remedy, amount, loss, by)
        if shop.grants()[-1].state is GrantState.ASKED:
            shop.says_of_offer("approved", "老王" if by == BOSS else BOSS)
        shop.says_of_offer("accepted", AGENT)

    return act


def _says(text: str) -> Act:
    return lambda shop: shop.buyer_says(text)


ACTS = st.one_of(
    st.builds(_offer, st.sampled_from([*SCRIPTS]), st.sampled_from(Loss), AMOUNTS, PEOPLE),
    st.builds(_given, st.sampled_from([*SCRIPTS]), st.sampled_from([Loss.GOODWILL, Loss.LEAK]), AMOUNTS, PEOPLE),
    st.builds(_word, st.sampled_from(["approved", "refused", "accepted", "declined"]), PEOPLE),
    st.builds(_says, st.sampled_from(["1", "2", "好的", "不要了"])),
    st.just(lambda shop: shop.after("1h")),
)


@settings(max_examples=150)
@given(st.lists(ACTS, max_size=12))
def test_nobody_hears_of_more_than_was_granted(acts: list[Act]) -> None:
    """Whatever is asked, approved, refused, taken and declined in whatever order: each sum that the buyer was told
    and has not declined was granted, and all of them together stay within the caps."""
    shop = OfferingShop(policy=replace(POLICY, compensation=LIMITS), supervisors=(BOSS, "老王")).case()
    for act in acts:
        try:
            act(shop)
        except NotAllowed:
            continue
    grants = {grant.id.rpartition("/")[2]: grant for grant in shop.grants()}
    told = {_number(message): message for message in shop.outbox() if message.step in SCRIPTS.values()}
    for number, message in told.items():
        assert _named(message) <= grants[number].amount.amount
        assert grants[number].state in (*TOLD, GrantState.DECLINED)
    standing = [grant for grant in grants.values() if grant.state in STANDING]
    heard = [grants[number] for number in told if grants[number].state in TOLD]
    assert _sum(heard) <= _sum([grant for grant in standing if grant.state in TOLD])
    _within_caps(standing)


def _within_caps(grants: list[Grant]) -> None:
    of_goods = [grant for grant in grants if grant.loss is not Loss.FREIGHT]
    usable = [grant for grant in of_goods if grant.loss is not Loss.UNUSABLE]
    assert _sum(of_goods) <= Decimal(89)
    assert _sum(usable) <= Decimal("44.50")
    assert _sum([grant for grant in grants if grant.loss is Loss.FREIGHT]) <= LIMITS.freight
    alone = [grant for grant in grants if grant.answered_by == grant.asked_by]
    assert _sum(alone) <= LIMITS.own_limit
    for loss, cap in ((Loss.GOODWILL, LIMITS.goodwill), (Loss.LEAK, LIMITS.leak)):
        assert _sum([grant for grant in usable if grant.loss is loss and grant.asked_by == AGENT]) <= cap


def _number(message: Outgoing) -> str:
    return message.id.rpartition("@")[2]


def _named(message: Outgoing) -> Decimal:
    """The largest sum that a message names."""
    return max((Decimal(found) for found in re.findall(r"¥([\d.]+)", message.text)), default=Decimal(0))


def _sum(grants: list[Grant]) -> Decimal:
    return sum((grant.amount.amount for grant in grants), Decimal(0))
