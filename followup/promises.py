"""A promise with a time, in our words or an agent's: it opens a clock (rules 7, 110, 119)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from followup.model import Instant

NEAR, DUE = "promise.near", "promise.no_news"
STEPS = frozenset((NEAR, DUE))
OURS = "huifang"
_MARK, _AGAIN = "/promise/", "+"


class PromiseState(StrEnum):
    """KEPT: the buyer heard from a person in time. LATE: he did not, and was told so with the next time. RELEASED: the
    matter ended first."""

    OPEN = "open"
    KEPT = "kept"
    LATE = "late"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Promise:
    """Who said what to the buyer of a thread, and by when he is to hear more; `text` holds the words that named it,
    `said_by` is OURS for what a script promised."""

    id: str
    thread: str
    shop: str
    said_by: str
    text: str
    made_at: Instant
    due_at: Instant
    state: PromiseState = PromiseState.OPEN
    closed_at: Instant | None = None

    @property
    def key(self) -> str:
        """What tells it from the other promises of its thread."""
        return self.id.removeprefix(f"{self.thread}{_MARK}")

    @property
    def round(self) -> int:
        """How often it was renewed because nobody kept it."""
        return int(self.id.rpartition(_AGAIN)[2]) if _AGAIN in self.key else 0

    @property
    def next_id(self) -> str:
        """The id of the promise that takes its place when nobody kept it."""
        first = self.id.rpartition(_AGAIN)[0] if self.round else self.id
        return f"{first}{_AGAIN}{self.round + 1}"


def promise_id(thread: str, message: str) -> str:
    """The id of the promise that a message of a thread makes."""
    return f"{thread}{_MARK}{message.removeprefix(thread + '/').replace('/', '.').replace(_AGAIN, '-')}"
