"""A buyer says that something is wrong with an order: an after-sales case begins (rules 39-41)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from followup.after_sales.branch import FAULTS, WISHES, Course, course_of, last_word
from followup.after_sales.model import AfterSale
from followup.after_sales.proof import answer_in, missing, says_more, weight_in
from followup.after_sales.stages import begin as begun
from followup.answers.after_sales import is_open_to
from followup.effects import AlertAgent, Say
from followup.events import MessageReceived, thread_id
from followup.kinds import Opening
from followup.kinds.after_sales import AFTER_SALES
from followup.linking import numbers_in
from followup.model import Chat, Choice, Facts, Instant, Role, TaskState, Thread
from followup.politeness import Touch, judge
from followup.understood import Intent, Understood
from handlers.carry_out import carry_out, no_thread
from handlers.deps import Deps
from handlers.order_changed import open_thread
from handlers.sent_back import sent_back
from handlers.yielding import leave_to_case
from store.tx import Tx

ASKED, SURPLUS, WHICH = "case", "surplus", "case_which"
RECENT = timedelta(days=30)
MOST = 5
ABOUT_GOODS = (Intent.WRONG_ITEM, Intent.MISSING_ITEM)
BESIDE = (Intent.OTHER, Intent.SIZE_SPEC, Intent.PRICE, Intent.ACKNOWLEDGEMENT, Intent.THANKS)


class Complaint(NamedTuple):
    """What is wrong, and with which order ("": he named none)."""

    intent: Intent
    order_id: str = ""
    surplus: bool = False


def begin(event: MessageReceived, chat: Chat, heard: Understood, tx: Tx, deps: Deps, now: Instant) -> Thread | None:
    """The case that the message begins, or the open one that waits for what it shows."""
    waiting = sent_back(event.text, chat, tx) or _shown_to(event, heard, chat, tx)
    if waiting is not None:
        return waiting
    found = _meant(event, chat, heard, tx, deps, now)
    if len(found) != 1:
        return None
    ((facts, course),) = found
    _knows_which(chat, tx, now)
    return open_case(facts, course, event.at, tx, deps, now)


def asked_which(event: MessageReceived, chat: Chat, heard: Understood, tx: Tx, deps: Deps, now: Instant) -> bool:
    """Ask which of his orders the buyer means, if several may be meant; whether he was asked (rule 119)."""
    found = _meant(event, chat, heard, tx, deps, now)
    if len(found) < 2:
        return False
    complaint = _complaint(event, heard)
    what = SURPLUS if complaint.surplus else complaint.intent.value
    choices = tuple(Choice(f"{ASKED}:{what}:{facts.order.id}", _label(facts)) for facts, _ in found[:MOST])
    buyer, can = tx.buyer(chat.shop, chat.buyer), deps.can(chat.channel)
    decision = judge(Touch(Role.REPLY, now), buyer, chat, deps.policy(chat.shop), now, can)
    key = f"{chat.id}/sales.which/{event.external_id}"
    say = Say("sales.which", Role.REPLY, key, decision, {"buyer": buyer.name}, choices=choices, chat=chat.id)
    alert = AlertAgent(WHICH, event.key, {"text": event.text})
    said = any(thread.touches for thread in tx.threads_of(chat.shop, chat.buyer))
    carry_out([say, alert], replace(no_thread(chat, now), touches=int(said)), tx, deps, now)
    return True


def _knows_which(chat: Chat, tx: Tx, now: Instant) -> None:
    """The buyer has said which order he means: nobody has to find it out any more."""
    for task in tx.open_tasks(chat.id):
        if task.reason == WHICH:
            tx.save(replace(task, state=TaskState.DONE, closed_at=now, closed_by="huifang"))


def names_another(event: MessageReceived, thread: Thread, tx: Tx) -> bool:
    """Whether a message is about another order of the buyer's than the thread."""
    named = numbers_in(event.text)
    his = {order.id for order in tx.orders_of(thread.shop, thread.buyer)}
    return thread.order_id not in named and bool(his & set(named))


def open_case(facts: Facts, course: Course, acted_at: Instant, tx: Tx, deps: Deps, now: Instant) -> Thread:
    """Open the case of an order, anew if it had one; the first words are still to be said."""
    id_ = thread_id(facts.order.shop, facts.order.id, AFTER_SALES.name)
    before = tx.sale(id_)
    sale = AfterSale(id_, facts.order.shop, course.branch, round=before.round + 1 if before else 1)
    tx.save(begun(course, sale))
    leave_to_case(facts.order, course.branch, tx, deps, now)
    return open_thread(AFTER_SALES, Opening(str(sale.round), acted_at), facts, tx, deps, now)


def _meant(
    event: MessageReceived, chat: Chat, heard: Understood, tx: Tx, deps: Deps, now: Instant
) -> list[tuple[Facts, Course]]:
    """His orders with which this may be wrong, and what each would call for: the one he names, else the recent ones,
    else all, the newest first; none for a stranger."""
    complaint, policy = _complaint(event, heard), deps.policy(chat.shop)
    if complaint.intent not in FAULTS | WISHES or tx.buyer(chat.shop, chat.buyer).opted_out_at is not None:
        return []
    orders = [order for order in tx.orders_of(chat.shop, chat.buyer) if order.paid_at is not None]
    named = {complaint.order_id} - {""} or set(numbers_in(event.text)) & {order.id for order in orders}
    known = (tx.facts(order.shop, order.id) for order in orders if not named or order.id in named)
    found = [(facts, course_of(complaint.intent, facts, policy, now, complaint.surplus)) for facts in known if facts]
    fit = [(facts, course) for facts, course in found if course is not None and not _has_case(facts, tx)]
    fit.sort(key=lambda each: last_word(each[0].order, each[0]), reverse=True)
    recent = [each for each in fit if now - last_word(each[0].order, each[0]) <= RECENT]
    return recent or fit


def _complaint(event: MessageReceived, heard: Understood) -> Complaint:
    """What he says himself, or said before he was asked which order he means."""
    if heard.intent is not Intent.CHOSE:
        surplus = heard.likeliest in ABOUT_GOODS and says_more(event.text)
        is_surplus = surplus and heard.intent in (Intent.OTHER, Intent.WRONG_ITEM)
        return Complaint(Intent.WRONG_ITEM if is_surplus else heard.intent, surplus=is_surplus)
    kind, _, rest = heard.choice.partition(":")
    what, _, order_id = rest.partition(":")
    if kind != ASKED or what not in {SURPLUS, *FAULTS, *WISHES}:
        return Complaint(Intent.CHOSE)
    return Complaint(Intent.WRONG_ITEM if what == SURPLUS else Intent(what), order_id, what == SURPLUS)


def _has_case(facts: Facts, tx: Tx) -> bool:
    thread = tx.get(Thread, thread_id(facts.order.shop, facts.order.id, AFTER_SALES.name))
    return thread is not None and not thread.state.closed


def _shown_to(event: MessageReceived, heard: Understood, chat: Chat, tx: Tx) -> Thread | None:
    """The newest open case that asked for what the message brings."""
    if heard.intent not in BESIDE:
        return None
    cases = [each for each in tx.threads_of(chat.shop, chat.buyer) if each.kind == AFTER_SALES.name]
    fit = [each for each in cases if _brings(event, tx.sale(each.id))]
    return max(fit, key=lambda each: (each.opened_at, each.id), default=None)


def _brings(event: MessageReceived, sale: AfterSale | None) -> bool:
    if sale is None or not is_open_to(sale):
        return False
    return bool(event.attachments or weight_in(event.text) or answer_in(event.text, missing(sale)[0]))


def _label(facts: Facts) -> str:
    """The goods and the end of the order number, as buyers know their orders."""
    order = facts.order
    return f"{order.goods[:18]} …{order.id[-4:]}".strip()
