"""Somebody asks before he orders: an inquiry begins (rule 1)."""

from __future__ import annotations

from datetime import timedelta

from followup.answers.common import is_angry
from followup.answers.inquiry import ASKS
from followup.answers.talk import UNDER_WAY
from followup.events import MessageReceived
from followup.model import Chat, Instant, Thread
from followup.understood import Understood
from handlers.buyer_threads import open_about, thread_about
from handlers.deps import Deps
from store.tx import Tx

ONCE_IN = timedelta(days=7)  # who asks every day is not touched every day


def begin(event: MessageReceived, chat: Chat, heard: Understood, tx: Tx, deps: Deps, now: Instant) -> Thread | None:
    """The thread that the message begins, if it begins one: a question of somebody of whom no order is under way."""
    if heard.intent not in ASKS or is_angry(heard) or not deps.policy(chat.shop).inquiry.touch:
        return None
    if tx.buyer(chat.shop, chat.buyer).opted_out_at is not None or _has_matters(chat, tx):
        return None
    before = thread_about(chat.shop, chat.buyer, "inquiry", tx)
    if before is not None and now < (before.closed_at or now) + ONCE_IN:
        return None
    return open_about(chat, "inquiry", event.at, tx, deps, now)


def _has_matters(chat: Chat, tx: Tx) -> bool:
    """Whether the question is likelier about an order that he made."""
    threads, orders = tx.threads_of(chat.shop, chat.buyer), tx.orders_of(chat.shop, chat.buyer)
    return any(thread.order_id for thread in threads) or any(order.status in UNDER_WAY for order in orders)
