"""A buyer names an order and has to prove that it is his; a stranger learns nothing, not even whether there is one."""

from __future__ import annotations

from dataclasses import replace

from followup.effects import AlertAgent
from followup.events import MessageReceived
from followup.linking import Answer, Claim, answer, claim_in, subject_of, token_in, without_tokens
from followup.model import Chat, Instant, Order, Tries
from handlers.carry_out import carry_out, no_thread
from handlers.chats import under_his_name
from handlers.deps import Deps
from handlers.linking import count_wrong, present, speak, tie, welcome
from handlers.meeting import as_shown, is_named_by_id
from handlers.sent_back import is_no_claim
from store.tx import Tx

SCRIPTS = {Answer.ASK: "link.prove", Answer.WRONG: "link.wrong", Answer.CLOSED: "link.closed"}


def dealt_with(
    event: MessageReceived, chat: Chat, is_plain: bool, tx: Tx, deps: Deps, now: Instant
) -> tuple[Chat, bool]:
    """Deal with a token or a claim in a message; the chat as it is then, and whether nothing is left to be answered.

    `is_plain` says that the message asks for nothing that the bot knows. What comes beside a claim that is not proven
    is for a person.
    """
    token = token_in(event.text)
    if token:
        chat = present(token, chat, event.external_id, True, tx, deps, now)
        return chat, not (without_tokens(event.text, "").strip() or event.attachments)
    claim = _claimed(event.text, chat, tx, deps)
    if claim is None:
        return chat, False
    chat, verdict = _answered(claim, chat, event.external_id, tx, deps, now)
    if verdict is Answer.SILENT or (claim.alone and is_plain and not event.attachments):
        return chat, verdict is not Answer.SILENT
    if verdict is not Answer.RIGHT:
        carry_out(
            [AlertAgent("buyer_message", event.key, {"text": as_shown(event)})], no_thread(chat, now), tx, deps, now
        )
    return chat, verdict is not Answer.RIGHT


def _claimed(text: str, chat: Chat, tx: Tx, deps: Deps) -> Claim | None:
    """What a message claims of an order that is not the chat's own; None for one that has nothing to prove."""
    buyer = tx.buyer(chat.shop, chat.buyer)
    is_silent = buyer.opted_out_at is not None or buyer.paused_at is not None
    if is_silent or is_named_by_id(chat.shop, chat.channel, deps):
        return None
    claim = claim_in(text, chat.asked_order, known=chat.buyer != chat.id)
    if claim is not None and is_no_claim(text, chat, tx):
        return None
    order = _order(claim, chat, tx) if claim else None
    return None if order is not None and order.buyer == chat.buyer else claim


def _answered(claim: Claim, chat: Chat, key: str, tx: Tx, deps: Deps, now: Instant) -> tuple[Chat, Answer]:
    """Answer a claim; the chat as it is then, and what the claim deserved."""
    policy, order = deps.policy(chat.shop), _order(claim, chat, tx)
    of_chat, of_order = (tx.get(Tries, chat.shop, subject) for subject in _subjects(claim, chat))
    verdict = answer(claim, order, of_chat, of_order, policy, now)
    if verdict is Answer.SILENT:
        return chat, verdict
    if verdict is Answer.RIGHT and order is not None:
        chat = tie(chat, order, "digits", tx, deps, now)
        return welcome(chat, order, key, tx, deps, now), verdict
    is_first = not chat.asked_order and chat.acknowledged_at is None
    chat = replace(chat, asked_order="" if verdict is Answer.CLOSED else claim.order)
    tx.save(chat)
    chat = speak(SCRIPTS[verdict], chat, key, tx, deps, now, is_first=is_first)
    if verdict is not Answer.ASK:
        _count(claim, verdict, order, chat, tx, deps, now)
    return chat, verdict


def _count(claim: Claim, verdict: Answer, order: Order | None, chat: Chat, tx: Tx, deps: Deps, now: Instant) -> None:
    """Count a wrong guess, of this chat and about this order; where that is over, or no guess could ever be right, a
    person has to help."""
    for subject in _subjects(claim, chat):
        count_wrong(chat.shop, subject, tx, deps, now)
    if verdict is Answer.CLOSED:
        _alert("link_tries", claim, chat, tx, deps, now)
    elif order is not None and not order.phone_tail:
        _alert("link_no_phone", claim, chat, tx, deps, now)


def _alert(reason: str, claim: Claim, chat: Chat, tx: Tx, deps: Deps, now: Instant) -> None:
    day = now.astimezone(deps.policy(chat.shop).zone).date()
    effect = AlertAgent(reason, f"{claim.order}/{day}", {"order": claim.order})
    carry_out([effect], no_thread(chat, now), tx, deps, now)


def _order(claim: Claim, chat: Chat, tx: Tx) -> Order | None:
    order = tx.get(Order, chat.shop, claim.order)
    return under_his_name(order, tx) if order else None


def _subjects(claim: Claim, chat: Chat) -> tuple[str, str]:
    return subject_of(chat.id), subject_of(order=claim.order)
