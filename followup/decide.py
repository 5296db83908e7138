"""The decisions: from a case, an event and the time to the effects it calls for. Nothing here acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from followup.after_sales.offers import taken_back, with_grant
from followup.after_sales.returns import takes_number
from followup.answers import answers_of
from followup.answers.common import call_heard, called, calmed, in_common, is_angry, is_left_in_peace
from followup.answers.talk import NOTHING_KNOWN, Known, Talk, in_chat, in_thread
from followup.effects import (
    AddNote,
    AlertAgent,
    CancelReminders,
    Effect,
    MarkBenefit,
    MoveNext,
    OptOut,
    RemindAt,
    Say,
    SetThread,
    Withhold,
)
from followup.events import Action, AgentActed, MessageReceived, matter_of, reminder_id
from followup.hold_out import held_out
from followup.kinds import KINDS, Case, Step
from followup.kinds.review_revision import confirmed
from followup.model import SKIPPED, Buyer, Chat, Decision, Instant, Reminder, Role, State, Verdict
from followup.policy import Policy
from followup.politeness import DAY, Touch, judge_ways
from followup.ports import Capabilities
from followup.promises import DUE as PROMISE_DUE
from followup.promising import untold
from followup.reach import ANY_CHANNEL, HELD, NO_WAY, SHUT, Way, is_nobody
from followup.replies import GOODBYE, words_of
from followup.restored import gap_at
from followup.restored import told as told_of
from followup.understood import Intent, Understood

NEXT = "@next"


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
    hold it, or drop it, and plan what follows. One for which no way is open waits for the buyer to open one, one of a
    buyer for whom the bot is paused until it is not."""
    kind = KINDS[case.thread.kind]
    step = kind.steps[reminder.step]
    mine = _of_its_matter(case, reminder)
    over = _over(mine, step) or taken_back(mine, reminder)
    if step.role is Role.SILENT:
        return [] if over else step.follows(mine, policy, now, True)
    role = Role.NUDGE if step.patient and is_left_in_peace(case.buyer) else step.role
    group = held_out(case.thread, policy.unpaid.hold_out) if step.role is Role.NUDGE else 0
    touch = Touch(
        role,
        case.thread.acted_at,
        reminder.expires_at,
        over,
        step.about_review,
        step.solves,
        held_out=group,
        planned_at=reminder.due_at,
    )
    way, decision = judge_ways(touch, case.buyer, ways or (Way(case.chat, case.can),), policy, now)
    if decision.verdict is Verdict.SENT:
        words, expires = {**words_of(mine, policy, now), **step.words(mine, policy, now)}, reminder.expires_at
        say = Say(step.id, step.role, reminder.id, decision, words, expires, step.choices)
        say = with_grant(replace(say, chat=way.chat.id, solves=step.solves), mine, reminder)
        return [say, *([] if over else _after(mine, step, reminder, policy, now))]
    if decision.verdict is Verdict.RESTORED:
        return [Withhold(step.id, reminder.id, decision, way.chat.id), *_as_if_said(mine, step, reminder, policy, now)]
    effects = _after_withholding(case, reminder, decision, policy, now)
    if decision.verdict in HELD:
        decision = replace(decision, retry_at=reminder.expires_at or now + DAY)
        effects = [] if is_nobody(way.chat) else effects
    return [Withhold(step.id, reminder.id, decision, way.chat.id), *effects]


def decide_skipped(case: Case, reminder: Reminder, policy: Policy, now: Instant) -> list[Effect]:
    """A person wants a planned touch not to be said: what comes after it is planned as if it had been, at its time. A
    matter that ends with it ends as skipped."""
    mine, step = _of_its_matter(case, reminder), KINDS[case.thread.kind].steps[reminder.step]
    if _over(mine, step):
        return []
    at = now if reminder.error in HELD else max(now, reminder.due_at)
    return [_ended_by_hand(effect) for effect in _after(mine, step, reminder, policy, at)]


def _as_if_said(case: Case, step: Step, reminder: Reminder, policy: Policy, now: Instant) -> list[Effect]:
    """A touch of a time of which nothing is known: it may have been said, so that what follows it is planned from then
    on, and a person looks."""
    gap = gap_at(policy.gaps, reminder.due_at)
    told = told_of(gap, step.id, reminder.due_at, step.role) if gap else []
    return [*told, *_after(case, step, reminder, policy, min(now, reminder.due_at))]


def _ended_by_hand(effect: Effect) -> Effect:
    is_end = isinstance(effect, SetThread) and effect.state is State.CLOSED
    return SetThread(State.CLOSED, SKIPPED) if is_end else effect


def _after(case: Case, step: Step, reminder: Reminder, policy: Policy, at: Instant) -> list[Effect]:
    """What comes after a touch. The next word of the day may bear the name of one that a person had go before its
    day: then it gets one of its own, or it would never be planned."""
    effects = step.follows(case, policy, at, True)
    return [_apart(each, reminder) if isinstance(each, RemindAt) else each for each in effects]


def _apart(effect: RemindAt, reminder: Reminder) -> RemindAt:
    same = reminder_id(reminder.thread, effect.step, effect.round)
    marks = reminder.id.removeprefix(same) if reminder.id.startswith(same) else None
    if marks is None or marks.replace(NEXT, ""):
        return effect
    return replace(effect, round=f"{effect.round}{marks}{NEXT}")


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
        case Verdict.PAUSED if step.id == PROMISE_DUE:
            return untold(case.promises, case.buyer, policy, now)
        case _:
            return []


SETTLES = frozenset((Intent.DECLINED, Intent.CANCEL, Intent.PAID, Intent.LATER, Intent.CONFIRMED))
"""What an angry buyer says counts all the same: who cancels in anger has cancelled."""


def decide_message(
    case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant, known: Known = NOTHING_KNOWN
) -> list[Effect]:
    """A buyer wrote about this case; `heard` is what was understood, `known` what is known around it."""
    talk = in_thread(case, message, heard, policy, now, known)
    if case.buyer.opted_out_at is not None:
        return [talk.tell()]
    answers = answers_of(case.thread.kind)
    match heard.intent:
        case Intent.STOP:
            return [talk.say(GOODBYE), OptOut(), *([talk.tell("angry")] if heard.angry else [])]
        case _ if case.buyer.paused_at is not None:
            return [talk.tell("angry" if is_angry(heard) else "buyer_message")]
        case Intent.CHOSE if heard.choice in KINDS[case.thread.kind].choices:
            return answers.chose(case, heard.choice, policy, now)
    own = answers.to(case, message, heard, policy, now)
    if is_angry(heard):
        counts = takes_number(own) or (heard.intent in SETTLES and _moves(own))
        return calmed(talk, own if counts else None)
    return _in_common(talk) if own is None else own


def _moves(effects: list[Effect] | None) -> bool:
    """Whether they end a matter or put its next word off, so that nothing more is asked of him."""
    return any(isinstance(effect, SetThread | MoveNext) for effect in effects or ())


def _in_common(talk: Talk) -> list[Effect]:
    """What every kind answers alike, and strangers too."""
    if talk.heard.intent is Intent.HUMAN:
        return [*call_heard(talk), talk.tell(), *called(talk)]
    answered = in_common(talk)
    if answered is not None:
        return answered
    return [*talk.receipt(), talk.tell()]


def decide_stranger(
    buyer: Buyer,
    chat: Chat,
    message: MessageReceived,
    heard: Understood,
    policy: Policy,
    now: Instant,
    can: Capabilities = ANY_CHANNEL,
    known: Known = NOTHING_KNOWN,
) -> list[Effect]:
    """Somebody wrote with whom no thread is open: a stranger learns nothing of any order, a buyer hears of those that
    are `known` to be his, and what the bot cannot answer a person gets to know.

    `can` is what the chat's channel can do.
    """
    talk = in_chat(buyer, chat, can, message, heard, policy, now, known)
    if buyer.opted_out_at is not None:
        return [talk.tell()]
    if heard.intent is Intent.STOP:
        return [talk.say(GOODBYE), OptOut(), *([talk.tell("angry")] if heard.angry else [])]
    if buyer.paused_at is not None:
        return [talk.tell("angry" if is_angry(heard) else "buyer_message")]
    return calmed(talk) if is_angry(heard) else _in_common(talk)


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
