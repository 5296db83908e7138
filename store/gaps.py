"""Rows that do not fit together, found by the database: each query yields (id, sentence)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, exists, func, literal, select

from followup.events import LOOK
from followup.kinds import KINDS
from followup.model import Role
from followup.promises import DUE, NEAR
from store.schema import chats, decisions, in_state, outbox, promises, reminders, tasks, threads

_STEPS = [step for kind in KINDS.values() for step in kind.steps.values()]
_SILENT = [LOOK, *(step.id for step in _STEPS if step.role is Role.SILENT)]
_LAST_WORDS = [LOOK, *(step.id for step in _STEPS if step.after_settled)]
_OWN_WORDS = outbox.c.role.in_([Role.NUDGE.value, Role.NOTICE.value])
_CLOSED = in_state(threads, "settled", "given_up", "closed")
_SENT = decisions.c.verdict == "sent"

Query = Select[str, str]


def _decided(thread: ColumnElement[str], about: ColumnElement[str], *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(decisions.c.thread == thread, decisions.c.reminder == about, *more)


def _found(column: ColumnElement[str], sentence: str, *where: ColumnElement[bool]) -> Query:
    return select(column, literal(sentence)).where(*where)


def _lost() -> Query:
    said = exists().where(outbox.c.id == reminders.c.id)
    return _found(
        reminders.c.id,
        "a planned word was dropped, and no decision tells why",
        in_state(reminders, "fired", "cancelled", "expired"),
        reminders.c.step.not_in(_SILENT),
        ~said,
        ~_decided(reminders.c.thread, reminders.c.id),
    )


def _put_aside() -> Query:
    shown = exists().where(tasks.c.id == reminders.c.id + "/put_aside")
    return _found(reminders.c.id, "it was put aside, but nobody was told", in_state(reminders, "put_aside"), ~shown)


def _left_over() -> Query:
    over = exists().where(threads.c.id == reminders.c.thread, _CLOSED)
    return _found(
        reminders.c.id,
        "it is still planned, but its thread is closed",
        in_state(reminders, "pending"),
        reminders.c.step.not_in(_LAST_WORDS),
        over,
    )


def _without_chat() -> Query:
    reached = exists().where(chats.c.shop == reminders.c.shop, chats.c.buyer == reminders.c.buyer)
    return _found(reminders.c.id, "it is planned for a buyer without a chat", in_state(reminders, "pending"), ~reached)


def _without_clock() -> Query:
    """A promise that is open, and nothing is planned for the time at which it is due."""
    key = func.substr(promises.c.id, func.length(promises.c.thread) + len("/promise/") + 1)
    touches = (promises.c.thread + f"/{DUE}/@" + key, promises.c.thread + f"/{NEAR}/@" + key + "/due")
    ticks = exists().where(reminders.c.id.in_(touches), in_state(reminders, "pending"))
    return _found(promises.c.id, "it was promised, and no clock runs", in_state(promises, "open"), ~ticks)


def _unjustified() -> Query:
    allowed = _decided(outbox.c.thread, outbox.c.id, _SENT)
    return _found(outbox.c.id, "no decision allowed it", _OWN_WORDS, ~allowed)


def _dropped() -> Query:
    explained = _decided(outbox.c.thread, outbox.c.id, ~_SENT)
    dropped = in_state(outbox, "cancelled", "expired")
    return _found(outbox.c.id, "it was dropped, and no decision tells why", dropped, _OWN_WORDS, ~explained)


def _edits_astray() -> Query:
    """A change that was made of what somebody else was told, or of what nobody was."""
    first = outbox.alias("first")
    went = exists().where(first.c.id == outbox.c.edits, first.c.chat == outbox.c.chat, first.c.edits == "")
    went = went.where(first.c.history.contains("accepted@"))
    made = outbox.c.history.contains("accepted@")
    return _found(outbox.c.id, "it changes nothing that went to the same chat", outbox.c.edits != "", made, ~went)


def _twice() -> Query:
    sentence = literal("its dedupe key is there more than once")
    return select(outbox.c.id, sentence).group_by(outbox.c.id).having(func.count() > 1)


GAPS: dict[str, Query] = {
    "key_twice": _twice(),
    "unjustified": _unjustified(),
    "dropped_silently": _dropped(),
    "lost": _lost(),
    "put_aside_silently": _put_aside(),
    "left_over": _left_over(),
    "no_chat": _without_chat(),
    "no_clock": _without_clock(),
    "edits_astray": _edits_astray(),
}
