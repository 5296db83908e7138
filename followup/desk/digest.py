"""What went wrong lately, and why: the matters of some days by cause and kind, and the days before (rules 44, 102)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from statistics import median
from zoneinfo import ZoneInfo

from followup.causes import Cause
from followup.model import Instant, Money

WEEK = timedelta(days=7)
KINDS = ("after_sales", "pending_refund", "stuck_parcel", "late_shipment", "review_revision", "review_follow_up")
BY_NATURE: Mapping[str, Cause] = {"late_shipment": Cause.DISPATCH, "stuck_parcel": Cause.COURIER}
"""What is behind a kind of matter as long as nobody found out anything else."""
MOST_GOODS, MOST_CASES = 3, 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One matter: what it was about, who or what caused it (as far as anybody said), what was granted."""

    thread: str
    order_id: str
    kind: str
    cause: str
    goods: str
    opened_at: Instant
    closed_at: Instant | None = None
    granted: tuple[Money, ...] = ()

    @property
    def why(self) -> str:
        """The cause that people named, else the one that lies in the nature of the matter, "" if there is none."""
        return self.cause or BY_NATURE.get(self.kind, Cause.UNKNOWN).value


@dataclass(frozen=True, slots=True)
class Line:
    """All matters of one cause and kind: `before` is how many there were in the time before, `cases` a few of their
    orders."""

    cause: str
    kind: str
    matters: int
    orders: int
    granted: tuple[Money, ...]
    settle: timedelta | None
    goods: tuple[tuple[str, int], ...]
    cases: tuple[str, ...]
    before: int


@dataclass(frozen=True, slots=True)
class Digest:
    """The matters of a shop that began from `since` to `until` (not included), the most frequent first."""

    shop: str
    since: Instant
    until: Instant
    lines: tuple[Line, ...]
    matters: int
    before: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell of this time or the one before."""
        return not self.matters and not self.before


def digest(shop: str, since: Instant, until: Instant, entries: Iterable[Entry], earlier: Iterable[Entry]) -> Digest:
    """The matters by cause and kind, against those of the time before; a cause that is gone is told too."""
    now, before = _groups(entries), Counter((entry.why, entry.kind) for entry in earlier)
    lines = [_line(*key, now.get(key, []), before[key]) for key in {**now, **before}]
    lines.sort(key=lambda line: (-line.matters, -line.before, line.cause, line.kind))
    return Digest(shop, since, until, tuple(lines), sum(map(len, now.values())), before.total())


def slots(now: Instant, zone: ZoneInfo, days: frozenset[int], at: time) -> tuple[Instant, Instant] | None:
    """From when to when the digest tells that was due last: the time of the one before, and its own; None if no day is
    named."""
    today = now.astimezone(zone).date()
    around = (today - timedelta(days=back) for back in range(15))
    times = (datetime.combine(day, at, zone).astimezone(UTC) for day in around if day.weekday() in days)
    past = [each for each in times if each <= now]
    return (past[1], past[0]) if len(past) > 1 else None


def _groups(entries: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    found: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda each: (each.opened_at, each.thread)):
        found[entry.why, entry.kind].append(entry)
    return dict(found)


def _line(cause: str, kind: str, entries: list[Entry], before: int) -> Line:
    goods = Counter(entry.goods for entry in entries if entry.goods)
    most = tuple(sorted(goods.items(), key=lambda item: (-item[1], item[0]))[:MOST_GOODS])
    spans = [(entry.closed_at - entry.opened_at).total_seconds() for entry in entries if entry.closed_at]
    settle = timedelta(seconds=round(median(spans))) if spans else None
    orders = len({entry.order_id or entry.thread for entry in entries})
    return Line(cause, kind, len(entries), orders, _granted(entries), settle, most, _typical(entries, most), before)


def _granted(entries: Iterable[Entry]) -> tuple[Money, ...]:
    """The sums by currency."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for money in (each for entry in entries for each in entry.granted):
        sums[money.currency] += money.amount
    return tuple(Money(amount, currency) for currency, amount in sorted(sums.items()))


def _typical(entries: list[Entry], most: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """A few orders: those with the goods that turn up most, the first ones first."""
    rank = {goods: place for place, (goods, _) in enumerate(most)}
    near = sorted(entries, key=lambda entry: (rank.get(entry.goods, len(rank)), entry.opened_at, entry.thread))
    return tuple(dict.fromkeys(entry.order_id for entry in near if entry.order_id))[:MOST_CASES]
