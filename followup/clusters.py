"""Several complaints about the same goods: perhaps a whole batch is at fault (rule 83)."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from zoneinfo import ZoneInfo

from followup.after_sales.model import Branch
from followup.model import Instant
from followup.policy import AfterSalesPolicy

REVIEW = "review"
FAULTY = (
    Branch.DAMAGED_UNSIGNED,
    Branch.DAMAGED_SIGNED,
    Branch.MISSING_ITEM,
    Branch.WRONG_GOODS,
    Branch.QUALITY,
    Branch.QUALITY_LATE,
)
"""The procedures whose cause may lie with the goods or the warehouse."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One complaint about an order's goods; `about` is the branch of its case, or REVIEW for a bad review."""

    order_id: str
    goods: str
    at: Instant
    about: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """Complaints about the same goods by several orders, the oldest first; `goods` as the newest order calls them."""

    goods: str
    complaints: tuple[Complaint, ...]

    @property
    def orders(self) -> int:
        """How many orders complain."""
        return len({complaint.order_id for complaint in self.complaints})

    @property
    def since(self) -> Instant:
        """When the first of them did."""
        return self.complaints[0].at

    def key(self, now: Instant, zone: ZoneInfo) -> str:
        """One for each goods and week."""
        year, week, _ = now.astimezone(zone).isocalendar()
        return f"{sha256(same(self.goods).encode()).hexdigest()[:12]}/{year}-W{week:02}"


def same(goods: str) -> str:
    """One spelling for the same goods: width, case and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", goods).casefold().split())


def clusters(complaints: Iterable[Complaint], policy: AfterSalesPolicy, now: Instant) -> list[Cluster]:
    """The goods about which enough different orders complained lately, those with the most orders first."""
    by_goods: dict[str, list[Complaint]] = defaultdict(list)
    for complaint in sorted(complaints, key=lambda each: (each.at, each.order_id, each.about)):
        if same(complaint.goods) and now - policy.cluster_within <= complaint.at <= now:
            by_goods[same(complaint.goods)].append(complaint)
    found = (Cluster(several[-1].goods, tuple(several)) for several in by_goods.values())
    return sorted((each for each in found if each.orders >= policy.cluster_count), key=lambda c: (-c.orders, c.goods))
