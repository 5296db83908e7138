"""Tying a chat to the order that its buyer proved to be his: by a token, or by the digits of a telephone."""

from __future__ import annotations

from dataclasses import replace

from followup.decide import decide_opening
from followup.effects import AlertAgent, Effect, MarkBenefit, OptOut, Say
from followup.linking import digest_of, is_over, one_more, one_person, subject_of
from followup.model import Buyer, Chat, Instant, Link, Note, Order, Role, State, Thread, Tries
from followup.politeness import Touch, judge
from followup.reach import has_agreed
from handlers.carry_out import carry_out, no_thread
from handlers.chats import chat_of, under_his_name
from handlers.deps import Deps
from handlers.evidence import collect_linked
from handlers.held import resume
from handlers.meeting import is_named_by_id
from handlers.order_changed import case_of, tell_others
from store.tx import Tx


def present(token: str, chat: Chat, key: str, greet: bool, tx: Tx, deps: Deps, now: Instant, code: str = "") -> Chat:
    """A token is shown in a chat: the chat as it is then. A token that is no good is answered the same whatever it
    was, and counts as a wrong guess."""
    before, policy = tx.get(Link, digest_of(token)), deps.policy(chat.shop)
    order = shown(token, chat, tx, deps, now)
    if order is None:
        over = is_over(tx.get(Tries, chat.shop, subject_of(chat.id)), policy, now)
        count_wrong(chat.shop, subject_of(chat.id), tx, deps, now)
        return chat if over or not greet else speak("link.stale", chat, key, tx, deps, now, code=code)
    chat = tie(chat, order, "link", tx, deps, now)
    again = before is not None and before.used_at is not None and now < before.used_at + policy.acknowledge_every
    return chat if again or not greet else welcome(chat, order, key, tx, deps, now, code)


def shown(token: str, chat: Chat, tx: Tx, deps: Deps, now: Instant) -> Order | None:
    """The order whose token is shown in a chat, which uses it up; None if it is no good here, whatever the cause."""
    link = tx.get(Link, digest_of(token))
    if link is None or link.shop != chat.shop:
        return None
    facts = tx.facts(link.shop, link.order_id)
    order = under_his_name(facts.order, tx) if facts else None
    if order is None or not _may_be_his(order, chat, deps):
        return None
    if link.used_at is not None:
        return order if link.chat == chat.id else None
    if now >= link.expires_at:
        return None
    tx.save(replace(link, used_at=now, chat=chat.id))
    return order


def _may_be_his(order: Order, chat: Chat, deps: Deps) -> bool:
    return order.buyer == chat.buyer or not is_named_by_id(chat.shop, chat.channel, deps)


def tie(chat: Chat, order: Order, how: str, tx: Tx, deps: Deps, now: Instant) -> Chat:
    """The chat is the order's buyer's from now on, and the one he prefers; what he was kept from hearing for want of a
    chat gets its natural time back. `how` he proved it (by a link, by digits) is noted."""
    met, known = tx.buyer(chat.shop, chat.buyer), _known(order, tx)
    is_new, is_first = chat.buyer != order.buyer, chat.linked_at is None
    mine = replace(chat, buyer=order.buyer, unreachable_at=None, asked_order="")
    mine = replace(mine, linked_at=now if is_new else chat.linked_at or now)
    tx.save(mine)
    tx.save(replace(one_person(known, met) if is_new else known, preferred=chat.id))
    if is_new:
        _take_over(mine, met, known, tx, deps, now)
    resume(order.shop, order.buyer, tx, now)
    for thread in tx.threads_of(order.shop, order.buyer):
        if is_new or is_first or thread.chat != chat.id:
            _speak_here(thread, mine, how, tx, deps, now)
    collect_linked(mine, order.id, tx, now)
    facts = tx.facts(order.shop, order.id)
    if facts is not None:
        tell_others(facts, tx, deps, now)
    return tx.get(Chat, chat.id) or mine


def _known(order: Order, tx: Tx) -> Buyer:
    return tx.get(Buyer, order.shop, order.buyer) or Buyer(order.shop, order.buyer, name=order.buyer_name)


def _take_over(chat: Chat, met: Buyer, known: Buyer, tx: Tx, deps: Deps, now: Instant) -> None:
    """The two are one person from now on: what was followed up so far goes on under the name of the order's buyer, in
    all chats of both, and a stop of either is his."""
    for reminder in tx.pending_of(met.shop, met.id):
        tx.save(replace(reminder, buyer=known.id))
    for thread in tx.every_thread_of(met.shop, met.id):
        tx.save(replace(thread, buyer=known.id))
    for other in tx.chats_of(met.shop, met.id):
        if has_agreed(other) and not is_named_by_id(other.shop, other.channel, deps):
            tx.save(replace(other, buyer=known.id))
    if met.id != chat.id:
        _keep_account(met, known, tx, deps)
    stop: list[Effect] = [OptOut()] if met.opted_out_at or known.opted_out_at else []
    benefit: list[Effect] = [MarkBenefit()] if met.benefit_at or known.benefit_at else []
    carry_out([*stop, *benefit], no_thread(chat, now), tx, deps, now)


def _keep_account(met: Buyer, known: Buyer, tx: Tx, deps: Deps) -> None:
    """Orders to come under the account he was met by find a chat to wait for, and his stop, benefit and last nudge."""
    both = one_person(met, known)
    kept = replace(met, nudged_at=both.nudged_at, nudged_by=both.nudged_by, benefit_at=both.benefit_at)
    tx.save(replace(kept, opted_out_at=both.opted_out_at, visits_at=None))
    chat_of(met.shop, met.id, tx, deps)


def _speak_here(thread: Thread, chat: Chat, how: str, tx: Tx, deps: Deps, now: Instant) -> None:
    thread = replace(thread, chat=chat.id)
    tx.save(thread)
    tx.add(Note(thread.id, now, "huifang", f"linked_by_{how} {chat.channel}"))
    facts = tx.facts(thread.shop, thread.order_id)
    if facts is not None and thread.touches == 0 and thread.state is State.OPEN:
        case = case_of(thread, facts, tx, deps)
        if case.buyer.opted_out_at is None:
            carry_out(decide_opening(case, deps.policy(thread.shop), now), thread, tx, deps, now)


def count_wrong(shop: str, subject: str, tx: Tx, deps: Deps, now: Instant) -> None:
    """Count one more wrong guess."""
    tx.save(one_more(tx.get(Tries, shop, subject), shop, subject, deps.policy(shop), now))


def welcome(chat: Chat, order: Order, key: str, tx: Tx, deps: Deps, now: Instant, code: str = "") -> Chat:
    """Greet the buyer of an order in the chat that he tied to it; of one who wants to hear nothing the agents learn."""
    if tx.buyer(chat.shop, chat.buyer).opted_out_at is not None:
        alert = AlertAgent("linked_silently", order.id, {"order": order.id, "goods": order.goods})
        carry_out([alert], no_thread(chat, now), tx, deps, now)
        return chat
    return speak("link.welcome", chat, key, tx, deps, now, {"goods": order.goods, "order": order.id}, code)


def speak(
    script: str,
    chat: Chat,
    key: str,
    tx: Tx,
    deps: Deps,
    now: Instant,
    facts: dict[str, object] | None = None,
    code: str = "",
    is_first: bool = True,
) -> Chat:
    """Answer in a chat, outside all threads; returns the chat as it is then.

    `key` tells the answer from others of the same script; one that `is_first` says how to stop the messages.
    """
    buyer, can = tx.buyer(chat.shop, chat.buyer), deps.can(chat.channel)
    touch = Touch(Role.REPLY, now, permitted=bool(code))
    decision = judge(touch, buyer, chat, deps.policy(chat.shop), now, can)
    say = Say(script, Role.REPLY, f"{chat.id}/{script}/{key}", decision, facts or {}, chat=chat.id, code=code)
    carry_out([say], replace(no_thread(chat, now), touches=0 if is_first else 1), tx, deps, now)
    return tx.get(Chat, chat.id) or chat


def prefer(chat: Chat, tx: Tx) -> Buyer:
    """The buyer of a chat would rather be written to there; what is open is spoken of there from now on."""
    now = tx.get(Chat, chat.id) or chat
    buyer = replace(tx.buyer(now.shop, now.buyer), preferred=now.id)
    tx.save(buyer)
    for thread in tx.threads_of(now.shop, now.buyer):
        tx.save(replace(thread, chat=now.id))
    return buyer
