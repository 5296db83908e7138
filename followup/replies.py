"""Answers to what a buyer wrote, and the task for a person where the bot has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from followup.desk.away import AWAY, back_at, was_told_away
from followup.effects import AlertAgent, CancelReminders, Effect, HandOver, Say, SetThread
from followup.events import MessageReceived
from followup.kinds import KINDS, Case
from followup.model import Buyer, Chat, Instant, Role, State, Verdict
from followup.policy import Policy
from followup.politeness import Touch, judge, zone_of
from followup.reach import Way
from followup.suggestions import suggested
from followup.understood import Understood

GOODBYE = "stop.confirmed"
RECEIVED = "reply.received"
HANDOFF = "handoff"


def words_of(case: Case, policy: Policy, now: Instant) -> Mapping[str, object]:
    """The facts that all words about a case may use."""
    order = case.facts.order
    own = KINDS[case.thread.kind].words(case, policy, now)
    return {"buyer": case.buyer.name, "goods": order.goods, "order": order.id, **own}


def for_a_person(
    case: Case, message: MessageReceived, policy: Policy, now: Instant, heard: Understood | None = None
) -> list[Effect]:
    """Give the message to a person, with scripts that suit what was `heard`, and tell the buyer so if he was not told
    lately."""
    return [*received(case, message.key, policy, now), tell("buyer_message", message, heard, case.thread.kind)]


def received(case: Case, key: str, policy: Policy, now: Instant) -> list[Effect]:
    """The receipt for what was said in a thread."""

    def say(script: str, facts: Mapping[str, object]) -> Say:
        return reply(script, case, key, policy, now, facts)

    return receipt(say, case.buyer, case.chat, policy, now)


def receipt(
    say: Callable[[str, Mapping[str, object]], Say],
    buyer: Buyer,
    chat: Chat,
    policy: Policy,
    now: Instant,
    called: bool = False,
) -> list[Effect]:
    """Tell the buyer that a person reads what he writes, unless he was told lately: outside business hours once in a
    closed period, from when on. Who `called` for one is told in any case."""
    opens = back_at(policy, now)
    if opens is not None:
        told = {"opens": opens.astimezone(zone_of(buyer, policy))}
        return [] if was_told_away(chat, policy, now) and not called else [say(AWAY, told)]
    return [] if was_told(chat, policy, now) and not called else [say(RECEIVED, {})]


def to_a_person(way: Way, buyer: Buyer, key: str, policy: Policy, now: Instant) -> list[Effect]:
    """Hand the chat over, for the buyer asked for a person; nothing where the channel has no such thing."""
    if not way.can.handover:
        return []
    return [HandOver(key, judge(Touch(Role.REPLY, now, permitted=True), buyer, way.chat, policy, now, way.can))]


def tell(reason: str, message: MessageReceived, heard: Understood | None = None, kind: str = "") -> AlertAgent:
    """A task with the buyer's own words and, if it is told what was `heard` in a thread of that `kind`, with the three
    scripts that suit them best."""
    more = {"suggest": suggested(heard, kind)} if heard else {}
    return AlertAgent(reason, message.key, {"text": message.text, **more})


def was_told(chat: Chat, policy: Policy, now: Instant) -> bool:
    """Whether he knows already that a person reads what he writes here."""
    return chat.acknowledged_at is not None and now < chat.acknowledged_at + policy.acknowledge_every


def declined() -> list[Effect]:
    """The buyer does not want it: nothing more is said."""
    return [CancelReminders("declined"), SetThread(State.CLOSED, "declined")]


def reply(
    script: str, case: Case, key: str, policy: Policy, now: Instant, more: Mapping[str, object] | None = None
) -> Say:
    """An answer in the thread's chat; `key` tells it from others with the same words."""
    words = {**words_of(case, policy, now), **(more or {})}
    way = Way(case.chat, case.can)
    return say_to(case.buyer, way, script, f"{case.thread.id}/{script}/{key}", words, policy, now)


def say_to(
    buyer: Buyer, way: Way, script: str, key: str, words: Mapping[str, object], policy: Policy, now: Instant
) -> Say:
    """An answer in a chat, under the dedupe key `key`; only a goodbye may use the last message of a quota."""
    solves = script == GOODBYE
    decision = judge(Touch(Role.REPLY, now, solves=solves, by_person=solves), buyer, way.chat, policy, now, way.can)
    return Say(script, Role.REPLY, key, decision, words, chat=way.chat.id, solves=solves)


def or_a_person(said: Say) -> list[Effect]:
    """The reply; if the channel takes no more, a person learns that the buyer waits for it."""
    verdict = said.decision.verdict
    if verdict not in (Verdict.WINDOW_CLOSED, Verdict.QUOTA_USED):
        return [said]
    return [said, AlertAgent(verdict.value, said.key, {"step": said.script})]
