"""Photos and files that come with a message: remembered with it, filed under their thread, fetched later (rule 54)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from followup.events import MessageReceived
from followup.evidence import MEDIA, Evidence, EvidenceState, Tried, Why, after, why_not
from followup.kinds import KINDS
from followup.model import Attachment, Chat, Instant, Note, Task, Thread
from followup.not_kept import decide_not_kept, decide_not_kept_of_stranger, tasks_about
from handlers.carry_out import carry_out, no_thread
from handlers.deps import Deps
from handlers.meeting import source_of
from handlers.order_changed import case_of
from store.tx import Tx
from store.wanted import Wanted

SEALED = "evidence_sealed"
EARLIER = timedelta(hours=6)
"""So long before its thread began may a photo have been sent that belongs to it."""


def ids_of(event: MessageReceived) -> tuple[str, ...]:
    """The ids of what came with the message; the same file in an edit of it has the same id."""
    return tuple(_id(event, each) for each in _worth_keeping(event))


def collect(event: MessageReceived, thread: str, tx: Tx) -> None:
    """Remember what came with the message, to be fetched later, and file it under the thread ("": under none yet).

    What is filed already stays where it is.
    """
    for each in _worth_keeping(event):
        id_ = _id(event, each)
        known = tx.get(Evidence, id_)
        if known is None:
            of = (id_, thread, event.shop, event.chat, event.channel, event.external_id, event.at)
            tx.save(Evidence(*of, each.media, each.ref, each.name, each.mime, each.size))
        elif not known.thread and thread:
            tx.save(replace(known, thread=thread))


def collect_earlier(chat: Chat, thread: Thread, tx: Tx, now: Instant) -> None:
    """File under a thread that has just begun what its buyer sent shortly before: first the photo, then the words."""
    for each in tx.unfiled(chat.id):
        if each.at >= now - EARLIER:
            tx.save(replace(each, thread=thread.id))


def collect_linked(chat: Chat, order_id: str, tx: Tx, now: Instant) -> None:
    """The same for a chat that has just been tied to an order that is being followed up."""
    threads = [each for each in tx.threads_of(chat.shop, chat.buyer) if each.order_id == order_id]
    if threads:
        collect_earlier(chat, min(threads, key=lambda each: (KINDS[each.kind].priority, each.id)), tx, now)


def wanted(evidence: Evidence, now: Instant) -> Wanted:
    """The chat that it was sent in, its thread, what a person was told of others, and itself."""
    threads = (evidence.thread,) if evidence.thread else ()
    tasks = tuple(dict.fromkeys(tasks_about(evidence, now).values()))
    return Wanted(chats=(evidence.chat,), threads=threads, tasks=tasks, evidence=(evidence.id,))


def fetched(tried: Tried, most: int, tx: Tx, deps: Deps, now: Instant) -> Evidence | None:
    """Record a try to fetch something; of what is not kept a person hears. Of one thread at most `most` are kept.

    Returns it as it is now; None if somebody else was quicker.
    """
    before = tx.get(Evidence, tried.evidence)
    if before is None or before.state is not EvidenceState.WANTED:
        return None
    if tried.stored is not None and _kept_beside(before, tx) >= most:
        tried = replace(tried, stored=None, why=Why.TOO_MANY)
    evidence = after(before, tried)
    tx.save(evidence)
    why = why_not(evidence)
    if why is not None:
        _tell(evidence, why, tx, deps, now)
    return evidence


def sealed(threads: Iterable[str], digest: str, who: str, tx: Tx, now: Instant) -> None:
    """Note in each thread who packed its evidence when, and the SHA-256 of the pack (rule 57)."""
    for thread in threads:
        tx.add(Note(thread, now, who, f"{SEALED} {digest}"))


def _worth_keeping(event: MessageReceived) -> Sequence[Attachment]:
    return [each for each in event.attachments if each.media in MEDIA] if event.attachments else ()


def _id(event: MessageReceived, attachment: Attachment) -> str:
    """An album comes photo by photo, each time with all that came before, as edits of its first message."""
    ref = sha256(attachment.ref.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{source_of(event)}/{event.edits or event.external_id}/{ref}"


def _kept_beside(evidence: Evidence, tx: Tx) -> int:
    others = tx.every_evidence_of(evidence.thread) if evidence.thread else tx.unfiled(evidence.chat)
    return sum(each.state is EvidenceState.KEPT for each in others)


def _tell(evidence: Evidence, why: Why, tx: Tx, deps: Deps, now: Instant) -> None:
    """Once a day for each cause."""
    if tx.get(Task, tasks_about(evidence, now)[why]) is not None:
        return
    policy, chat = deps.policy(evidence.shop), tx.get(Chat, evidence.chat)
    thread = tx.get(Thread, evidence.thread) if evidence.thread else None
    facts = tx.facts_of(thread) if thread else None
    if thread is not None and facts is not None:
        effects = decide_not_kept(case_of(thread, facts, tx, deps), evidence, why, policy, now)
        carry_out(effects, thread, tx, deps, now)
    elif chat is not None:
        effects = decide_not_kept_of_stranger(evidence, why, now)
        carry_out(effects, no_thread(chat, now), tx, deps, now)
