"""What every kind answers alike: when the bot speaks alone, what it says, and when it leaves a message to people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from followup.answers.common import ANSWERS, CALM, TELLS_OF_A_PERSON
from followup.answers.talk import Known
from followup.decide import decide_message, decide_stranger
from followup.effects import AddNote, AlertAgent, Effect, HandOver, LeaveInPeace, MoveNext, OptOut, Say, SetThread
from followup.kinds import KINDS, Case
from followup.model import Choice, Facts, Instant, Parcel, ParcelStatus, RefundStatus, State, Status
from followup.policy import Policy
from followup.ports import Capabilities
from followup.understood import Intent, Understood
from scripts_library.catalogue import load_catalogue
from tests.followup.makers import (
    NOON,
    POLICY,
    SHOP,
    a_buyer,
    a_case,
    a_chat,
    a_message,
    a_refund,
    an_order,
    days,
    heard,
    hours,
)

PAID = an_order(status=Status.PAID, paid_at=NOON)
SHIPPED = replace(PAID, status=Status.SHIPPED, shipped_at=NOON)
LOOKED_INTO = {
    Intent.INVOICE: "common.invoice",
    Intent.PRICE: "common.price",
    Intent.SHIP_FASTER: "common.rush",
    Intent.DELIVERY_PROMISE: "common.delivery",
    Intent.SIZE_SPEC: "common.size",
    Intent.PRODUCT_QUESTION: "common.details",
}
KIND_WORDS = {
    Intent.THANKS: "warm.thanks",
    Intent.PRAISE: "warm.praise",
    Intent.GREETING: "warm.greeting",
}


def a_parcel(**more: object) -> Parcel:
    """A parcel on its way, seen at noon."""
    parcel = Parcel(SHOP, "YT1", "1001", ParcelStatus.ON_ITS_WAY, NOON, NOON, "圆通", NOON, "杭州")
    return replace(parcel, **more)  # type: ignore[arg-type]


def a_question(kind: str = "pending_refund", **more: object) -> Case:
    """A case whose buyer may ask anything; `parcels` are of its order."""
    parcels = more.pop("parcels", ())
    case = a_case(kind, **more)  # type: ignore[arg-type]
    return replace(case, facts=replace(case.facts, parcels=parcels))


def hear(
    case: Case, intent: Intent, *lately: str, angry: bool = False, now: Instant = NOON, policy: Policy = POLICY
) -> list[Effect]:
    """What is decided on a message with that intent; `lately` was said already."""
    understood = replace(heard(intent), angry=angry)
    return decide_message(case, a_message("the words"), understood, policy, now, Known(frozenset(lately)))


def said(effects: list[Effect]) -> list[str]:
    return [effect.script for effect in effects if isinstance(effect, Say)]


def alerts(effects: list[Effect]) -> list[str]:
    return [effect.reason for effect in effects if isinstance(effect, AlertAgent)]


def facts(effects: list[Effect]) -> dict[str, object]:
    return {name: fact for effect in effects if isinstance(effect, Say) for name, fact in effect.facts.items()}


class TestKindWords:
    @pytest.mark.parametrize("intent", KIND_WORDS)
    def test_they_are_answered_and_nobody_is_called(self, intent: Intent) -> None:
        """Thanks, praise, a greeting: one warm line, no task."""
        effects = hear(a_question(), intent)
        assert ([KIND_WORDS[intent]], []) == (said(effects), alerts(effects))

    @pytest.mark.parametrize("intent", [Intent.THANKS, Intent.PRAISE])
    def test_once_a_while_is_enough(self, intent: Intent) -> None:
        """Said lately, nothing is said again; the thread keeps a note."""
        assert [AddNote("buyer nodded")] == hear(a_question(), intent, KIND_WORDS[intent])

    def test_who_greets_twice_looks_for_somebody(self) -> None:
        """ "Are you there?" after our "I'm here": a person reads it; so too while he waits for one."""
        assert ["buyer_message"] == alerts(hear(a_question(), Intent.GREETING, "warm.greeting"))
        waits = a_question(chat=a_chat(acknowledged_at=NOON - hours(1)))
        assert ([], ["buyer_message"]) == (said(hear(waits, Intent.GREETING)), alerts(hear(waits, Intent.GREETING)))

    def test_a_message_of_a_quota_is_not_spent_on_courtesy(self) -> None:
        """Where five messages are all there is, "you're welcome" is none of them."""
        case = replace(a_question(), can=Capabilities(quota=5))
        assert [AddNote("buyer nodded")] == hear(case, Intent.THANKS)

    def test_a_nod_needs_no_answer(self) -> None:
        """ "OK" is noted, and that is all; "OK, 2" says more."""
        assert [AddNote("buyer nodded")] == hear(a_question(), Intent.ACKNOWLEDGEMENT)
        more = decide_message(a_question(), a_message("OK, 2"), heard(Intent.ACKNOWLEDGEMENT), POLICY, NOON)
        assert ["buyer_message"] == alerts(more)

    @pytest.mark.parametrize(
        "asked",
        [
            {"chat": a_chat(offered=(Choice("later", "later"),))},
            {"state": State.SOLVED},
        ],
        ids=["a choice is offered", "a confirmation is awaited"],
    )
    def test_a_nod_to_a_question_keeps_its_meaning(self, asked: dict[str, object]) -> None:
        """ "Yes" after something was asked is read by a person."""
        assert ["buyer_message"] == alerts(hear(a_question(**asked), Intent.ACKNOWLEDGEMENT))


class TestAPersonAnswers:
    @pytest.mark.parametrize("intent", LOOKED_INTO)
    def test_the_buyer_hears_by_when(self, intent: Intent) -> None:
        """One reply that names the time, within the shop's own figure and on the buyer's clock, and a task."""
        policy = replace(POLICY, after_sales=replace(POLICY.after_sales, answer_within=hours(3)))
        effects = hear(a_question(buyer=a_buyer(zone="Europe/Madrid")), intent, policy=policy)
        assert ([LOOKED_INTO[intent]], ["buyer_message"]) == (said(effects), alerts(effects))
        by = facts(effects)["by"]
        assert ("2026-03-05T08:00:00+01:00", NOON + hours(3)) == (by.isoformat(), by)  # type: ignore[attr-defined]

    @pytest.mark.parametrize("intent", LOOKED_INTO)
    def test_asked_again_he_is_not_told_again(self, intent: Intent) -> None:
        """Only the task: a person sees how pressing it is."""
        effects = hear(a_question(), intent, LOOKED_INTO[intent])
        assert ([], ["buyer_message"]) == (said(effects), alerts(effects))

    def test_the_task_suggests_what_to_say(self) -> None:
        """The agent's task holds the buyer's words and the scripts for them."""
        (alert,) = (effect for effect in hear(a_question(), Intent.INVOICE) if isinstance(effect, AlertAgent))
        assert ("the words", "desk.invoice") == (alert.facts["text"], alert.facts["suggest"][0])  # type: ignore[index]

    def test_what_names_a_time_opens_a_clock(self) -> None:
        """Every script that is said with a time declares it as a promise, and tells of a person (rule 119)."""
        timed = {spec.id for spec in load_catalogue().values() if "by" in {fact.name for fact in spec.facts}}
        ours = {id_ for id_ in timed if id_.startswith(("common.", "calm."))}
        assert {"by"} == {load_catalogue()[id_].promises for id_ in ours}
        assert ours <= TELLS_OF_A_PERSON

    def test_a_closed_window_becomes_a_task(self) -> None:
        """Where nothing may be said, a person learns that the buyer waits for it."""
        case = replace(a_question(), can=Capabilities(window=hours(1)), chat=a_chat(last_in_at=NOON - hours(2)))
        assert ["window_closed", "buyer_message"] == alerts(hear(case, Intent.INVOICE))


class TestAddress:
    @pytest.mark.parametrize(
        ("order", "script"),
        [(PAID, "common.address_before"), (an_order(), "common.address_before"), (SHIPPED, "common.address_after")],
    )
    def test_before_and_after_shipping_are_two_answers(self, order: object, script: str) -> None:
        """Rule 35: what has left only the courier can turn round; a person does either."""
        effects = hear(a_question(order=order), Intent.CHANGE_ADDRESS)
        assert ([script], ["buyer_message"]) == (said(effects), alerts(effects))


class TestRefund:
    @pytest.mark.parametrize(
        ("status", "script"),
        [
            (RefundStatus.REQUESTED, "common.refund_requested"),
            (RefundStatus.RETURNING, "common.refund_returning"),
        ],
    )
    def test_its_state_is_told_and_what_comes_next(self, status: RefundStatus, script: str) -> None:
        """From the facts, without a person (rules 62, 64)."""
        refund = a_refund(status=status, deadline=NOON + days(3))
        effects = hear(a_question(refunds=(refund,)), Intent.REFUND_STATUS)
        assert ([script], []) == (said(effects), alerts(effects))
        assert (refund.amount, NOON, NOON + days(3)) == tuple(facts(effects)[n] for n in ("amount", "at", "deadline"))

    def test_money_under_way_is_told_until_it_should_have_arrived(self) -> None:
        """Days after that somebody has to look."""
        refund = a_refund(status=RefundStatus.PAID_BACK, settled_at=NOON)
        case = a_question("review_revision", refunds=(refund,))
        assert ["common.refund_paid_back"] == said(hear(case, Intent.REFUND_STATUS, now=NOON + days(2)))
        assert ["buyer_message"] == alerts(hear(case, Intent.REFUND_STATUS, now=NOON + days(5)))

    @pytest.mark.parametrize("status", [RefundStatus.REFUSED, RefundStatus.WITHDRAWN])
    def test_bad_news_is_for_a_person(self, status: RefundStatus) -> None:
        """A refusal is never told by a script."""
        effects = hear(a_question(refunds=(a_refund(status=status),)), Intent.REFUND_STATUS)
        assert (["reply.received"], ["buyer_message"]) == (said(effects), alerts(effects))

    def test_asked_twice_a_person_answers(self) -> None:
        """Who asks again was not helped by it."""
        assert ["buyer_message"] == alerts(hear(a_question(), Intent.REFUND_STATUS, "common.refund_requested"))

    def test_the_pending_one_is_meant(self) -> None:
        """Of several the newest that is still open."""
        settled = a_refund(NOON + hours(1), id="R0", status=RefundStatus.PAID_BACK, settled_at=NOON + hours(1))
        case = a_question(refunds=(settled, a_refund()))
        assert ["common.refund_requested"] == said(hear(case, Intent.REFUND_STATUS, now=NOON + hours(2)))


class TestParcel:
    def test_where_it_was_seen(self) -> None:
        """Courier, number, place and when, from the facts."""
        effects = hear(a_question(order=SHIPPED, parcels=(a_parcel(),)), Intent.WHERE_IS_PARCEL)
        assert (["common.parcel"], []) == (said(effects), alerts(effects))
        assert ("圆通", "YT1", "杭州", NOON) == tuple(
            facts(effects)[name] for name in ("courier", "number", "place", "moved_at")
        )

    @pytest.mark.parametrize(
        "parcel",
        [
            a_parcel(status=ParcelStatus.SIGNED),
            a_parcel(status=ParcelStatus.LOST),
            a_parcel(status=ParcelStatus.TROUBLE),
            a_parcel(moved_at=NOON - days(9), shipped_at=NOON - days(10)),
        ],
        ids=["said to have arrived", "lost", "in trouble", "standing still"],
    )
    def test_what_is_wrong_with_it_is_for_a_person(self, parcel: Parcel) -> None:
        """No cheerful "on its way" about a parcel that is not."""
        effects = hear(a_question(order=SHIPPED, parcels=(parcel,)), Intent.WHERE_IS_PARCEL)
        assert ([], ["buyer_message"]) == ([s for s in said(effects) if s != "reply.received"], alerts(effects))

    def test_what_has_not_left_is_said_so(self) -> None:
        """Where the source would tell that it was shipped; elsewhere nobody knows."""
        case = a_question(order=replace(PAID, tells_shipping=True))
        assert ["common.not_shipped"] == said(hear(case, Intent.WHERE_IS_PARCEL))
        assert ["reply.received"] == said(hear(a_question(order=PAID), Intent.WHERE_IS_PARCEL))


def ask(*orders: Facts, intent: Intent = Intent.WHERE_IS_PARCEL, named: tuple[str, ...] = ()) -> list[Effect]:
    """What a buyer with these orders hears in whose name nothing is followed up."""
    understood = Understood(intent, orders=named)
    return decide_stranger(
        a_buyer(), a_chat(), a_message(), understood, POLICY, NOON, Capabilities(), Known(orders=orders)
    )


class TestWhichOrder:
    def test_the_only_one_under_way_is_meant(self) -> None:
        """An old one that is finished does not confuse it."""
        old = Facts(an_order(id="900", status=Status.FINISHED, paid_at=NOON))
        assert ["common.parcel"] == said(ask(old, Facts(SHIPPED, parcels=(a_parcel(),))))

    def test_of_two_nothing_is_guessed(self) -> None:
        """Rule 119: never guess. The one he names is the one."""
        other = Facts(replace(SHIPPED, id="1002"))
        mine = Facts(SHIPPED, parcels=(a_parcel(),))
        assert ["reply.received"] == said(ask(mine, other))
        assert ["common.parcel"] == said(ask(mine, other, named=("1001",)))


class TestAnger:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("intent", [Intent.COMPLAINT, Intent.BAD_REVIEW_THREAT, Intent.OTHER, Intent.DAMAGED])
    def test_one_calm_reply_and_a_person(self, kind: str, intent: Intent) -> None:
        """In whatever thread: calm words with a time, a task, and peace from everything automatic (rule 118)."""
        effects = hear(a_question(kind), intent, angry=intent is not Intent.COMPLAINT)
        assert ([CALM], ["angry"]) == (said(effects), alerts(effects))
        assert [LeaveInPeace(f"{a_question(kind).thread.id}/{CALM}")] == [
            effect for effect in effects if isinstance(effect, LeaveInPeace)
        ]
        assert NOON + timedelta(hours=24) == facts(effects)["by"]

    def test_it_is_not_said_twice(self) -> None:
        """A second burst is a task and a longer peace, no second "I'm sorry"."""
        effects = hear(a_question(), Intent.COMPLAINT, CALM)
        assert [AlertAgent, LeaveInPeace] == [type(effect) for effect in effects]

    def test_the_chat_goes_to_a_person_where_it_can(self) -> None:
        """On a channel that can hand over."""
        case = replace(a_question(), can=Capabilities(handover=True))
        assert 1 == sum(isinstance(effect, HandOver) for effect in hear(case, Intent.COMPLAINT))

    def test_the_agent_learns_what_went_before(self) -> None:
        """Since when the matter is followed up, how often the bot wrote, and what may be said."""
        (alert,) = (e for e in hear(a_question(touches=3), Intent.COMPLAINT) if isinstance(e, AlertAgent))
        assert (NOON, 3) == (alert.facts["since"], alert.facts["said"])
        assert ("desk.listen", "desk.consult", "desk.limits") == alert.facts["suggest"]

    def test_who_cancels_in_anger_has_cancelled(self) -> None:
        """The order is dropped with its own friendly word, and a person knows how he felt."""
        effects = hear(a_case("unpaid_order"), Intent.DECLINED, angry=True)
        assert (["unpaid.dropped"], ["angry"]) == (said(effects), alerts(effects))
        assert SetThread(State.CLOSED, "declined") in effects

    def test_who_says_in_anger_that_he_paid_is_believed(self) -> None:
        """His next reminder waits as it would otherwise."""
        effects = hear(a_case("unpaid_order"), Intent.PAID, angry=True)
        assert (["says_paid", "angry"], 1) == (alerts(effects), sum(isinstance(e, MoveNext) for e in effects))

    def test_stop_is_stop(self) -> None:
        """An angry stop is obeyed like any other, and a person hears of the anger."""
        effects = hear(a_question(), Intent.STOP, angry=True)
        assert (["stop.confirmed"], ["angry"]) == (said(effects), alerts(effects))
        assert any(isinstance(effect, OptOut) for effect in effects)

    def test_an_angry_stranger_is_calmed_too(self) -> None:
        """Without a time, for no clock runs outside of threads."""
        effects = ask(intent=Intent.COMPLAINT)
        assert ([CALM], ["angry"], None) == (said(effects), alerts(effects), facts(effects)["by"])


@pytest.mark.parametrize("intent", ANSWERS)
def test_a_kinds_own_answer_comes_first(intent: Intent) -> None:
    """Common answers are given only where the kind has none: who opted out hears none at all."""
    case = a_question(buyer=a_buyer(opted_out_at=NOON))
    assert (["buyer_message"], []) == (alerts(hear(case, intent)), said(hear(case, intent)))
