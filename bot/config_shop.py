"""The options of one shop. Every figure of `followup.policy` is one, with the same default."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from bot.config_units import (
    BuyerLang,
    Country,
    Currency,
    Duration,
    Name,
    TimeOfDay,
    Weekdays,
    Zone,
    public_holidays,
    written,
)
from followup.desk.hours import Hours, Shift
from followup.policy import (
    AddressCheck,
    AddressPolicy,
    AfterSalesPolicy,
    AlertPolicy,
    ClockPolicy,
    CompensationPolicy,
    InquiryPolicy,
    LateShipmentPolicy,
    Policy,
    PromisePolicy,
    QuietHours,
    RefundPolicy,
    ReviewMode,
    ReviewPolicy,
    StuckParcelPolicy,
    UnpaidPolicy,
    VisitPolicy,
)

Platform = Literal["taobao", "tmall", "jd", "pinduoduo", "douyin", "independent"]
ONLY_MANUAL = frozenset({"taobao", "tmall", "jd", "pinduoduo"})
HOLIDAY_YEARS = range(2010, 2051)

_POLICY = Policy(shop="")
_QUIET, _UNPAID, _REFUND, _REVIEW = _POLICY.quiet, _POLICY.unpaid, _POLICY.refund, _POLICY.review
_LATE, _STUCK, _ADDRESS, _CASE = _POLICY.late_shipment, _POLICY.stuck_parcel, _POLICY.address, _POLICY.after_sales
_MONEY, _INQUIRY, _VISIT, _PROMISE = _POLICY.compensation, _POLICY.inquiry, _POLICY.visit, _POLICY.promise
_CLOCKS, _ALERTS, _SHIFT = _POLICY.clocks, _POLICY.alerts, Shift()
Days = Annotated[int, Field(ge=0, le=365)]
Sum = Annotated[Decimal, Field(ge=0, le=100_000, max_digits=9, decimal_places=2, strict=False)]


class Options(BaseModel):
    """A table of config.toml: nothing unknown, nothing guessed from another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def wrong(option: str, sentence: str) -> PydanticCustomError:
    """The error of an option that does not go with the others."""
    return PydanticCustomError("wrong", "{sentence}", {"option": option, "sentence": sentence})


class QuietHoursOptions(Options):
    opens: TimeOfDay = _QUIET.opens
    closes: TimeOfDay = _QUIET.closes
    holidays: Country = ""

    @model_validator(mode="after")
    def _leave_time_to_speak(self) -> Self:
        if self.opens >= self.closes:
            hours = f"opens ({self.opens:%H:%M}) must be before closes ({self.closes:%H:%M})"
            raise wrong("opens", f"nothing could ever be sent: {hours}")
        return self

    def policy(self) -> QuietHours:
        """The same as the domain has it."""
        return QuietHours(self.opens, self.closes, _holidays(self.holidays) if self.holidays else frozenset())


@cache
def _holidays(country: str) -> frozenset[date]:
    return frozenset(public_holidays(country, HOLIDAY_YEARS))


class UnpaidOrderOptions(Options):
    help_after: Duration = _UNPAID.help_after
    last_call_after: Duration = _UNPAID.last_call_after
    auto_close_after: Duration = _UNPAID.auto_close_after
    before_close: Duration = _UNPAID.before_close
    says_paid_pause: Duration = _UNPAID.says_paid_pause
    hold_out: Annotated[int, Field(ge=0, le=50)] = _UNPAID.hold_out

    @model_validator(mode="after")
    def _speak_before_the_order_closes(self) -> Self:
        needed = self.help_after + self.last_call_after + self.before_close
        if needed >= self.auto_close_after:
            sums = f"help_after + last_call_after + before_close ({written(needed)}) must be shorter"
            than = f"than auto_close_after ({written(self.auto_close_after)})"
            raise wrong("auto_close_after", f"the last call would come too late: {sums} {than}")
        return self


class PendingRefundOptions(Options):
    daily_every: Duration = _REFUND.daily_every
    daily_most: Days = _REFUND.daily_most
    alert_before_deadline: Duration = _REFUND.alert_before_deadline
    settled_expires_after: Duration = _REFUND.settled_expires_after


class ReviewRevisionOptions(Options):
    mode: Annotated[ReviewMode, Field(strict=False)] = _REVIEW.mode
    follow_neutral: bool = _REVIEW.follow_neutral
    note_expires_after: Duration = _REVIEW.note_expires_after
    retry_after: Duration = _REVIEW.retry_after


class LateShipmentOptions(Options):
    ship_within: Duration = _LATE.ship_within
    daily_every: Duration = _LATE.daily_every
    daily_most: Days = _LATE.daily_most
    follow_for: Duration = _LATE.follow_for


class StuckParcelOptions(Options):
    still_for: Duration = _STUCK.still_for
    daily_every: Duration = _STUCK.daily_every
    daily_most: Days = _STUCK.daily_most
    solve_within: Duration = _STUCK.solve_within
    follow_for: Duration = _STUCK.follow_for


class AddressCheckOptions(Options):
    check: Annotated[AddressCheck, Field(strict=False)] = _ADDRESS.check
    expires_after: Duration = _ADDRESS.expires_after
    unserved: Annotated[frozenset[str], Field(strict=False)] = _ADDRESS.unserved


class AfterSalesOptions(Options):
    no_reason_within: Duration = _CASE.no_reason_within
    quality_within: Duration = _CASE.quality_within
    answer_within: Duration = _CASE.answer_within
    return_within: Duration = _CASE.return_within
    return_remind_every: Duration = _CASE.return_remind_every
    return_last_before: Duration = _CASE.return_last_before
    daily_every: Duration = _CASE.daily_every
    daily_most: Days = _CASE.daily_most
    ask_again_after: Duration = _CASE.ask_again_after
    cluster_count: Annotated[int, Field(ge=2, le=1000)] = _CASE.cluster_count
    cluster_within: Duration = _CASE.cluster_within


class CompensationOptions(Options):
    own_limit: Sum = _MONEY.own_limit
    share_of_price: Annotated[Decimal, Field(ge=0, le=1, strict=False)] = _MONEY.share_of_price
    usable_damage: Sum = _MONEY.usable_damage
    leak: Sum = _MONEY.leak
    blemish: Sum = _MONEY.blemish
    slow_courier: Sum = _MONEY.slow_courier
    out_of_stock: Sum = _MONEY.out_of_stock
    freight: Sum = _MONEY.freight
    goodwill: Sum = _MONEY.goodwill


class InquiryOptions(Options):
    touch: bool = _INQUIRY.touch
    touch_after: Duration = _INQUIRY.touch_after
    expires_after: Duration = _INQUIRY.expires_after


class VisitOptions(Options):
    every: Duration = _VISIT.every
    expires_after: Duration = _VISIT.expires_after


class PromiseOptions(Options):
    warn_before: Duration = _PROMISE.warn_before
    next_after: Duration = _PROMISE.next_after
    most: Days = _PROMISE.most


class ClockOptions(Options):
    first_reply: Duration = _CLOCKS.first_reply
    details: Duration = _CLOCKS.details
    logistics: Duration = _CLOCKS.logistics
    stock_out: Duration = _CLOCKS.stock_out
    daily_word: Duration = _CLOCKS.daily_word
    completes_after: Duration = _CLOCKS.completes_after
    extension: Duration = _CLOCKS.extension
    at_risk: Annotated[Decimal, Field(ge=Decimal("0.1"), le=1, strict=False)] = _CLOCKS.at_risk


class AlertOptions(Options):
    again_after: Duration = _ALERTS.again_after
    grows: Annotated[int, Field(ge=1, le=10)] = _ALERTS.grows
    longest: Duration = _ALERTS.longest
    do_within: Duration = _ALERTS.do_within


class ShiftOptions(Options):
    """One shift: `[shops.<id>.shifts.<name>]`."""

    days: Weekdays = _SHIFT.days
    opens: TimeOfDay = _SHIFT.opens
    closes: TimeOfDay = _SHIFT.closes
    people: Annotated[frozenset[str], Field(strict=False)] = _SHIFT.people

    def shift(self, name: str) -> Shift:
        """The same as the domain has it."""
        return Shift(name, self.days, self.opens, self.closes, self.people)


class HoursOptions(Options):
    holidays: Country = ""
    on_call: Annotated[frozenset[str], Field(strict=False)] = frozenset()


class Shop(Options):
    """One seller account: `[shops.<id>]`."""

    platform: Platform = "taobao"
    channel: Name = "manual"
    zone: Zone = _POLICY.zone
    lang: BuyerLang = _POLICY.lang
    currency: Currency = "CNY"
    nudge_every: Duration = _POLICY.nudge_every
    reply_within: Duration = _POLICY.reply_within
    acknowledge_every: Duration = _POLICY.acknowledge_every
    link_lasts: Duration = _POLICY.link_lasts
    link_tries: Annotated[int, Field(ge=1, le=100)] = _POLICY.link_tries
    link_tries_every: Duration = _POLICY.link_tries_every
    quiet_hours: QuietHoursOptions = QuietHoursOptions()
    unpaid_order: UnpaidOrderOptions = UnpaidOrderOptions()
    pending_refund: PendingRefundOptions = PendingRefundOptions()
    review_revision: ReviewRevisionOptions = ReviewRevisionOptions()
    late_shipment: LateShipmentOptions = LateShipmentOptions()
    stuck_parcel: StuckParcelOptions = StuckParcelOptions()
    address_check: AddressCheckOptions = AddressCheckOptions()
    after_sales: AfterSalesOptions = AfterSalesOptions()
    compensation: CompensationOptions = CompensationOptions()
    inquiry: InquiryOptions = InquiryOptions()
    vip_visit: VisitOptions = VisitOptions()
    promises: PromiseOptions = PromiseOptions()
    clocks: ClockOptions = ClockOptions()
    alerts: AlertOptions = AlertOptions()
    hours: HoursOptions = HoursOptions()
    shifts: Annotated[dict[Name, ShiftOptions], Field(min_length=1)] = {_SHIFT.name: ShiftOptions()}

    @model_validator(mode="after")
    def _stay_on_the_platform(self) -> Self:
        if self.platform in ONLY_MANUAL and self.channel != "manual":
            must = f'the channel of this shop must be "manual", not "{self.channel}"'
            raise wrong("channel", f"{self.platform} forbids taking its buyers to another chat, so {must}")
        return self

    def policy(self, shop: str) -> Policy:
        """The figures of this shop as the domain has them."""
        return Policy(
            shop=shop,
            zone=self.zone,
            lang=self.lang,
            quiet=self.quiet_hours.policy(),
            nudge_every=self.nudge_every,
            reply_within=self.reply_within,
            acknowledge_every=self.acknowledge_every,
            link_lasts=self.link_lasts,
            link_tries=self.link_tries,
            link_tries_every=self.link_tries_every,
            unpaid=UnpaidPolicy(**self.unpaid_order.model_dump()),
            refund=RefundPolicy(**self.pending_refund.model_dump()),
            review=ReviewPolicy(**self.review_revision.model_dump()),
            late_shipment=LateShipmentPolicy(**self.late_shipment.model_dump()),
            stuck_parcel=StuckParcelPolicy(**self.stuck_parcel.model_dump()),
            address=AddressPolicy(**self.address_check.model_dump()),
            after_sales=AfterSalesPolicy(**self.after_sales.model_dump()),
            compensation=CompensationPolicy(**self.compensation.model_dump()),
            inquiry=InquiryPolicy(**self.inquiry.model_dump()),
            visit=VisitPolicy(**self.vip_visit.model_dump()),
            promise=PromisePolicy(**self.promises.model_dump()),
            clocks=ClockPolicy(**self.clocks.model_dump()),
            alerts=AlertPolicy(**self.alerts.model_dump()),
            hours=self._hours(),
        )

    def _hours(self) -> Hours:
        shifts = tuple(each.shift(name) for name, each in self.shifts.items())
        own = self.hours
        return Hours(shifts, _holidays(own.holidays) if own.holidays else frozenset(), own.on_call)
