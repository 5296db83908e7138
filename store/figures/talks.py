"""Conversations: what buyers wrote, and when they were first answered, by a person and by the bot.

A conversation is all that is written in one chat on one day of the shop. It is answered if something of ours went out
within a day of its first message.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal, select

from followup.model import Role
from store.codec import to_micros
from store.figures.scope import By, Scope
from store.figures.tally import Tally
from store.schema import chats, in_state, inbox, notes, outbox, threads

SAYS = "says"
ANSWERED_WITHIN = timedelta(hours=24)
_WAIT = ANSWERED_WITHIN // timedelta(microseconds=1)
_ANSWERED = ("answerable", "answered", "answered_by_person")
_NAMES = ("conversations", "buyer_messages", *_ANSWERED)
_Answer = tuple[int, str, str]
"""When it went out, by whom, and of which kind of matter."""


@dataclass(slots=True)
class _Talk:
    """One conversation, with the first answers of the bot and of a person, and the kind of matter that its messages
    belong to."""

    day: int
    first: int
    messages: int
    bot: _Answer | None = None
    person: _Answer | None = None
    kind: str = ""


def talks(connection: Connection, scope: Scope, into: Tally) -> None:
    """Count conversations, and how long their buyers waited for the first answer."""
    into.knows((*_NAMES, "first_person"), True)
    into.knows((*_ANSWERED, "first_bot"), scope.by is not By.AGENT)  # a person's conversations are those he answered
    parts: dict[int | str, list[_Talk]] = defaultdict(list)
    for talk in _with_answers(connection, scope):
        parts[_part(talk, scope)].append(talk)
    for part, found in parts.items():
        _count(found, scope.of_day(part) if isinstance(part, int) else part, scope, into)


def _count(found: list[_Talk], part: str, scope: Scope, into: Tally) -> None:
    over = to_micros(scope.now - ANSWERED_WITHIN)
    numbers = (
        len(found),
        sum(talk.messages for talk in found),
        sum(bool(talk.bot or talk.person) or talk.first <= over for talk in found),
        sum(bool(talk.bot or talk.person) for talk in found),
        sum(talk.person is not None for talk in found),
    )
    for name, number in zip(_NAMES, numbers, strict=True):
        into.add(part, name, number)
    into.samples[part, "first_bot"] += [talk.bot[0] - talk.first for talk in found if talk.bot]
    into.samples[part, "first_person"] += [talk.person[0] - talk.first for talk in found if talk.person]


def _part(talk: _Talk, scope: Scope) -> int | str:
    """Its day; the person who answered first; the kind of the matter that its messages belong to, else of the one in
    which it was answered first."""
    match scope.by:
        case By.AGENT:
            return talk.person[1] if talk.person else ""
        case By.KIND:
            answers = sorted(answer for answer in (talk.bot, talk.person) if answer)
            return talk.kind or next((kind for _, _, kind in answers if kind), "")
        case _:
            return talk.day


def _with_answers(connection: Connection, scope: Scope) -> list[_Talk]:
    in_chat: dict[str, list[_Talk]] = defaultdict(list)
    for chat, day, first, messages in connection.execute(_heard(scope)):
        in_chat[chat].append(_Talk(day, first, messages))
    for chat, is_person, at, who, kind in connection.execute(_said(scope)):
        for talk in in_chat.get(chat, ()):
            if talk.first <= at <= talk.first + _WAIT:
                if is_person:
                    talk.person = talk.person or (at, who, kind)
                else:
                    talk.bot = talk.bot or (at, who, kind)
    for chat, at, kind in connection.execute(_matters(scope)) if scope.by is By.KIND else ():
        for talk in in_chat.get(chat, ()):
            if talk.first <= at <= talk.first + _WAIT:
                talk.kind = talk.kind or kind
    return [talk for found in in_chat.values() for talk in found]


def _heard(scope: Scope) -> Select[Any]:
    """What buyers wrote, by chat and day: the first moment, and how many messages; one that only replaces another is
    none."""
    of, day = inbox.c, scope.day(inbox.c.at).label("day")
    here = func.substr(of.chat, 1, len(scope.shop) + 1) == f"{scope.shop}/"
    return (
        select(of.chat, day, func.min(of.at), func.count())
        .where(of.shop == scope.shop, here, of.edits == "", scope.during(of.at))
        .group_by(of.chat, "day")
    )


def _said(scope: Scope) -> Select[Any]:
    """What went out to them: chat, whether a person said it, moment, who it was, and the kind of the matter."""
    of = outbox.c
    said = (
        select(of.chat, of.step == SAYS, of.sent_at, _who(scope), _kind(scope))
        .where(of.shop == scope.shop, of.role == Role.REPLY.value, in_state(outbox, "sent"))
        .where(of.sent_at >= to_micros(scope.since), of.sent_at < to_micros(scope.until + ANSWERED_WITHIN))
        .order_by(of.sent_at, of.seq)
    )
    return said.outerjoin_from(outbox, threads, threads.c.id == of.thread) if scope.by is By.KIND else said


def _matters(scope: Scope) -> Select[Any]:
    """The matters that buyers' words were noted in: chat of the buyer, moment, and kind."""
    return (
        select(chats.c.id, notes.c.at, threads.c.kind)
        .join_from(notes, threads, threads.c.id == notes.c.thread)
        .join(chats, and_(chats.c.shop == threads.c.shop, chats.c.buyer == threads.c.buyer))
        .where(threads.c.shop == scope.shop, notes.c.who == "buyer")
        .where(notes.c.at >= to_micros(scope.since), notes.c.at < to_micros(scope.until + ANSWERED_WITHIN))
        .order_by(notes.c.at, notes.c.seq)
    )


def _who(scope: Scope) -> ColumnElement[str]:
    """Who said it, by the note that was made of it in the same moment; asked for only where it is needed."""
    if scope.by is not By.AGENT:
        return literal("")
    said = and_(notes.c.thread == outbox.c.thread, notes.c.at == outbox.c.created_at)
    is_said = func.substr(notes.c.text, 1, len(SAYS) + 1) == f"{SAYS} "
    who = select(func.max(notes.c.who)).where(said, is_said).correlate(outbox).scalar_subquery()
    return case((outbox.c.step == SAYS, func.coalesce(who, "")), else_="")


def _kind(scope: Scope) -> ColumnElement[str]:
    return func.coalesce(threads.c.kind, "") if scope.by is By.KIND else literal("")
