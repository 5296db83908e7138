"""A buyer wrote: keep the message, answer at once where that is sure, else give it to a person."""

from __future__ import annotations

from dataclasses import replace

from followup.answers import answers_of
from followup.answers.common import is_angry
from followup.choices import chosen, meant
from followup.decide import decide_message, decide_stranger
from followup.effects import AlertAgent, Effect
from followup.events import MessageReceived
from followup.kinds import KINDS
from followup.linking import digest_of, numbers_in, subject_of, token_in, without_tokens
from followup.model import Buyer, Chat, Inbound, Instant, Note, Thread
from followup.politeness import zone_of
from followup.reach import Way, is_open
from followup.restored import gap_at, unanswered
from followup.risk import advise_sealing, is_risky
from followup.understood import Intent, Understood
from handlers.begin_after_sales import ASKED, asked_which, names_another
from handlers.beginning import begin
from handlers.budget import renewed
from handlers.carry_out import carry_out, no_thread
from handlers.claims import dealt_with
from handlers.deps import Deps
from handlers.desk.mirroring import mirror_of, mirrored_as
from handlers.evidence import collect, collect_earlier, ids_of
from handlers.held import resume
from handlers.known import around
from handlers.meeting import as_shown, is_known, kept, meet, source_of
from handlers.offering import answered, offers, unsaid
from handlers.order_changed import case_of
from handlers.yielding import as_a_wish
from store.tx import Tx
from store.wanted import Wanted


def wanted(event: MessageReceived) -> Wanted:
    """The chat, its buyer's threads, whatever it names or shows, and whether the message is known already."""
    numbers, token = numbers_in(event.text), token_in(event.text)
    subjects = (subject_of(event.chat), *(subject_of(order=number) for number in numbers))
    return Wanted(
        chats=(event.chat,),
        buyers=((event.shop, event.address),),
        orders=tuple((event.shop, number) for number in numbers),
        messages=tuple((source_of(event), id_) for id_ in (event.external_id, event.edits) if id_),
        links=(digest_of(token),) if token else (),
        tries=tuple((event.shop, subject) for subject in subjects) if numbers or token else (),
        outgoing=(mirrored_as(event.shop, event.channel, event.edits),) if event.edits else (),
        evidence=ids_of(event) if event.edits else (),
        paid_of=(event.chat,),
    )


def buyer_message(event: MessageReceived, tx: Tx, deps: Deps, now: Instant) -> bool:
    """Handle a message once; False if it was there already. Raises UnknownShop."""
    deps.policy(event.shop)
    if is_known(event, tx):
        return False
    mirror = mirror_of(event, tx, deps, now)
    tx.save(kept(event))
    collect(event, "", tx)
    about = _handle(event, tx, deps, now)
    if mirror is not None:
        mirror.show(about)
    return True


def _handle(event: MessageReceived, tx: Tx, deps: Deps, now: Instant) -> str:
    """Do what a message asks for; returns the thread that it is about, or the chat."""
    if _says_the_same(event, tx):
        return _add_to_story(event, tx)
    if event.room:
        _in_a_room(event, tx, deps, now)
        return event.chat
    if gap_at(deps.policy(event.shop).gaps, event.at):
        _heard_before(event, tx, deps, now)
        return event.chat
    chat, buyer = _meet(event, tx, deps, now)
    heard = meant(chosen(event, chat), _understood(event, buyer, tx, deps))
    if heard.intent not in (Intent.STOP, Intent.CHOSE):
        is_plain = heard.intent is Intent.OTHER
        chat, is_done = dealt_with(event, chat, is_plain, tx, deps, now)
        if is_done:
            return event.chat
    return _answer(replace(event, text=as_shown(event)), chat, heard, tx, deps, now)


def _says_the_same(event: MessageReceived, tx: Tx) -> bool:
    """Whether it replaces a message without changing its words, such as an album that got one more photo."""
    before = tx.get(Inbound, source_of(event), event.edits) if event.edits else None
    return before is not None and before.text == kept(event).text


def _add_to_story(event: MessageReceived, tx: Tx) -> str:
    """One more photo asks for no answer of its own, but belongs to the thread that is spoken of in the chat; returns
    that, or the chat."""
    chat = tx.get(Chat, event.chat)
    if chat is None or not event.attachments:
        return event.chat
    thread = _about(Understood(Intent.OTHER), tx.threads_of(chat.shop, chat.buyer), tx.buyer(chat.shop, chat.buyer))
    if thread is not None:
        tx.add(Note(thread.id, event.at, "buyer", as_shown(event)))
        collect(event, thread.id, tx)
    return thread.id if thread is not None else event.chat


def _understood(event: MessageReceived, buyer: Buyer, tx: Tx, deps: Deps) -> Understood:
    """What the buyer means; the language he writes is remembered."""
    policy = deps.policy(event.shop)
    text = without_tokens(event.text, " ")
    heard = deps.understand(text, event.at, zone_of(buyer, policy), buyer.lang or policy.lang)
    if heard.lang not in ("", buyer.lang or policy.lang):
        tx.save(replace(buyer, lang=heard.lang))
    return heard


def _answer(event: MessageReceived, chat: Chat, heard: Understood, tx: Tx, deps: Deps, now: Instant) -> str:
    policy, buyer = deps.policy(event.shop), tx.buyer(chat.shop, chat.buyer)
    thread = _about(heard, _named(event, tx.threads_of(event.shop, buyer.id)), buyer)
    wish = as_a_wish(heard, thread, ASKED)
    is_sure = thread is not None and wish is heard and _means(heard, thread) and not names_another(event, thread, tx)
    if not is_sure and buyer.paused_at is None:
        if not is_angry(heard) and asked_which(event, chat, wish, tx, deps, now):
            return chat.id
        begun = begin(event, chat, wish, tx, deps, now)
        if begun is not None:
            collect_earlier(chat, begun, tx, now)
            heard = wish
        thread = begun or (None if _is_elsewhere(event, heard, thread, tx) else thread)
    collect(event, thread.id if thread else "", tx)
    facts = tx.facts_of(thread) if thread else None
    known = around(heard, chat, tx, policy, now, outside=facts is None)
    if thread is None or facts is None:
        effects = decide_stranger(buyer, chat, event, heard, policy, now, deps.can(chat.channel), known)
        carry_out(effects, replace(no_thread(chat, now), touches=int(bool(known.lately))), tx, deps, now)
        return chat.id
    tx.add(Note(thread.id, now, "buyer", event.text))
    thread = _moved_to(chat, thread, tx)
    effects = decide_message(case_of(thread, facts, tx, deps), event, heard, policy, now, known)
    effects += advise_sealing(event.text, heard, thread)
    if heard.intent is Intent.CHOSE:
        answered(chat, tx)
        effects = unsaid(effects, thread, tx)
    carry_out(effects, thread, tx, deps, now)
    return thread.id


def _in_a_room(event: MessageReceived, tx: Tx, deps: Deps, now: Instant) -> None:
    """Others read along: a stop counts, everything else is for a person to answer."""
    chat, buyer = meet(event, tx, deps)
    heard, shown = _understood(event, buyer, tx, deps), replace(event, text=as_shown(event))
    effects: list[Effect] = [AlertAgent("buyer_message", event.key, {"text": shown.text})]
    if heard.intent is Intent.STOP:
        effects = decide_stranger(buyer, chat, shown, heard, deps.policy(event.shop), now, deps.can(chat.channel))
    carry_out(effects, no_thread(chat, now), tx, deps, now)


def _heard_before(event: MessageReceived, tx: Tx, deps: Deps, now: Instant) -> None:
    """It comes from a time of which a restored backup knows nothing, and may have been answered then: a stop counts,
    and a person looks."""
    chat, buyer = _meet(event, tx, deps, now)
    heard, shown = _understood(event, buyer, tx, deps), replace(event, text=as_shown(event))
    effects: list[Effect] = [AlertAgent("buyer_message", event.key, {"text": shown.text})]
    if heard.intent is Intent.STOP:
        said = decide_stranger(buyer, chat, shown, heard, deps.policy(event.shop), now, deps.can(chat.channel))
        effects = unanswered(said)
    carry_out(effects, no_thread(chat, now), tx, deps, now)


def _moved_to(chat: Chat, thread: Thread, tx: Tx) -> Thread:
    """The thread, spoken of from now on where the buyer wrote last."""
    if thread.chat == chat.id:
        return thread
    moved = replace(thread, chat=chat.id)
    tx.save(moved)
    return moved


def put_aside(event: MessageReceived, error: Exception, tx: Tx) -> None:
    """Keep a message that could not be handled, with its error."""
    tx.save(kept(event, "put_aside", f"{type(error).__name__}: {error}"))


def _meet(event: MessageReceived, tx: Tx, deps: Deps, now: Instant) -> tuple[Chat, Buyer]:
    """The chat and its buyer, now that he wrote in it and so opened it; what he was asked to prove long ago is
    forgotten."""
    chat, buyer = meet(event, tx, deps)
    before, forget_after = chat.last_in_at or event.at, deps.policy(event.shop).link_tries_every
    was_open = is_open(Way(chat, deps.can(chat.channel)), now)
    chat = renewed(chat, event.at, tx, deps)
    chat = replace(chat, last_in_at=max(event.at, before), unreachable_at=None)
    if event.at - before >= forget_after:
        chat = replace(chat, asked_order="")
    tx.save(chat)
    if not was_open:
        resume(chat.shop, chat.buyer, tx, now)
    return chat, buyer


def _means(heard: Understood, thread: Thread) -> bool:
    """Whether who says this speaks of such a thread."""
    if heard.intent is Intent.CHOSE:
        return offers(thread) and heard.choice in KINDS[thread.kind].choices
    return answers_of(thread.kind).means(heard.intent, thread)


def _is_elsewhere(event: MessageReceived, heard: Understood, thread: Thread | None, tx: Tx) -> bool:
    """Whether it is about another order of his, of which nothing is open; a tap and a threat are the thread's."""
    if thread is None or heard.intent is Intent.CHOSE or is_risky(event.text, heard):
        return False
    return names_another(event, thread, tx)


def _named(event: MessageReceived, threads: list[Thread]) -> list[Thread]:
    """The threads of the orders that a message names, else all of them."""
    numbers = numbers_in(event.text)
    return [thread for thread in threads if thread.order_id in numbers] or threads


def _about(heard: Understood, threads: list[Thread], buyer: Buyer) -> Thread | None:
    """The thread that a message most likely belongs to: one that its meaning fits, else the most urgent, and of
    equals the one the buyer was reminded of last."""

    def rank(thread: Thread) -> tuple[bool, int, bool, str]:
        reminded_of = buyer.nudged_by.startswith(f"{thread.id}/")
        return not _means(heard, thread), KINDS[thread.kind].priority, not reminded_of, thread.id

    return min(threads, key=rank, default=None)
