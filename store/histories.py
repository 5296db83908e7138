"""What the history of a message must look like: the rules of the outbox, for one message at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

OUTCOMES = ("accepted", "refused", "retry", "unsure")
LATER = "failed"
RESTORED = "restored"
"""A backup in which it still waited took the place of the database: it may have gone meanwhile."""
_WAITING = ("", "retry", "unsure")
_LAST = {
    "due": _WAITING,
    "sending": ("started",),
    "sent": ("accepted",),
    "unsure": ("unsure", "started"),
    "failed": ("refused", "failed"),
    "expired": _WAITING,
    "cancelled": _WAITING,
}
Fault = tuple[str, str]


def faults(state: str, history: str, attempts: int, repeatable: bool, not_done: bool = False) -> Iterator[Fault]:
    """Each broken rule, with a sentence.

    `repeatable` messages may be tried again after an attempt of which nobody knows the outcome; `not_done` ones were
    handed to a person who could not pass them on.
    """
    words = [word.partition("@")[0] for word in history.split()]
    unknown = [word for word in words if word not in ("started", *OUTCOMES, LATER, RESTORED)]
    if unknown:
        yield "unreadable", f"its history speaks of {unknown[0]!r}"
        return
    yield from _sends(words, repeatable)
    yield from _gaps([word for word in words if word != RESTORED], state, not_done)
    if attempts != words.count("started"):
        yield "attempts", f"{attempts} attempts are counted, its history has {words.count('started')}"
    last = words[-1] if words else ""
    if not _agrees(state, last, repeatable, not_done):
        yield "state", f"it is {state}, but the last word of its history is {last or 'missing'}"


def _sends(words: list[str], repeatable: bool) -> Iterator[Fault]:
    if words.count("accepted") > 1:
        yield "sent_twice", f"the channel accepted it {words.count('accepted')} times"
    if "accepted" in words and "started" in words[words.index("accepted") :]:
        yield "sent_again", "it was started again after the channel had accepted it"
    if RESTORED in words and "started" in words[words.index(RESTORED) :]:
        yield "sent_blindly", "it was started again although it may have gone before a backup was restored"
    if not repeatable and ("unsure", "started") in pairwise(words):
        yield "sent_blindly", "it was started again although nobody knew whether the buyer had it"


def _gaps(words: list[str], state: str, not_done: bool) -> Iterator[Fault]:
    for before, now in pairwise(["", *words]):
        if before == now == "started":
            yield "no_outcome", "an attempt has no outcome, and yet there is a later one"
        if now == LATER and before != "accepted":
            yield "not_accepted", f"it failed after all, but before that it was {before or 'never tried'}"
        elif now != LATER and "started" not in (before, now) and not _settles(before, now):
            yield "no_start", f"it was {now} without an attempt"
    if words[-1:] == ["started"] and state not in ("sending", "unsure") and not not_done:
        yield "no_outcome", f"its last attempt has no outcome, but it is {state}"


def _settles(before: str, now: str) -> bool:
    """A worker that was taken for dead told what became of its attempt after all."""
    return before == "unsure" and now in ("accepted", "refused", "retry")


def _agrees(state: str, last: str, repeatable: bool, not_done: bool) -> bool:
    if last == RESTORED:
        return state in ("unsure", "cancelled")
    if state == "failed" and not_done:
        return last in ("accepted", "started")
    if last == "unsure" and state != "unsure" and not repeatable:
        return False
    return last in _LAST.get(state, ())
