"""A buyer wrote: keep the message, answer at once where that is sure, else give it to a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from followup.decide import decide_message, decide_stranger
from followup.events import MessageReceived
from followup.kinds import KINDS
from followup.model import Buyer, Chat, Inbound, Instant, Note, State, Thread
from followup.politeness import zone_of
from followup.understood import Intent
from handlers.carry_out import carry_out
from handlers.deps import Deps
from handlers.order_changed import case_of
from store.tx import Tx
from store.wanted import Wanted


def wanted(event: MessageReceived) -> Wanted:
    """The chat, its buyer's threads, and whether the message is known already."""
    return Wanted(chats=(event.chat,), messages=((source_of(event), event.external_id),))


def source_of(event: MessageReceived) -> str:
    """Where external ids of messages are unique."""
    return f"{event.shop}/{event.channel}"


def buyer_message(event: MessageReceived, tx: Tx, deps: Deps, now: Instant) -> bool:
    """Handle a message once; False if it was there already. Raises UnknownShop."""
    policy = deps.policy(event.shop)
    if tx.get(Inbound, source_of(event), event.external_id) is not None:
        return False
    tx.save(Inbound(source_of(event), event.external_id, event.shop, event.chat, event.at, event.text))
    chat, buyer = _meet(event, tx)
    heard = deps.understand(event.text, now, zone_of(buyer, policy), buyer.lang or policy.lang)
    intent = heard.intent
    thread = _about(intent, tx.threads_of(event.shop, buyer.id))
    facts = tx.facts(thread.shop, thread.order_id) if thread else None
    if thread is None or facts is None:
        effects = decide_stranger(buyer, chat, intent, event.external_id, policy, now)
        carry_out(effects, _no_thread(chat, now), tx, deps, now)
        return True
    tx.add(Note(thread.id, now, "buyer", event.text))
    case = case_of(replace(thread, chat=chat.id), facts, tx, deps)
    effects = decide_message(case, intent, heard.named_at, event.external_id, policy, now)
    carry_out(effects, case.thread, tx, deps, now)
    return True


def put_aside(event: MessageReceived, error: Exception, tx: Tx) -> None:
    """Keep a message that could not be handled, with its error."""
    why = f"{type(error).__name__}: {error}"
    row = Inbound(source_of(event), event.external_id, event.shop, event.chat, event.at, event.text, "put_aside", why)
    tx.save(row)


def _meet(event: MessageReceived, tx: Tx) -> tuple[Chat, Buyer]:
    chat = tx.get(Chat, event.chat)
    if chat is None:
        chat = Chat(event.chat, event.shop, event.chat, event.channel, event.address)
    chat = replace(chat, last_in_at=event.at, unreachable_at=None)
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
    Intent.CONFIRMED: lambda thread: thread.state is State.SOLVED,
}


def _about(intent: Intent, threads: list[Thread]) -> Thread | None:
    """The thread that a message most likely belongs to: one that its intent fits, else the most urgent."""
    fits = _MEANT.get(intent)
    ranked = sorted(threads, key=lambda t: (fits is not None and not fits(t), KINDS[t.kind].priority, t.id))
    return ranked[0] if ranked else None


def _no_thread(chat: Chat, now: Instant) -> Thread:
    return Thread(chat.id, chat.shop, "", "", chat.buyer, chat.id, State.OPEN, now, now)
