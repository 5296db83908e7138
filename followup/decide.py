"""The decisions: from a case, an event and the time to the effects it calls for. Nothing here acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from followup.answers import answers_of
from followup.effects import (
    AddNote,
    AlertAgent,
    CancelReminders,
    Effect,
    MarkBenefit,
    OptOut,
    Say,
    SetThread,
    Withhold,
)
from followup.events import Action, AgentActed, MessageReceived, matter_of
from followup.kinds import KINDS, Case, Step
from followup.kinds.review_revision import confirmed
from followup.model import Buyer, Chat, Decision, Instant, Reminder, Role, State, Verdict
from followup.policy import Policy
from followup.politeness import DAY, Touch, judge_ways
from followup.ports import Capabilities
from followup.reach import ANY_CHANNEL, NO_WAY, SHUT, Way, is_nobody
from followup.replies import (
    GOODBYE,
    HANDOFF,
    answer_a_call,
    for_a_person,
    reply,
    say_to,
    tell,
    to_a_person,
    was_told,
    words_of,
)
from followup.understood import Intent, Understood


def decide_opening(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    """A matter begins: plan its first touches."""
    return KINDS[case.thread.kind].opening(case, policy, now)


def decide_order_changed(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    """Facts changed under an open thread: settle it, or move what depends on the facts."""
    kind = KINDS[case.thread.kind]
    outcome = kind.settled(case.thread, case.facts)
    if not outcome:
        return kind.refresh(case, policy, now)
    return [CancelReminders(outcome), SetThread(State.SETTLED, outcome), *kind.settling(case, policy, now)]


def decide_reminder(
    case: Case, reminder: Reminder, policy: Policy, now: Instant, ways: Sequence[Way] = ()
) -> list[Effect]:
    """A planned touch is due: say it on the first of the `ways` that is open (by default on the thread's own chat),
    hold it, or drop it, and plan what follows. One for which no way is open waits for the buyer to open one."""
    kind = KINDS[case.thread.kind]
    step = kind.steps[reminder.step]
    mine = _of_its_matter(case, reminder)
    over = _over(mine, step)
    if step.role is Role.SILENT:
        return [] if over else step.follows(mine, policy, now, True)
    touch = Touch(step.role, case.thread.acted_at, reminder.expires_at, over, step.about_review, step.solves)
    way, decision = judge_ways(touch, case.buyer, ways or (Way(case.chat, case.can),), policy, now)
    if decision.verdict is Verdict.SENT:
        words, expires = words_of(mine, policy, now), reminder.expires_at
        say = Say(step.id, step.role, reminder.id, decision, words, expires, step.choices)
        say = replace(say, chat=way.chat.id, solves=step.solves)
        return [say, *([] if over else step.follows(mine, policy, now, True))]
    effects = _after_withholding(case, reminder, decision, policy, now)
    if decision.verdict in NO_WAY:
        decision = replace(decision, retry_at=reminder.expires_at or now + DAY)
        effects = [] if is_nobody(way.chat) else effects
    return [Withhold(step.id, reminder.id, decision, way.chat.id), *effects]


def _of_its_matter(case: Case, reminder: Reminder) -> Case:
    """The case as it concerns what the touch was planned for: the thread may have gone on to another refund."""
    matter = matter_of(reminder)
    if matter in ("", case.thread.matter):
        return case
    return replace(case, thread=replace(case.thread, matter=matter))


def _over(case: Case, step: Step) -> str:
    if step.after_settled:
        return ""
    thread = case.thread
    outcome = KINDS[thread.kind].settled(thread, case.facts)
    if outcome:
        return outcome
    if thread.state is State.SOLVED and step.role is not Role.SILENT and not step.about_review:
        return thread.state.value
    return thread.outcome or thread.state.value if thread.state.closed else ""


def _after_withholding(
    case: Case, reminder: Reminder, decision: Decision, policy: Policy, now: Instant
) -> list[Effect]:
    if decision.retry_at is not None:
        return []
    step = KINDS[case.thread.kind].steps[reminder.step]
    told = {"step": step.id}
    match decision.verdict:
        case Verdict.EXPIRED:
            is_told = step.role is not Role.NOTICE or reminder.error in SHUT
            alert = [] if is_told else [AlertAgent("expired", reminder.id, told)]
            return [*alert, *([] if step.after_settled else step.follows(case, policy, now, False))]
        case Verdict.SETTLED if not case.thread.state.closed:
            return decide_order_changed(case, policy, now)
        case Verdict.FIREWALL:
            return [AlertAgent("firewall", reminder.id, told), SetThread(State.CLOSED, "firewall")]
        case verdict if verdict in NO_WAY:
            return [AlertAgent(verdict.value, reminder.id, told)]
        case _:
            return []


def decide_message(
    case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant
) -> list[Effect]:
    """A buyer wrote about this case, and `heard` is what was understood."""
    if case.buyer.opted_out_at is not None:
        return [tell("buyer_message", message)]
    key, answers = message.key, answers_of(case.thread.kind)
    match heard.intent:
        case Intent.STOP:
            return [reply(GOODBYE, case, key, policy, now), OptOut()]
        case Intent.CHOSE if heard.choice in KINDS[case.thread.kind].choices:
            return answers.chose(case, heard.choice, policy, now)
    own = answers.to(case, message, heard, policy, now)
    return _in_common(case, message, heard, policy, now) if own is None else own


def _in_common(case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant) -> list[Effect]:
    """What every kind answers alike."""
    key = message.key
    match heard.intent:
        case Intent.HUMAN:
            called = answer_a_call(reply("reply.received", case, key, policy, now), case.chat, policy, now)
            handed = to_a_person(Way(case.chat, case.can), case.buyer, f"{case.thread.id}/{HANDOFF}/{key}", policy, now)
            return [*called, tell("buyer_message", message), *handed]
        case _:
            return for_a_person(case, message, policy, now)


def decide_stranger(
    buyer: Buyer,
    chat: Chat,
    message: MessageReceived,
    heard: Understood,
    policy: Policy,
    now: Instant,
    can: Capabilities = ANY_CHANNEL,
) -> list[Effect]:
    """Somebody wrote with whom no thread is open: he learns nothing of any order, and a person gets to know.

    `can` is what the chat's channel can do.
    """
    alert = tell("buyer_message", message)
    words, key = {"buyer": buyer.name}, message.external_id
    if buyer.opted_out_at is not None:
        return [alert]
    if heard.intent == Intent.STOP:
        return [say_to(buyer, Way(chat, can), GOODBYE, f"{chat.id}/stop/{key}", words, policy, now), OptOut()]
    way = Way(chat, can)
    received = say_to(buyer, way, "reply.received", f"{chat.id}/reply/{key}", words, policy, now)
    if heard.intent == Intent.HUMAN:
        handed = to_a_person(way, buyer, f"{chat.id}/{HANDOFF}/{key}", policy, now)
        return [*answer_a_call(received, chat, policy, now), alert, *handed]
    return [alert] if was_told(chat, policy, now) else [received, alert]


def decide_agent_acted(case: Case, event: AgentActed, policy: Policy) -> list[Effect]:
    """A person of the shop did something about the thread; every act leaves a note."""
    note = AddNote(f"{event.action.value} {event.text}".strip(), event.who)
    match event.action:
        case Action.SOLVED if not case.thread.state.closed:
            return [note, SetThread(State.SOLVED)]
        case Action.CONFIRMED:
            return [note, *confirmed(case, policy, event.at)]
        case Action.BENEFIT:
            return [note, MarkBenefit()]
        case Action.OPT_OUT:
            return [note, OptOut()]
        case Action.CLOSE if not case.thread.state.closed:
            return [note, CancelReminders("closed"), SetThread(State.CLOSED, event.text or "closed")]
        case _:
            return [note]
