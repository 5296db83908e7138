"""What every kind answers alike: kind words for kind words, and questions that have one answer in any thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from followup.answers.talk import Talk
from followup.desk.away import AWAY
from followup.effects import AddNote, AlertAgent, Effect, LeaveInPeace
from followup.model import Buyer, Facts, ParcelStatus, Refund, RefundStatus, Status
from followup.parcels import asked_for, stuck_at, words_of_parcel
from followup.politeness import DAY, zone_of
from followup.reach import Way
from followup.replies import HANDOFF, RECEIVED, or_a_person, to_a_person, was_told
from followup.understood import Intent, Understood

CALM = "calm.listening"
BY_A_PERSON = "says"  # the step of what somebody of the shop wrote himself
ARRIVES_WITHIN = 4 * DAY  # money that was paid back shows in 1–2 business days (rule 62), a weekend between them
NOTED = AddNote("buyer nodded")
TELLS_OF_A_PERSON = frozenset(
    (
        RECEIVED,
        AWAY,
        CALM,
        "common.which_order",
        "common.address_before",
        "common.address_after",
        "common.not_shipped",
        "common.invoice",
        "common.price",
        "common.rush",
        "common.delivery",
        "common.size",
        "common.details",
    )
)
"""After one of these the buyer knows that a person reads what he writes."""

Answer = Callable[[Talk], list[Effect] | None]


def is_angry(heard: Understood) -> bool:
    """Whether the buyer is angry, whatever else he asks for (rule 118)."""
    return heard.angry or heard.intent in (Intent.COMPLAINT, Intent.BAD_REVIEW_THREAT)


def is_left_in_peace(buyer: Buyer) -> bool:
    """Whether anger was the last thing that put off our nudges; the cap knows for how long."""
    return buyer.nudged_by.endswith(f"/{CALM}")


def calmed(talk: Talk, own: list[Effect] | None = None) -> list[Effect]:
    """One calm reply that takes sides with nobody, a person at once, and peace from everything automatic (rules 112,
    114, 118). `own` is what the message settles by itself, such as an order he does not want any more; it is answered
    instead. He is calmed once in `acknowledge_every`; after that people read on in silence, unless he calls for one."""
    calm: list[Effect] = []
    if own is not None:
        calm = own
    elif CALM not in talk.known.lately:
        calm = or_a_person(talk.say(CALM, by=talk.by()))
    elif talk.heard.intent is Intent.HUMAN:
        calm = call_heard(talk)
    return [*calm, _alarm(talk), LeaveInPeace(f"{talk.name}/{CALM}"), *called(talk)]


def call_heard(talk: Talk) -> list[Effect]:
    """Who asks for a person by name is told each time that one will answer, but not twice in a breath."""
    is_told = not talk.known.just.isdisjoint(TELLS_OF_A_PERSON | {BY_A_PERSON})
    return [] if is_told else talk.receipt(called=True)


def called(talk: Talk) -> list[Effect]:
    """The chat handed over to a person, where the channel can do that."""
    key = f"{talk.name}/{HANDOFF}/{talk.message.key}"
    return to_a_person(Way(talk.chat, talk.can), talk.buyer, key, talk.policy, talk.now)


def _alarm(talk: Talk) -> AlertAgent:
    """The task of who takes over: the buyer's words, since when the matter is followed up and how often we wrote."""
    task, thread, told = talk.tell("angry"), talk.thread, {}
    if thread is not None:
        told = {"since": thread.opened_at.astimezone(talk.policy.zone), "said": thread.touches}
    elif talk.facts:
        told = {"order": talk.facts[0].order.id, "goods": talk.facts[0].order.goods}
    return replace(task, facts={**task.facts, **told})


def in_common(talk: Talk) -> list[Effect] | None:
    """What is answered without a person or while one looks; None leaves the message to a person."""
    answer = ANSWERS.get(talk.heard.intent)
    return answer(talk) if answer else None


def _kindly(script: str) -> Answer:
    """Kind words for kind words, once a while; none where each message of ours counts against a quota."""

    def answer(talk: Talk) -> list[Effect]:
        if script in talk.known.lately or talk.can.quota is not None:
            return [NOTED]
        return [talk.say(script)]

    return answer


def _greeted(talk: Talk) -> list[Effect] | None:
    """Greeted back; who greets again, or waits for a person already, means "is anybody there?"."""
    is_waiting = "warm.greeting" in talk.known.lately or was_told(talk.chat, talk.policy, talk.now)
    return None if is_waiting else [talk.say("warm.greeting")]


def _nodded(talk: Talk) -> list[Effect] | None:
    """A nod needs no answer, unless something was asked that it may answer; a number is more than a nod."""
    is_more = any(char.isdigit() for char in talk.message.text)
    return None if talk.asked or is_more else [NOTED]


def _looked_into(script: str) -> Answer:
    """A person answers, and the buyer is told by when; asked again, he is not told again."""

    def answer(talk: Talk) -> list[Effect]:
        return _promised(talk, script)

    return answer


def _promised(talk: Talk, script: str, **facts: object) -> list[Effect]:
    if script in talk.known.lately:
        return [talk.tell()]
    return [*or_a_person(talk.say(script, by=talk.by(), **facts)), talk.tell()]


def _about_an_order(answer: Callable[[Talk, Facts], list[Effect] | None]) -> Answer:
    """An answer from the facts of the order that is meant; of whom nobody knows its number is asked."""

    def of_order(talk: Talk) -> list[Effect] | None:
        if talk.is_stranger:
            return _promised(talk, "common.which_order")
        answers = (answer(talk, facts) for facts in talk.facts)
        return next((found for found in answers if found is not None), None)

    return of_order


def _address(talk: Talk, facts: Facts) -> list[Effect]:
    """Before shipping it can be changed; afterwards only the courier can try (rule 35)."""
    is_early = facts.order.status in (Status.UNPAID, Status.PAID)
    return _promised(talk, "common.address_before" if is_early else "common.address_after")


def _refund(talk: Talk, facts: Facts) -> list[Effect] | None:
    """Where the refund stands and what comes next (rules 62, 64); what only a person can tell is left to one."""
    refund = max(facts.refunds, key=lambda each: (each.status.pending, each.requested_at, each.id), default=None)
    script = _of_refund(refund, talk) if refund else ""
    if not script or refund is None or script in talk.known.lately:
        return None
    at = refund.settled_at if refund.status is RefundStatus.PAID_BACK else refund.requested_at
    deadline = talk.local(refund.deadline) if refund.deadline and refund.deadline > talk.now else None
    told = {"amount": refund.amount, "at": talk.local(at) if at else None, "deadline": deadline}
    is_early = facts.order.status is Status.PAID
    return or_a_person(talk.say(script, **told, before_shipping="yes" if is_early else ""))


def _of_refund(refund: Refund, talk: Talk) -> str:
    match refund.status:
        case RefundStatus.REQUESTED:
            return "common.refund_requested"
        case RefundStatus.RETURNING:
            return "common.refund_returning"
        case RefundStatus.PAID_BACK if refund.settled_at and talk.now < refund.settled_at + ARRIVES_WITHIN:
            return "common.refund_paid_back"
        case _:
            return ""


def _parcel(talk: Talk, facts: Facts) -> list[Effect] | None:
    """Where the parcel was last seen (rule 23); one that stands still, or is said to have arrived, is a person's."""
    parcel = asked_for(facts)
    if facts.order.status is Status.PAID and facts.order.tells_shipping and parcel is None:
        return _promised(talk, "common.not_shipped")
    moving = (ParcelStatus.ON_ITS_WAY, ParcelStatus.AT_THE_DOOR)
    if parcel is None or parcel.status not in moving or "common.parcel" in talk.known.lately:
        return None
    stuck = stuck_at(parcel, talk.policy.stuck_parcel)
    if stuck is not None and stuck <= talk.now:
        return None
    return or_a_person(talk.say("common.parcel", **words_of_parcel(parcel, zone_of(talk.buyer, talk.policy))))


FROM_FACTS: Mapping[Intent, Answer] = {
    Intent.REFUND_STATUS: _about_an_order(_refund),
    Intent.WHERE_IS_PARCEL: _about_an_order(_parcel),
    Intent.CHANGE_ADDRESS: _about_an_order(_address),
}
ANSWERS: Mapping[Intent, Answer] = {
    **FROM_FACTS,
    Intent.THANKS: _kindly("warm.thanks"),
    Intent.PRAISE: _kindly("warm.praise"),
    Intent.GREETING: _greeted,
    Intent.ACKNOWLEDGEMENT: _nodded,
    Intent.INVOICE: _looked_into("common.invoice"),
    Intent.PRICE: _looked_into("common.price"),
    Intent.SHIP_FASTER: _looked_into("common.rush"),
    Intent.DELIVERY_PROMISE: _looked_into("common.delivery"),
    Intent.SIZE_SPEC: _looked_into("common.size"),
    Intent.PRODUCT_QUESTION: _looked_into("common.details"),
}
