"""What is known around a message: which scripts its buyer heard lately, and what sources said of his orders."""

from __future__ import annotations

from followup.answers.common import ANSWERS, FROM_FACTS, is_angry
from followup.answers.talk import A_BREATH, NOTHING_KNOWN, Known
from followup.model import Chat, Facts, Instant
from followup.policy import Policy
from followup.understood import Intent, Understood
from store.tx import Tx


def around(heard: Understood, chat: Chat, tx: Tx, policy: Policy, now: Instant, outside: bool) -> Known:
    """What is known around a message; nothing is looked up for one in a thread that no common answer is for. What was
    said `outside` of threads is always, for who was told lately how to stop the messages is not told again."""
    calls = heard.intent is Intent.HUMAN
    if heard.intent not in ANSWERS and not is_angry(heard) and not outside and not calls:
        return NOTHING_KNOWN
    orders = _orders(chat, tx) if heard.intent in FROM_FACTS or is_angry(heard) else ()
    just = _said_since(now - A_BREATH, chat, tx) if calls else frozenset[str]()
    return Known(_said_since(now - policy.acknowledge_every, chat, tx), orders, just)


def _said_since(when: Instant, chat: Chat, tx: Tx) -> frozenset[str]:
    """What he was told after `when`, in any open thread and in any of his chats."""
    threads = (thread.id for thread in tx.threads_of(chat.shop, chat.buyer))
    chats = (each.id for each in tx.chats_of(chat.shop, chat.buyer))
    return tx.said_since(when, (*threads, *chats))


def _orders(chat: Chat, tx: Tx) -> tuple[Facts, ...]:
    """The facts of the orders that he paid; a stranger has none."""
    if chat.buyer == chat.id:
        return ()
    facts = (tx.facts(order.shop, order.id) for order in tx.orders_of(chat.shop, chat.buyer))
    return tuple(each for each in facts if each is not None)
