"""The figures of one shop. Every one is an option in config.toml; these are the defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class ReviewMode(StrEnum):
    """What the marketplace allows to be said about an existing review (docs/law.md)."""

    NEVER = "never"
    INFORM_ONLY = "inform_only"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Automated words go out from `opens` (included) to `closes` (not included), buyer's local time."""

    opens: time = time(9, 0)
    closes: time = time(20, 30)
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class UnpaidPolicy:
    help_after: timedelta = timedelta(minutes=15)
    last_call_after: timedelta = timedelta(days=1)
    auto_close_after: timedelta = timedelta(hours=72)
    before_close: timedelta = timedelta(hours=3)
    says_paid_pause: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RefundPolicy:
    daily_every: timedelta = timedelta(days=1)
    daily_most: int = 15
    alert_before_deadline: timedelta = timedelta(hours=24)
    settled_expires_after: timedelta = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    mode: ReviewMode = ReviewMode.INFORM_ONLY
    follow_neutral: bool = False
    note_expires_after: timedelta = timedelta(days=7)
    retry_after: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Policy:
    """All figures of one shop; `zone` is where buyers live whose own zone is unknown."""

    shop: str
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    lang: str = "zh-CN"
    quiet: QuietHours = QuietHours()
    nudge_every: timedelta = timedelta(hours=24)
    reply_within: timedelta = timedelta(minutes=10)
    acknowledge_every: timedelta = timedelta(hours=12)
    link_lasts: timedelta = timedelta(days=7)
    link_tries: int = 5
    link_tries_every: timedelta = timedelta(hours=24)
    unpaid: UnpaidPolicy = UnpaidPolicy()
    refund: RefundPolicy = RefundPolicy()
    review: ReviewPolicy = ReviewPolicy()
