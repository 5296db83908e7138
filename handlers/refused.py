"""Words that will not reach the buyer: said on another chat that he agreed to where they may be, else a person's."""

from __future__ import annotations

from dataclasses import replace

from followup.effects import AlertAgent, Effect, Say, Withhold
from followup.events import Refusal
from followup.model import Chat, Decision, Instant, Outgoing, OutgoingState, Reason, Role, Thread, Verdict
from followup.reach import NO_WAY, SHUT, Way
from handlers.budget import give_back, used_up
from handlers.carry_out import carry_out
from handlers.chats import ways_to
from handlers.deps import Deps
from handlers.desk.failing import not_arrived
from handlers.held import hold, nobody_knows
from handlers.offering import shown
from handlers.outgoing import first_of, is_first
from handlers.promised import never_heard
from handlers.saying import put_out
from handlers.scene import Scene
from handlers.waiting import OWN_WORDS, judge_waiting, step_said_by, thread_of
from store.tx import Tx


def refused(message: Outgoing, refusal: Refusal, error: str, tx: Tx, deps: Deps, now: Instant) -> None:
    """A channel will never deliver a message, and so none of its later parts; `error` is what it said."""
    tx.save(replace(message, state=OutgoingState.FAILED, error=error))
    _mark_chat(message, refusal, tx, deps, now)
    if refusal is Refusal.CONTENT:
        never(message, because(Verdict.UNREACHABLE, error, "refused"), tx, deps, now, error, "refused")
    else:
        verdict = Verdict.UNREACHABLE if refusal is Refusal.BLOCKED else Verdict(refusal.value)
        never(message, because(verdict, error), tx, deps, now, error)


def because(verdict: Verdict, error: str, figure: str = "error") -> Decision:
    """The decision that something does not go, for one reason with one figure."""
    return Decision(verdict, (Reason(verdict, False, ((figure, error),)),))


def never(
    message: Outgoing, decision: Decision, tx: Tx, deps: Deps, now: Instant, error: str = "", reason: str = ""
) -> None:
    """Remember why a message does not go, and say it on another chat or give it to a person; what solves a matter
    waits for the buyer besides.

    `reason` is the task's, by default the verdict. Words that nobody read do not count as said.
    """
    thread, parts = thread_of(message, tx), _other_parts(message, tx)
    effects: list[Effect] = [Withhold(message.step, message.id, decision, message.chat)]
    effects += [_drop(part, decision, tx) for part in parts if part.state is OutgoingState.DUE]
    carry_out(effects, thread, tx, deps, now)
    if not parts and _say_elsewhere(message, decision, tx, deps, now):
        return
    never_heard(message, tx, now)
    not_arrived(message, decision.verdict, error, tx, deps, now)
    if thread.kind and is_first(message.id):
        thread = replace(thread, touches=max(0, thread.touches - 1))
        tx.save(thread)
    told = {"step": message.step, "error": error, "text": message.text}
    carry_out([AlertAgent(reason or decision.verdict.value, first_of(message.id), told)], thread, tx, deps, now)
    step = step_said_by(message, tx)
    if step is not None and step.solves and not parts and not reason and decision.verdict in NO_WAY:
        hold(message, decision.verdict, thread, tx, now)


def _mark_chat(message: Outgoing, refusal: Refusal, tx: Tx, deps: Deps, now: Instant) -> None:
    """What a refusal says of the chat: nobody is there any more, or nothing more is taken until he writes, unless he
    has done so since."""
    chat = tx.get(Chat, message.chat)
    if chat is None or refusal is Refusal.CONTENT or _wrote_since(message, chat):
        return
    tx.save(replace(chat, unreachable_at=now) if refusal is Refusal.BLOCKED else used_up(chat, deps))


def _wrote_since(message: Outgoing, chat: Chat) -> bool:
    return message.sent_at is not None and chat.last_in_at is not None and chat.last_in_at > message.sent_at


def _other_parts(message: Outgoing, tx: Tx) -> list[Outgoing]:
    first = first_of(message.id)
    of_thread = tx.every_message_of(message.thread)
    return [other for other in of_thread if other.id != message.id and first_of(other.id) == first]


def _drop(part: Outgoing, decision: Decision, tx: Tx) -> Withhold:
    """Take a later part back."""
    tx.save(replace(part, state=OutgoingState.CANCELLED, error=decision.verdict.value))
    give_back(part, tx)
    return Withhold(part.step, part.id, decision, part.chat)


def _say_elsewhere(message: Outgoing, decision: Decision, tx: Tx, deps: Deps, now: Instant) -> bool:
    """Say on another chat, once, what a closed one did not take: as `<id>@<channel>`, if it may go there now."""
    thread = tx.get(Thread, message.thread)
    if thread is None or decision.verdict not in SHUT or message.role not in OWN_WORDS:
        return False
    if _is_copy(message) or nobody_knows(message):
        return False
    step, buyer = step_said_by(message, tx), tx.buyer(message.shop, message.buyer)
    if step is None or (thread.state.closed and not step.after_settled):
        return False
    others = [way for way in ways_to(buyer, thread, tx, deps) if way.chat.id != message.chat]
    if not others:
        return False
    way, again = judge_waiting(message, others, tx, deps, now)
    if again.verdict is not Verdict.SENT:
        return False
    _copy(message, way, _because_of(decision, again, message, way), tx, deps, now)
    return True


def _is_copy(message: Outgoing) -> bool:
    return message.id.endswith(f"@{message.channel}")


def _because_of(refusal: Decision, allowed: Decision, message: Outgoing, way: Way) -> Decision:
    """The decision that lets a message go elsewhere, with what the first channel said."""
    figures = ((f"{refusal.verdict.value}_there", message.channel), ("chosen", way.chat.channel))
    return replace(allowed, reasons=(*allowed.reasons, Reason("chat", True, figures)))


def _copy(message: Outgoing, way: Way, decision: Decision, tx: Tx, deps: Deps, now: Instant) -> None:
    key = f"{message.id}@{way.chat.channel}"
    step = step_said_by(message, tx)
    say = Say(message.step, message.role, key, decision, expires_at=message.expires_at, chat=way.chat.id)
    say = replace(say, attachments=message.attachments, solves=step is not None and step.solves)
    scene = Scene(thread_of(message, tx), tx, deps, now)
    text = shown(message.text, message.choices, message.lang, scene.thread, way.can, deps.scripts)
    is_out = put_out(say, message.lang, text, message.choices, scene)
    buyer = tx.buyer(message.shop, message.buyer)
    if is_out and message.role is Role.NUDGE and buyer.nudged_by == message.id:
        tx.save(replace(buyer, nudged_at=now, nudged_by=key))
