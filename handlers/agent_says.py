"""A person of the shop writes to a buyer: his words are read as a strict colleague would, and go into the outbox.

They keep what was promised before; what they promise opens a clock (rules 7, 77, 86, 110, 119).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256

from followup.attachments import marked, sort_out
from followup.effects import AddNote, AlertAgent, Effect, MarkBenefit, Say
from followup.events import AgentSpoke
from followup.model import (
    Attachment,
    Buyer,
    Chat,
    Decision,
    Instant,
    Note,
    Outgoing,
    OutgoingState,
    Role,
    Thread,
    Verdict,
)
from followup.policy import ReviewMode
from followup.politeness import Touch, judge_ways, zone_of
from followup.promises import Promise
from followup.reach import PLATFORM, Way
from handlers.agent_command import answered_in_words
from handlers.carry_out import carry_out, no_thread
from handlers.chats import ways_to
from handlers.deps import Deps
from handlers.desk import clocks
from handlers.desk.showing import show_colleague
from handlers.money_said import RULE, case_beside, not_granted
from handlers.outgoing import is_first
from handlers.promised import SAYS, keep, open_clock
from handlers.saying import put_out
from handlers.scene import Scene
from handlers.understand.promised_time import Named, promised_time
from scripts_library.lint import BENEFITS, Finding, lint_text, review_in
from store.tx import Tx
from store.wanted import Wanted

REFUSED = frozenset(
    ("reward", "stars", "review_change", "threat", "invoice", "cash_on_delivery", "accusation", "firewall")
)
OFFERS = BENEFITS | {RULE}
A_MOMENT = timedelta(minutes=1)


class NobodyToTell(LookupError):
    """There is no such thread or chat."""


class NotSayable(ValueError):
    """The words break a rule that no one may break."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = findings


class SaidAMomentAgo(ValueError):
    """The same words went to this buyer less than a minute ago."""


@dataclass(frozen=True, slots=True)
class Read:
    """What there is to say of words before they go: rules that forbid them, advice, and the promise they make."""

    forbidden: tuple[Finding, ...] = ()
    advice: tuple[Finding, ...] = ()
    promise: Named | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What became of an agent's words: whether they went and where to, with the decision, what was read in them, how
    many promises they kept and the one whose clock they opened, and which files the channel does not take."""

    went: bool
    channel: str
    decision: Decision
    read: Read = field(default_factory=Read)
    kept: int = 0
    promise: Promise | None = None
    left_out: tuple[Attachment, ...] = ()


def wanted(event: AgentSpoke) -> Wanted:
    """The thread with the case beside it, or the chat, with all chats of its buyer."""
    return Wanted(threads=(event.thread, case_beside(event.thread))) if event.thread else Wanted(chats=(event.chat,))


def read(event: AgentSpoke, tx: Tx, deps: Deps) -> Read:
    """Read the words without saying them. Raises NobodyToTell."""
    return _read(event, thread_meant(event, tx), tx, deps)


def agent_says(event: AgentSpoke, tx: Tx, deps: Deps) -> Said:
    """Say a person's words to the buyer, whatever the hour, on the first of his chats that is open; what does not go is
    noted with its reason. Raises NobodyToTell, NotSayable and SaidAMomentAgo."""
    thread, now = thread_meant(event, tx), event.at
    buyer, policy = tx.buyer(thread.shop, thread.buyer), deps.policy(thread.shop)
    seen = _read(event, thread, tx, deps)
    if seen.forbidden:
        raise NotSayable(seen.forbidden)
    key = _key(event, thread, tx)
    ways = _ways(event, buyer, thread, tx, deps)
    touch = Touch(Role.REPLY, now, solves=True, by_person=True)
    way, decision = judge_ways(touch, listening(buyer, (way.chat for way in ways)), ways, policy, now)
    what = Say(SAYS, Role.REPLY, key, decision, chat=way.chat.id, solves=True, attachments=event.attachments)
    scene, left_out = Scene(thread, tx, deps, now), sort_out(event.attachments, way.can).left_out
    nothing = not event.text.strip() and len(left_out) == len(event.attachments)
    if decision.verdict is Verdict.SENT and not nothing:
        if put_out(what, buyer.lang or policy.lang, event.text, (), scene):
            return replace(_follow(event, seen, key, what, scene), left_out=left_out)
        decision = replace(decision, verdict=Verdict.QUOTA_USED)
    elif not nothing:
        scene.decided(SAYS, key, decision, way.chat.channel)
    tx.add(Note(thread.id, now, event.who, f"not_said {marked(event.text, event.attachments)}"))
    return Said(False, way.chat.channel, decision, seen, left_out=left_out)


def said_as(key: str, thread: str) -> str:
    """How the ids begin of what was said in a thread: by its own key, or by its words."""
    return f"{thread}/{SAYS}/{sha256(key.encode('utf-8', 'replace')).hexdigest()[:16]}@"


def _follow(event: AgentSpoke, seen: Read, key: str, what: Say, scene: Scene) -> Said:
    """The words are on their way: note them, keep what was promised, begin what they promise."""
    tx, now, thread = scene.tx, event.at, scene.thread
    chat = scene.chat(what.chat)
    tx.save(replace(chat, acknowledged_at=now))
    effects: list[Effect] = [AddNote(f"says {marked(event.text, event.attachments)}", event.who)]
    if any(finding.rule in OFFERS for finding in seen.advice):
        effects.append(MarkBenefit())
    carry_out(effects, thread, tx, scene.deps, now)
    show_colleague(event, key, thread, tx, scene.deps)
    tx.pending(thread.id)
    # On the platform's own chat he hears it when a person has pasted it.
    kept = 0
    if chat.channel != PLATFORM:
        kept = keep(thread, tx, now)
        clocks.answered(thread.id, tx, scene.deps, now)
        answered_in_words(thread.id, event.who, tx, scene.deps, now)
    return Said(True, chat.channel, what.decision, seen, kept, open_promise(event, seen, key, scene))


def open_promise(event: AgentSpoke, seen: Read, key: str, scene: Scene) -> Promise | None:
    """Open the clock of what the words promise; outside all threads nothing can run, so that a person has to
    remember."""
    if seen.promise is None:
        return None
    text, due = seen.promise.text, seen.promise.due_at
    if scene.thread.kind:
        return open_clock(key, event.who, text, due, scene)
    deadline = due.astimezone(scene.deps.policy(scene.thread.shop).zone)
    scene.alert(AlertAgent("promise_by_hand", key, {"who": event.who, "text": text, "deadline": deadline}))
    return None


def thread_meant(event: AgentSpoke, tx: Tx) -> Thread:
    """The thread, or what stands for it in a chat without one. Raises NobodyToTell."""
    thread = tx.get(Thread, event.thread) if event.thread else None
    chat = tx.get(Chat, event.chat) if event.chat else None
    if thread is not None and event.chat and (chat is None or (chat.shop, chat.buyer) != (thread.shop, thread.buyer)):
        raise NobodyToTell(f"the buyer of this order has no chat {event.chat!r}")
    if thread is not None:
        return thread
    if chat is None:
        raise NobodyToTell(f"there is no thread or chat {event.thread or event.chat!r}")
    return no_thread(chat, event.at)


def _read(event: AgentSpoke, thread: Thread, tx: Tx, deps: Deps) -> Read:
    buyer, policy = tx.buyer(thread.shop, thread.buyer), deps.policy(thread.shop)
    lang = buyer.lang or policy.lang
    found = [*lint_text(event.text, lang), *not_granted(event.text, lang, thread, tx)]
    offered = _offered(buyer, found)
    if offered and (words := review_in(event.text)):
        found.append(Finding("", lang, "", "firewall", f"speaks of a review, {offered} (rules 77, 86)", words))
    allowed = {"review_change"} if policy.review.mode is ReviewMode.ASK else set()
    forbidden = tuple(finding for finding in found if finding.rule in REFUSED - allowed)
    advice = tuple(finding for finding in found if finding not in forbidden)
    return Read(forbidden, advice, promised_time(event.text, event.at, zone_of(buyer, policy), policy))


def _offered(buyer: Buyer, found: list[Finding]) -> str:
    """Where a benefit was offered: to this buyer before, or by these very words; "" if nowhere."""
    if buyer.benefit_at is not None:
        return "though this buyer was offered a benefit"
    return "and offers money in the same breath" if any(finding.rule == RULE for finding in found) else ""


def _key(event: AgentSpoke, thread: Thread, tx: Tx) -> str:
    """The dedupe key of the words: their own, or which they are and how often this buyer was told them before."""
    mark = said_as(event.key or event.text, thread.id)
    before = [each for each in tx.every_message_of(thread.id) if each.id.startswith(mark) and is_first(each.id)]
    if not event.again and not event.key and any(_is_fresh(each, event.at) for each in before):
        raise SaidAMomentAgo("the same words went to this buyer less than a minute ago")
    return f"{mark}{len(before)}"


def _is_fresh(message: Outgoing, now: Instant) -> bool:
    gone = message.state in (OutgoingState.FAILED, OutgoingState.CANCELLED, OutgoingState.EXPIRED)
    return not gone and now - message.created_at < A_MOMENT


def _ways(event: AgentSpoke, buyer: Buyer, thread: Thread, tx: Tx, deps: Deps) -> list[Way]:
    """The chat that was named, else the chats on which the thread may be spoken of."""
    chat = tx.get(Chat, event.chat) if event.chat else None
    return [Way(chat, deps.can(chat.channel))] if chat else ways_to(buyer, thread, tx, deps)


def listening(buyer: Buyer, chats: Iterable[Chat]) -> Buyer:
    """Who said stop and then wrote again asks for an answer by a person, which is no message of the bot."""
    stopped = buyer.opted_out_at
    wrote = [chat.last_in_at for chat in chats if chat.last_in_at is not None]
    return replace(buyer, opted_out_at=None) if stopped is not None and any(at > stopped for at in wrote) else buyer
