"""The after-sales register and the list of losses: what is written down of each matter (rules 82, 105)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from followup.after_sales.compensation import TOLD
from followup.after_sales.model import AfterSale, Branch, Grant, Loss
from followup.causes import Cause
from followup.desk.digest import BY_NATURE
from followup.model import Instant, Money, Order, Parcel, ParcelStatus, Refund, RefundStatus, Task, TaskState, Thread

KINDS = ("after_sales", "pending_refund", "stuck_parcel", "late_shipment")
CLAIMS = ("courier_claim", "parcel_lost")
_DAMAGED = (Branch.DAMAGED_SIGNED, Branch.DAMAGED_UNSIGNED)
_WRONG = (Branch.WRONG_GOODS, Branch.SURPLUS_GOODS)


@dataclass(frozen=True, slots=True)
class Registered:
    """One matter with all that is known around it; `account` is the buyer's name on the platform."""

    thread: Thread
    account: str = ""
    order: Order | None = None
    sale: AfterSale | None = None
    refunds: tuple[Refund, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    grants: tuple[Grant, ...] = ()
    tasks: tuple[Task, ...] = ()

    @property
    def cause(self) -> str:
        """The cause that people found, else the one in the nature of the matter."""
        found = (self.sale.cause.value if self.sale else "") or self.thread.cause
        return found or BY_NATURE.get(self.thread.kind, Cause.UNKNOWN).value

    @property
    def told(self) -> tuple[Grant, ...]:
        """The compensations that the buyer was told of."""
        return tuple(grant for grant in self.grants if grant.state in TOLD)

    @property
    def refunded(self) -> Money | None:
        """What was paid back since the matter began."""
        opened = self.thread.opened_at
        back = (each for each in self.refunds if each.status is RefundStatus.PAID_BACK)
        return total(each.amount for each in back if each.settled_at is None or each.settled_at >= opened)

    @property
    def granted(self) -> Money | None:
        """What the buyer was offered for it."""
        return total(grant.amount for grant in self.told)

    @property
    def people(self) -> tuple[str, ...]:
        """Who took it, answered its tasks and asked for compensations."""
        named = (
            self.thread.agent,
            *(task.closed_by for task in self.tasks),
            *(grant.asked_by for grant in self.grants),
        )
        return tuple(dict.fromkeys(who for who in named if who and who != "huifang"))

    @property
    def sent(self) -> tuple[str, ...]:
        """The numbers of the parcels that went to the buyer."""
        return tuple(parcel.id for parcel in self.parcels if not parcel.back)

    def days(self, now: Instant) -> Decimal:
        """How long it has taken, in days with one decimal."""
        length = (self.thread.closed_at or now) - self.thread.opened_at
        return Decimal(length.total_seconds() / 86_400).quantize(Decimal("0.1"))


class What(StrEnum):
    """What went wrong: the first four are the courier's."""

    LOST = "lost"
    DAMAGED = "damaged"
    SLOW = "slow"
    RETURNED = "returned"
    WRONG = "wrong"

    @property
    def is_ours(self) -> bool:
        """Whether it is the shop's own, of which nothing can be claimed."""
        return self is What.WRONG


@dataclass(frozen=True, slots=True)
class Lost:
    """One loss: `claim` is the state of the newest task to claim it from the courier (None: there is none)."""

    what: What
    at: Instant
    order_id: str
    number: str
    courier: str
    goods: str
    amount: Money | None
    cause: str
    claim: TaskState | None = None


def losses_of(matter: Registered, since: Instant, until: Instant) -> list[Lost]:
    """What an order lost in that time: parcels that the courier lost, damage, delay with a compensation, goods that he
    sent back, and wrong goods of the shop's own."""
    found = [_of_parcel(parcel, matter) for parcel in matter.parcels if _was_lost(parcel, since, until)]
    opened = since <= matter.thread.opened_at < until
    if matter.sale is not None and opened and (what := _of_case(matter.sale, bool(found))):
        found.append(_lost(what, matter.thread.opened_at, matter))
    slow = [grant for grant in matter.told if grant.loss is Loss.SLOW_COURIER and since <= grant.asked_at < until]
    if slow:
        found.append(_lost(What.SLOW, min(grant.asked_at for grant in slow), matter, total(g.amount for g in slow)))
    claims = [task for task in matter.tasks if task.reason == CLAIMS[0] and since <= task.created_at < until]
    if claims and not found:
        found.append(_lost(What.RETURNED, claims[0].created_at, matter))
    return found


def total(amounts: Iterable[Money]) -> Money | None:
    """The sum of amounts in one currency (that of the first counts); None of none."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for money in amounts:
        sums[money.currency] += money.amount
    return next((Money(amount, currency) for currency, amount in sums.items()), None)


def _of_case(sale: AfterSale, is_known: bool) -> What | None:
    """What a case counts as; a loss by the courier that its parcel shows already is counted once."""
    if sale.branch in _WRONG:
        return What.WRONG
    if sale.branch in _DAMAGED and sale.cause in (Cause.UNKNOWN, Cause.COURIER):
        return What.DAMAGED
    is_missing = sale.branch is Branch.MISSING_ITEM and sale.cause is Cause.COURIER
    return What.LOST if is_missing and not is_known else None


def _was_lost(parcel: Parcel, since: Instant, until: Instant) -> bool:
    return parcel.status is ParcelStatus.LOST and since <= (parcel.moved_at or parcel.observed_at) < until


def _of_parcel(parcel: Parcel, matter: Registered) -> Lost:
    price = matter.order.total if matter.order else None
    amount = paid(matter) or price
    goods = matter.order.goods if matter.order else ""
    at = parcel.moved_at or parcel.observed_at
    return Lost(
        What.LOST, at, parcel.order_id, parcel.id, parcel.courier, goods, amount, Cause.COURIER.value, _claim(matter)
    )


def _lost(what: What, at: Instant, matter: Registered, amount: Money | None = None) -> Lost:
    parcel = max((each for each in matter.parcels if not each.back), key=lambda each: each.shipped_at, default=None)
    number, courier = (parcel.id, parcel.courier) if parcel else ("", "")
    goods = matter.order.goods if matter.order else ""
    claim = None if what is What.WRONG else _claim(matter)
    cause = matter.cause or ("" if what is What.WRONG else Cause.COURIER.value)
    order_id = matter.thread.order_id
    return Lost(what, at, order_id, number, courier, goods, amount or paid(matter), cause, claim)


def paid(matter: Registered) -> Money | None:
    """What the matter cost so far: refunds and compensations."""
    return total(each for each in (matter.refunded, matter.granted) if each is not None)


def _claim(matter: Registered) -> TaskState | None:
    claims = [task for task in matter.tasks if task.reason in CLAIMS]
    return max(claims, key=lambda task: (task.created_at, task.id)).state if claims else None
