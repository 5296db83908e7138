"""The figures of one shop. Every one is an option in config.toml; these are the defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from followup.desk.hours import Hours
from followup.restored import Gap


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
    """`hold_out` percent of the orders, always the same ones, are not reminded, so that it can be told what reminding
    brings."""

    help_after: timedelta = timedelta(minutes=15)
    last_call_after: timedelta = timedelta(days=1)
    auto_close_after: timedelta = timedelta(hours=72)
    before_close: timedelta = timedelta(hours=3)
    says_paid_pause: timedelta = timedelta(days=1)
    hold_out: int = 0


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
class LateShipmentPolicy:
    """`ship_within` counts from the payment where the source names no time (rules 22, 27)."""

    ship_within: timedelta = timedelta(hours=48)
    daily_every: timedelta = timedelta(days=1)
    daily_most: int = 7
    follow_for: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class StuckParcelPolicy:
    """A parcel that nobody saw move for `still_for` is stuck (rules 23, 30, 38, 43)."""

    still_for: timedelta = timedelta(hours=72)
    daily_every: timedelta = timedelta(days=1)
    daily_most: int = 10
    solve_within: timedelta = timedelta(hours=48)
    follow_for: timedelta = timedelta(days=30)


class AddressCheck(StrEnum):
    """Whose paid orders are confirmed (rules 3, 4)."""

    OFF = "off"
    NEW_BUYERS = "new_buyers"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """`unserved` are regions to which the usual courier does not go (rules 4, 29)."""

    check: AddressCheck = AddressCheck.OFF
    expires_after: timedelta = timedelta(hours=12)
    unserved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AfterSalesPolicy:
    """Rules 39-74: `answer_within` is by when a person answers, `return_within` by when a tracking number is due."""

    no_reason_within: timedelta = timedelta(days=7)
    quality_within: timedelta = timedelta(days=3)
    answer_within: timedelta = timedelta(hours=24)
    return_within: timedelta = timedelta(days=7)
    return_remind_every: timedelta = timedelta(days=2)
    return_last_before: timedelta = timedelta(hours=24)
    daily_every: timedelta = timedelta(days=1)
    daily_most: int = 15
    ask_again_after: timedelta = timedelta(days=1)
    cluster_count: int = 3
    cluster_within: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CompensationPolicy:
    """Rules 10 and 75-79, in the shop's currency: an agent grants up to `own_limit` and the cap of the loss alone, a
    supervisor more, but for goods that stay usable nobody more than `share_of_price` of their price."""

    own_limit: Decimal = Decimal(20)
    share_of_price: Decimal = Decimal("0.5")
    usable_damage: Decimal = Decimal(2)
    leak: Decimal = Decimal(2)
    blemish: Decimal = Decimal(2)
    slow_courier: Decimal = Decimal(5)
    out_of_stock: Decimal = Decimal(10)
    freight: Decimal = Decimal(13)
    goodwill: Decimal = Decimal(20)


@dataclass(frozen=True, slots=True)
class InquiryPolicy:
    """Asked, not ordered: one touch the next day (rule 1)."""

    touch: bool = True
    touch_after: timedelta = timedelta(days=1)
    expires_after: timedelta = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class VisitPolicy:
    """Buyers who agreed to it are visited this often (rule 106)."""

    every: timedelta = timedelta(days=30)
    expires_after: timedelta = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class PromisePolicy:
    """An agent is warned `warn_before` a promise is due; a late one is renewed by `next_after`, `most` times."""

    warn_before: timedelta = timedelta(minutes=30)
    next_after: timedelta = timedelta(hours=24)
    most: int = 5


@dataclass(frozen=True, slots=True)
class ClockPolicy:
    """By when people act: `first_reply` and `details` count in business hours, the others as they pass. A clock is at
    risk once `at_risk` of its time has gone. A platform completes an order `completes_after` its shipping, and allows
    `extension` more (rules 7, 27, 38, 43, 45, 55, 62)."""

    first_reply: timedelta = timedelta(minutes=5)
    details: timedelta = timedelta(hours=24)
    logistics: timedelta = timedelta(hours=48)
    stock_out: timedelta = timedelta(hours=72)
    daily_word: timedelta = timedelta(hours=26)
    completes_after: timedelta = timedelta(days=10)
    extension: timedelta = timedelta(days=10)
    at_risk: Decimal = Decimal("0.8")


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """People hear of a task at once, again after `again_after` until it is taken, each pause `grows` times as long as
    the one before up to `longest`. A task without a clock is to be done within `do_within`, in business hours."""

    again_after: timedelta = timedelta(minutes=5)
    grows: int = 2
    longest: timedelta = timedelta(hours=2)
    do_within: timedelta = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Policy:
    """All figures of one shop; `zone` is where buyers live whose own zone is unknown, `gaps` are the times of which a
    restored backup knows nothing."""

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
    late_shipment: LateShipmentPolicy = LateShipmentPolicy()
    stuck_parcel: StuckParcelPolicy = StuckParcelPolicy()
    address: AddressPolicy = AddressPolicy()
    after_sales: AfterSalesPolicy = AfterSalesPolicy()
    compensation: CompensationPolicy = CompensationPolicy()
    inquiry: InquiryPolicy = InquiryPolicy()
    visit: VisitPolicy = VisitPolicy()
    promise: PromisePolicy = PromisePolicy()
    clocks: ClockPolicy = ClockPolicy()
    alerts: AlertPolicy = AlertPolicy()
    hours: Hours = field(default_factory=Hours)
    gaps: tuple[Gap, ...] = ()
