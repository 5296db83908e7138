"""A buyer wrote: keep the message, answer at once where that is sure, else give it to a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from followup.decide import decide_message, decide_stranger
from followup.events import MessageReceived
from followup.kinds import KINDS
from followup.kinds.review_revision import awaits_confirmation
from followup.model import Buyer, Chat, Inbound, Instant, Note, Thread
from followup.politeness import zone_of
from followup.understood import Intent
from handlers.carry_out import carry_out, no_thread, own_channel
from handlers.deps import Deps
from handlers.order_changed import case_of
from store.tx import Tx
from store.wanted import Wanted


def wanted(event: MessageReceived) -> Wanted:
    """The chat, its buyer's threads, and whether the message is known already."""
    who = ((event.shop, event.address),)
    return Wanted(chats=(event.chat,), buyers=who, messages=((source_of(event), event.external_id),))


def source_of(event: MessageReceived) -> str:
    """Where external ids of messages are unique."""
    return f"{event.shop}/{event.channel}"


def buyer_message(event: MessageReceived, tx: Tx, deps: Deps, now: Instant) -> bool:
    """Handle a message once; False if it was there already. Raises UnknownShop."""
    policy = deps.policy(event.shop)
    if tx.get(Inbound, source_of(event), event.external_id) is not None:
        return False
    tx.save(Inbound(source_of(event), event.external_id, event.shop, event.chat, event.at, event.text))
    chat, buyer = _meet(event, tx, deps)
    heard = deps.understand(event.text, event.at, zone_of(buyer, policy), buyer.lang or policy.lang)
    if heard.lang not in ("", buyer.lang or policy.lang):
        tx.save(replace(buyer, lang=heard.lang))
    thread = _about(heard.intent, tx.threads_of(event.shop, buyer.id), buyer)
    facts = tx.facts(thread.shop, thread.order_id) if thread else None
    if thread is None or facts is None:
        effects = decide_stranger(buyer, chat, event, heard, policy, now)
        carry_out(effects, no_thread(chat, now), tx, deps, now)
        return True
    tx.add(Note(thread.id, now, "buyer", event.text))
    thread = _moved_to(chat, thread, tx)
    effects = decide_message(case_of(thread, facts, tx, deps), event, heard, policy, now)
    carry_out(effects, thread, tx, deps, now)
    return True


def _moved_to(chat: Chat, thread: Thread, tx: Tx) -> Thread:
    """The thread, spoken of from now on where the buyer wrote last."""
    if thread.chat == chat.id:
        return thread
    moved = replace(thread, chat=chat.id)
    tx.save(moved)
    return moved


def put_aside(event: MessageReceived, error: Exception, tx: Tx) -> None:
    """Keep a message that could not be handled, with its error."""
    why = f"{type(error).__name__}: {error}"
    row = Inbound(source_of(event), event.external_id, event.shop, event.chat, event.at, event.text, "put_aside", why)
    tx.save(row)


def _meet(event: MessageReceived, tx: Tx, deps: Deps) -> tuple[Chat, Buyer]:
    """The chat and its buyer. On the shop's own way to its buyers an address is the buyer's id, as in `chat_of`:
    what somebody says there before his first order, above all stop, is said by the buyer of that order."""
    chat = tx.get(Chat, event.chat)
    if chat is None:
        who = event.address if event.channel == own_channel(event.shop, deps) else event.chat
        chat = Chat(event.chat, event.shop, who, event.channel, event.address)
    chat = replace(chat, last_in_at=max(event.at, chat.last_in_at or event.at), unreachable_at=None)
    tx.save(chat)
    buyer = tx.get(Buyer, chat.shop, chat.buyer)
    if buyer is None:
        buyer = Buyer(chat.shop, chat.buyer, name=event.sender_name)
        tx.save(buyer)
    return chat, buyer


_MEANT: dict[Intent, Callable[[Thread], bool]] = {
    Intent.LATER: lambda thread: thread.kind == "unpaid_order",
    Intent.PAID: lambda thread: thread.kind == "unpaid_order",
    Intent.DECLINED: lambda thread: thread.kind in ("unpaid_order", "review_revision"),
    Intent.CONFIRMED: awaits_confirmation,
}


def _about(intent: Intent, threads: list[Thread], buyer: Buyer) -> Thread | None:
    """The thread that a message most likely belongs to: one that its intent fits, else the most urgent, and of
    equals the one the buyer was reminded of last."""
    fits = _MEANT.get(intent)

    def rank(thread: Thread) -> tuple[bool, int, bool, str]:
        reminded_of = buyer.nudged_by.startswith(f"{thread.id}/")
        misfit = fits is not None and not fits(thread)
        return misfit, KINDS[thread.kind].priority, not reminded_of, thread.id

    return min(threads, key=rank, default=None)
