"""The sweep, twice a week: every late and every stuck order, and who looks after it (rule 25)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from followup.kinds.late_shipment import LATE_SHIPMENT, SETTLE_WITHIN
from followup.kinds.stuck_parcel import STUCK_PARCEL
from followup.model import Instant, State, Thread

SWEPT = (LATE_SHIPMENT.name, STUCK_PARCEL.name)
MONDAY, THURSDAY = 0, 3
AT = time(9, 30)
SHOWN = 20


class Care(StrEnum):
    """Who looks after an order that was found; each stands in exactly one of these."""

    OPENED = "opened"
    FOLLOWED = "followed"
    WITH_AGENT = "with_agent"
    UNREACHABLE = "unreachable"
    CLOSED = "closed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Found:
    """An order that is late or whose parcel stands still: in which thread, since when, who looks after it, and whose
    parcel it is."""

    order_id: str
    kind: str
    thread: str
    since: Instant
    care: Care
    courier: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one sweep of a shop found: how many orders are `late` and `stuck` by the facts alone, and who looks after
    each."""

    shop: str
    at: Instant
    late: int
    stuck: int
    found: tuple[Found, ...] = ()

    @property
    def all(self) -> int:
        """How many orders there are."""
        return self.late + self.stuck

    @property
    def overdue(self) -> int:
        """How many have been late for longer than a stock-out may take (rule 27)."""
        late = (each for each in self.found if each.kind == LATE_SHIPMENT.name)
        return sum(self.at >= each.since + SETTLE_WITHIN for each in late)

    @property
    def adds_up(self) -> bool:
        """Whether every order that is late or stuck has somebody who looks after it."""
        return self.all == len(self.found) and not self.count(Care.FAILED)

    def count(self, care: Care) -> int:
        """How many are looked after like that."""
        return sum(each.care is care for each in self.found)

    def orders(self, care: Care) -> list[str]:
        """Which orders are looked after like that."""
        return list(dict.fromkeys(each.order_id for each in self.found if each.care is care))

    def couriers(self) -> dict[str, int]:
        """How many parcels of each courier stand still, the most first (rule 33)."""
        return dict(Counter(each.courier for each in self.found if each.courier).most_common())

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        counts = {care.value: self.count(care) for care in Care}
        told = {"shop": self.shop, "at": self.at.isoformat(timespec="seconds"), "found": self.all, "late": self.late}
        more = {"overdue": self.overdue, "stuck": self.stuck, **counts, "adds_up": self.adds_up}
        shown = (Care.OPENED, Care.UNREACHABLE, Care.FAILED)
        return {
            **told,
            **more,
            "couriers": self.couriers(),
            "orders": {care.value: self.orders(care) for care in shown},
        }


def care_of(before: Thread | None, after: Thread | None, has_case: bool, is_reachable: bool) -> Care:
    """Who looks after an order whose thread was like that `before` the sweep came by and is like that `after`."""
    if after is None:
        return Care.FAILED
    if after.state.closed:
        return Care.WITH_AGENT if has_case else Care.CLOSED
    if before is None or before.state.closed:
        return Care.OPENED
    if after.state is State.WITH_AGENT:
        return Care.WITH_AGENT
    return Care.FOLLOWED if is_reachable else Care.UNREACHABLE


def proven(found: Iterable[Found], stored: Collection[str]) -> tuple[Found, ...]:
    """What was found, where a thread that the ledger does not hold after all counts as failed."""
    return tuple(each if each.thread in stored else replace(each, care=Care.FAILED) for each in found)


def last_slot(now: Instant, zone: ZoneInfo) -> Instant:
    """The last moment up to now at which a sweep was due: Monday or Thursday, half past nine."""
    day = now.astimezone(zone).date()
    while True:
        slot = datetime.combine(day, AT, zone).astimezone(now.tzinfo)
        if day.weekday() in (MONDAY, THURSDAY) and slot <= now:
            return slot
        day -= timedelta(days=1)
