"""Conversations: what buyers wrote, and when they were first answered, by a person and by the bot.

A conversation is all that is written in one chat on one day of the shop. It is answered if something of ours went out
within a day of its first message.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal, select

from followup.model import Role
from store.codec import to_micros
from store.figures.scope import By, Scope
from store.figures.tally import Tally
from store.schema import in_state, inbox, notes, outbox, threads

SAYS = "says"
ANSWERED_WITHIN = timedelta(hours=24)
_WAIT = ANSWERED_WITHIN // timedelta(microseconds=1)
_BOT, _PERSON = 0, 1
_ANSWERED = ("answerable", "answered", "answered_by_person")
_NAMES = ("conversations", "buyer_messages", *_ANSWERED)


@dataclass(slots=True)
class _Talk:
    """One conversation; `answers` are the first ones of the bot and of a person: when, by whom, of which kind."""

    day: int
    first: int
    messages: int = 0
    answers: dict[int, tuple[int, str, str]] = field(default_factory=dict)


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
        sum(bool(talk.answers) or talk.first <= over for talk in found),
        sum(bool(talk.answers) for talk in found),
        sum(_PERSON in talk.answers for talk in found),
    )
    for name, number in zip(_NAMES, numbers, strict=True):
        into.add(part, name, number)
    for who, name in ((_BOT, "first_bot"), (_PERSON, "first_person")):
        into.samples[part, name] += [talk.answers[who][0] - talk.first for talk in found if who in talk.answers]


def _part(talk: _Talk, scope: Scope) -> int | str:
    """Its day; the person who answered first; the kind of the matter in which it was answered first."""
    match scope.by:
        case By.AGENT:
            return talk.answers[_PERSON][1] if _PERSON in talk.answers else ""
        case By.KIND:
            return min(talk.answers.values())[2] if talk.answers else ""
        case _:
            return talk.day


def _with_answers(connection: Connection, scope: Scope) -> list[_Talk]:
    found: dict[tuple[str, int], _Talk] = {}
    for chat, day, at in connection.execute(_heard(scope)).all():
        talk = found.get((chat, day))
        if talk is None:
            talk = found[chat, day] = _Talk(day, at)
        talk.messages += 1
        talk.first = min(talk.first, at)
    in_chat: dict[str, list[_Talk]] = defaultdict(list)
    for (chat, _), talk in found.items():
        in_chat[chat].append(talk)
    for chat, at, by, who, kind in connection.execute(_said(scope)).all():
        for talk in in_chat.get(chat, ()):
            if talk.first <= at <= talk.first + _WAIT:
                talk.answers.setdefault(by, (at, who, kind))
    return list(found.values())


def _heard(scope: Scope) -> Select[Any]:
    """What buyers wrote: chat, day and moment of each message; one that only replaces another is none."""
    here = func.substr(inbox.c.chat, 1, len(scope.shop) + 1) == f"{scope.shop}/"
    return select(inbox.c.chat, scope.day(inbox.c.at), inbox.c.at).where(
        inbox.c.shop == scope.shop, here, inbox.c.edits == "", scope.during(inbox.c.at)
    )


def _said(scope: Scope) -> Select[Any]:
    """What went out to them: chat, moment, whether a person said it, who it was, and the kind of the matter."""
    of = outbox.c
    by = case((of.step == SAYS, _PERSON), else_=_BOT)
    said = (
        select(of.chat, of.sent_at, by, _who(scope), _kind(scope))
        .where(of.shop == scope.shop, of.role == Role.REPLY.value, in_state(outbox, "sent"))
        .where(of.sent_at >= to_micros(scope.since), of.sent_at < to_micros(scope.until + ANSWERED_WITHIN))
        .order_by(of.sent_at, of.seq)
    )
    return said.outerjoin_from(outbox, threads, threads.c.id == of.thread) if scope.by is By.KIND else said


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
