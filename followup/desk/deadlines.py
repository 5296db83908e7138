"""Clocks: by when something has to happen for a buyer (rules 7, 27, 38, 43, 45, 55, 62), as records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from followup.model import Instant


class Due(StrEnum):
    """What has to happen. The first three and DAILY_WORD are the shop's word, the last four the platform's."""

    FIRST_REPLY = "first_reply"
    DETAILS = "details"
    LOGISTICS = "logistics"
    STOCK_OUT = "stock_out"
    DAILY_WORD = "daily_word"
    REFUND = "refund"
    RETURN_NUMBER = "return_number"
    AUTO_CLOSE = "auto_close"
    EXTENSION = "extension"


class ClockState(StrEnum):
    """RUNNING and PAUSED clocks are open; MET in time, BREACHED too late or never, DROPPED when nobody waits for it."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One clock of a thread; the id is `<thread>/<due>@<start in microseconds>`.

    `next_at` is when somebody has to look at it next: at `risk_at`, then at `due_at` (None: never again). While it is
    PAUSED `left` microseconds of its time remain. `breached_at` stays when it is met too late; `closed_at` is its end.
    """

    id: str
    thread: str
    shop: str
    due: Due
    started_at: Instant
    risk_at: Instant
    due_at: Instant
    next_at: Instant | None
    state: ClockState = ClockState.RUNNING
    left: int = 0
    breached_at: Instant | None = None
    closed_at: Instant | None = None

    @property
    def remaining(self) -> timedelta:
        """What remains of its time while it is paused."""
        return timedelta(microseconds=self.left)

    @property
    def is_paused(self) -> bool:
        """Whether it stands still."""
        return self.state is ClockState.PAUSED

    def is_late(self, now: Instant) -> bool:
        """Whether its time is over, though nothing has happened."""
        return self.breached_at is not None or (self.state is ClockState.RUNNING and now >= self.due_at)

    def is_at_risk(self, now: Instant) -> bool:
        """Whether its time is nearly over."""
        return self.state is ClockState.RUNNING and now >= self.risk_at
