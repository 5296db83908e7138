"""The decisions: from a case, an event and the time to the effects it calls for. Nothing here acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from followup.effects import (
    AddNote,
    AlertAgent,
    CancelReminders,
    Effect,
    MarkBenefit,
    MoveNext,
    OptOut,
    Say,
    SetThread,
    Withhold,
)
from followup.events import Action, AgentActed, MessageReceived, matter_of
from followup.kinds import KINDS, Case, Step
from followup.kinds.review_revision import awaits_confirmation, confirmed
from followup.kinds.unpaid_order import closes_at
from followup.model import Buyer, Chat, Instant, Reminder, Role, State, Verdict
from followup.policy import Policy
from followup.politeness import Touch, judge, next_nudge, zone_of
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
    case: Case, reminder: Reminder, policy: Policy, now: Instant, window: timedelta | None = None
) -> list[Effect]:
    """A planned touch is due: say it, hold it, or drop it, and plan what follows.

    `window` is how long the channel stays open after a message of the buyer (None: always).
    """
    kind = KINDS[case.thread.kind]
    step = kind.steps[reminder.step]
    mine = _of_its_matter(case, reminder)
    over = _over(mine, step)
    if step.role is Role.SILENT:
        return [] if over else step.follows(mine, policy, now, True)
    touch = Touch(step.role, case.thread.acted_at, reminder.expires_at, over, step.about_review, window)
    decision = judge(touch, case.buyer, case.chat, policy, now)
    if decision.verdict is Verdict.SENT:
        words = _words(mine, policy, now)
        say = Say(step.id, step.role, reminder.id, decision, words, reminder.expires_at)
        return [say, *([] if over else step.follows(mine, policy, now, True))]
    withheld = Withhold(step.id, reminder.id, decision)
    return [withheld, *_after_withholding(case, reminder, decision.verdict, policy, now)]


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


def _after_withholding(case: Case, reminder: Reminder, verdict: Verdict, policy: Policy, now: Instant) -> list[Effect]:
    step = KINDS[case.thread.kind].steps[reminder.step]
    told = {"step": step.id}
    match verdict:
        case Verdict.EXPIRED:
            alert: list[Effect] = [AlertAgent("expired", reminder.id, told)] if step.role is Role.NOTICE else []
            return [*alert, *([] if step.after_settled else step.follows(case, policy, now, False))]
        case Verdict.SETTLED if not case.thread.state.closed:
            return decide_order_changed(case, policy, now)
        case Verdict.FIREWALL:
            return [AlertAgent("firewall", reminder.id, told), SetThread(State.CLOSED, "firewall")]
        case Verdict.UNREACHABLE | Verdict.WINDOW_CLOSED | Verdict.QUOTA_USED:
            return [AlertAgent("unreachable", reminder.id, told)]
        case _:
            return []


def _words(case: Case, policy: Policy, now: Instant) -> Mapping[str, object]:
    order = case.facts.order
    own = KINDS[case.thread.kind].words(case, policy, now)
    return {"buyer": case.buyer.name, "goods": order.goods, "order": order.id, **own}


def decide_message(
    case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant
) -> list[Effect]:
    """A buyer wrote about this case, and `heard` is what was understood."""
    if case.buyer.opted_out_at is not None:
        return [_tell("buyer_message", message)]
    key = message.key
    match heard.intent:
        case Intent.STOP:
            return [_reply("stop.confirmed", case, key, policy, now), OptOut()]
        case Intent.LATER if case.thread.kind == "unpaid_order" and heard.named_at is not None:
            return _later(case, message, heard.named_at, policy, now)
        case Intent.PAID if case.thread.kind == "unpaid_order":
            pause = MoveNext(now + policy.unpaid.says_paid_pause, closes_at(case.facts.order, policy))
            return [_reply("paid.thanks", case, key, policy, now), _tell("says_paid", message), pause]
        case Intent.DECLINED if case.thread.kind == "unpaid_order":
            return [_reply("unpaid.dropped", case, key, policy, now), *_declined()]
        case Intent.DECLINED if case.thread.kind == "review_revision":
            return [*_declined(), AddNote("buyer declined", "buyer")]
        case Intent.CONFIRMED if awaits_confirmation(case.thread):
            return [AddNote("buyer confirmed", "buyer"), *confirmed(case, policy, now)]
        case _:
            return _for_a_person(case, message, policy, now)


def decide_stranger(
    buyer: Buyer, chat: Chat, message: MessageReceived, heard: Understood, policy: Policy, now: Instant
) -> list[Effect]:
    """Somebody wrote with whom no thread is open: he learns nothing of any order, and a person gets to know."""
    alert = _tell("buyer_message", message)
    words, key = {"buyer": buyer.name}, message.external_id
    if buyer.opted_out_at is not None:
        return [alert]
    if heard.intent == Intent.STOP:
        return [_say_to(buyer, chat, "stop.confirmed", f"{chat.id}/stop/{key}", words, policy, now), OptOut()]
    if _was_told(chat, policy, now):
        return [alert]
    return [_say_to(buyer, chat, "reply.received", f"{chat.id}/reply/{key}", words, policy, now), alert]


def _for_a_person(case: Case, message: MessageReceived, policy: Policy, now: Instant) -> list[Effect]:
    alert = _tell("buyer_message", message)
    if _was_told(case.chat, policy, now):
        return [alert]
    return [_reply("reply.received", case, message.key, policy, now), alert]


def _tell(reason: str, message: MessageReceived) -> Effect:
    return AlertAgent(reason, message.key, {"text": message.text})


def _was_told(chat: Chat, policy: Policy, now: Instant) -> bool:
    return chat.acknowledged_at is not None and now < chat.acknowledged_at + policy.acknowledge_every


def _later(case: Case, message: MessageReceived, named_at: Instant, policy: Policy, now: Instant) -> list[Effect]:
    """Promise a word at the named time, or as soon after it as quiet hours and the cap let (rule 119)."""
    closes = closes_at(case.facts.order, policy)
    when = next_nudge(max(now, named_at), case.buyer, policy)
    if named_at < closes <= when:
        return _for_a_person(case, message, policy, now)
    script = "later.noted" if when < closes else "later.noted_closing"
    local = when.astimezone(zone_of(case.buyer, policy))
    reply = _reply(script, case, message.key, policy, now, {"when": local})
    last = max(now, closes - policy.unpaid.before_close)
    return [reply, MoveNext(when if when < closes else last, closes, otherwise="unpaid.last_call")]


def _declined() -> list[Effect]:
    return [CancelReminders("declined"), SetThread(State.CLOSED, "declined")]


def _reply(
    script: str, case: Case, key: str, policy: Policy, now: Instant, more: Mapping[str, object] | None = None
) -> Say:
    words = {**_words(case, policy, now), **(more or {})}
    return _say_to(case.buyer, case.chat, script, f"{case.thread.id}/{script}/{key}", words, policy, now)


def _say_to(
    buyer: Buyer, chat: Chat, script: str, key: str, words: Mapping[str, object], policy: Policy, now: Instant
) -> Say:
    decision = judge(Touch(Role.REPLY, now), buyer, chat, policy, now)
    return Say(script, Role.REPLY, key, decision, words)


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
