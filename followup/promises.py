"""A promise with a time, in our words or an agent's: it opens a clock (rules 7, 110, 119)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from followup.model import Instant

NEAR, DUE = "promise.near", "promise.no_news"
STEPS = frozenset((NEAR, DUE))


class PromiseState(StrEnum):
    """KEPT: the buyer heard from a person in time. LATE: he did not, and was told so with the next time. RELEASED: the
    matter ended first."""

    OPEN = "open"
    KEPT = "kept"
    LATE = "late"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Promise:
    """Who said what to the buyer of a thread, and by when he is to hear more; `text` holds the words that named it."""

    id: str
    thread: str
    shop: str
    said_by: str
    text: str
    made_at: Instant
    due_at: Instant
    state: PromiseState = PromiseState.OPEN
    closed_at: Instant | None = None
