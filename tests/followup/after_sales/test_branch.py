"""Which procedure a complaint calls for; what is not known is never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.after_sales.branch import Course, course, course_of, signed_between
from followup.after_sales.model import Branch
from followup.after_sales.procedures import Need
from followup.model import Facts, Instant, Parcel, ParcelStatus, RefundStatus, Status
from followup.policy import Policy
from followup.understood import Intent
from tests.followup.makers import NOON, POLICY, SHOP, a_refund, an_order, days, hours

PARCEL = Parcel(SHOP, "YT1", "1001", ParcelStatus.ON_ITS_WAY, NOON - days(4), NOON)


def facts(status: Status = Status.SHIPPED, *parcels: Parcel, tells_shipping: bool = True, **more: object) -> Facts:
    """A paid order as it stands at noon."""
    order = an_order(NOON - days(5), status=status, paid_at=NOON - days(5), tells_shipping=tells_shipping)
    return Facts(replace(order, **more), parcels=parcels)  # type: ignore[arg-type]


def signed(ago: timedelta, id_: str = "YT1") -> Parcel:
    return replace(PARCEL, id=id_, status=ParcelStatus.SIGNED, signed_at=NOON - ago)


def branch(intent: Intent, of: Facts, surplus: bool = False) -> Branch | None:
    """The branch at noon."""
    found = course_of(intent, of, POLICY, NOON, surplus)
    return found.branch if found else None


@pytest.mark.parametrize("intent", [Intent.CANCEL, Intent.RETURN_REFUND])
class TestNotReceived:
    def test_not_shipped(self, intent: Intent) -> None:
        """Paid, and the source would say if it had left: the money goes back (rules 41, 64)."""
        assert Branch.NOT_SHIPPED == branch(intent, facts(Status.PAID))

    def test_a_source_that_tells_nothing(self, intent: Intent) -> None:
        """Nobody knows whether it left."""
        assert None is branch(intent, facts(Status.PAID, tells_shipping=False))

    def test_in_transit(self, intent: Intent) -> None:
        """On its way: wait or recall (rule 41)."""
        assert Branch.IN_TRANSIT == branch(intent, facts(Status.SHIPPED, PARCEL))
        assert Branch.IN_TRANSIT == branch(intent, facts(Status.PAID, PARCEL))

    def test_within_seven_days(self, intent: Intent) -> None:
        """Signed for lately: it may be returned without a reason (rule 42)."""
        assert Branch.NO_REASON == branch(intent, facts(Status.SIGNED, signed(days(7))))
        assert None is branch(intent, facts(Status.SIGNED, signed(days(7) + hours(1))))

    def test_a_refund_under_way_goes_its_own_way(self, intent: Intent) -> None:
        """Who asked for his money on the platform already is not asked again."""
        asked = replace(facts(Status.PAID), refunds=(a_refund(NOON),))
        assert None is branch(intent, asked)
        over = replace(asked, refunds=(a_refund(NOON, status=RefundStatus.WITHDRAWN),))
        assert Branch.NOT_SHIPPED == branch(intent, over)


class TestFaults:
    def test_damaged(self) -> None:
        """Signed for, at the door, or nobody knows: then he is asked (rules 68, 69)."""
        assert Branch.DAMAGED_SIGNED == branch(Intent.DAMAGED, facts(Status.SIGNED, signed(days(1))))
        at_the_door = replace(PARCEL, status=ParcelStatus.AT_THE_DOOR)
        assert Branch.DAMAGED_UNSIGNED == branch(Intent.DAMAGED, facts(Status.SHIPPED, at_the_door))
        asked = course_of(Intent.DAMAGED, facts(Status.SHIPPED, PARCEL), POLICY, NOON)
        assert Course(Branch.DAMAGED_SIGNED, (Need.SIGNED, Need.PHOTOS)) == asked

    def test_nothing_can_be_broken_that_has_not_left(self) -> None:
        """The source says that it is still here: a person looks."""
        for intent in (Intent.DAMAGED, Intent.MISSING_ITEM, Intent.WRONG_ITEM, Intent.QUALITY):
            assert None is branch(intent, facts(Status.PAID))

    def test_quality_in_and_after_its_period(self) -> None:
        """Three days from signing (rules 71, 72)."""
        assert Branch.QUALITY == branch(Intent.QUALITY, facts(Status.SIGNED, signed(days(3))))
        assert Branch.QUALITY_LATE == branch(Intent.QUALITY, facts(Status.SIGNED, signed(days(3) + hours(1))))

    def test_quality_without_a_day_of_signing(self) -> None:
        """Shipped yesterday: within, whenever he signed. Finished a week ago: after. Else a person decides."""
        assert Branch.QUALITY == branch(Intent.QUALITY, facts(Status.SIGNED, shipped_at=NOON - days(1)))
        late = facts(Status.FINISHED, shipped_at=NOON - days(20), closed_at=NOON - days(7))
        assert Branch.QUALITY_LATE == branch(Intent.QUALITY, late)
        assert None is branch(Intent.QUALITY, facts(Status.SIGNED, shipped_at=NOON - days(5)))
        assert None is branch(Intent.QUALITY, facts(Status.SIGNED))

    def test_missing(self) -> None:
        """A second parcel on its way: nothing is asked yet (rule 58)."""
        assert course(Branch.MISSING_ITEM) == course_of(
            Intent.MISSING_ITEM, facts(Status.SIGNED, signed(days(1))), POLICY, NOON
        )
        split = facts(Status.SHIPPED, signed(days(1)), replace(PARCEL, id="YT2"))
        assert Course(Branch.MISSING_ITEM) == course_of(Intent.MISSING_ITEM, split, POLICY, NOON)

    def test_wrong_and_surplus(self) -> None:
        """Both come from one slip of the warehouse (rule 67)."""
        came = facts(Status.SIGNED, signed(days(1)))
        assert Branch.WRONG_GOODS == branch(Intent.WRONG_ITEM, came)
        assert Branch.SURPLUS_GOODS == branch(Intent.WRONG_ITEM, came, surplus=True)

    def test_exchange(self) -> None:
        """Only what has arrived, in its seven days (rule 49)."""
        assert Branch.EXCHANGE == branch(Intent.EXCHANGE, facts(Status.SIGNED, signed(days(1))))
        assert None is branch(Intent.EXCHANGE, facts(Status.SHIPPED, PARCEL))
        assert None is branch(Intent.EXCHANGE, facts(Status.SIGNED, signed(days(8))))

    def test_what_comes_back_is_no_parcel_of_his(self) -> None:
        """A return under way says nothing about whether he signed."""
        back = replace(PARCEL, id="R1", back=True, status=ParcelStatus.SIGNED, signed_at=NOON)
        assert Branch.IN_TRANSIT == branch(Intent.RETURN_REFUND, facts(Status.SHIPPED, PARCEL, back))


moments = st.one_of(st.none(), st.integers(-60, 0).map(lambda day: NOON + timedelta(days=day)))
parcels = st.builds(
    Parcel,
    st.just(SHOP),
    st.sampled_from(["A", "B", "C"]),
    st.just("1001"),
    st.sampled_from(ParcelStatus),
    st.integers(-60, 0).map(lambda day: NOON + timedelta(days=day)),
    st.just(NOON),
    signed_at=moments,
    back=st.booleans(),
)


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """An order in any state, with any dates and parcels."""
    dates = {name: draw(moments) for name in ("paid_at", "shipped_at", "closed_at")}
    order = an_order(NOON, status=draw(st.sampled_from(Status)), tells_shipping=draw(st.booleans()), **dates)
    refunds = (a_refund(NOON, status=draw(st.sampled_from(RefundStatus))),) if draw(st.booleans()) else ()
    return Facts(order, refunds, parcels=tuple(draw(st.lists(parcels, max_size=3, unique_by=lambda each: each.id))))


@given(st.sampled_from(Intent), any_facts(), st.booleans())
def test_every_complaint_has_a_procedure_or_a_person(intent: Intent, of: Facts, surplus: bool) -> None:
    """Whatever he says and whatever is known: a branch with its questions, or nothing, and never an error."""
    found = course_of(intent, of, POLICY, NOON, surplus)
    assert found is None or (found.branch in Branch and set(found.needs) <= set(Need))


@given(any_facts())
def test_the_signing_lies_between_its_bounds(of: Facts) -> None:
    """The earliest possible signing is never after a known one."""
    earliest, latest = signed_between(of, NOON)
    known = [parcel.signed_at for parcel in of.parcels if not parcel.back and parcel.signed_at is not None]
    assert not known or (earliest, latest) == (max(known), max(known))


@given(st.integers(0, 20 * 24), st.sampled_from([Intent.QUALITY, Intent.RETURN_REFUND]))
def test_the_period_is_the_configured_one(ago: int, intent: Intent) -> None:
    """The border is where the policy puts it."""
    policy = Policy(SHOP)
    came = facts(Status.SIGNED, signed(timedelta(hours=ago)))
    found = course_of(intent, came, policy, NOON)
    limits = {
        Intent.QUALITY: policy.after_sales.quality_within,
        Intent.RETURN_REFUND: policy.after_sales.no_reason_within,
    }
    within = {Intent.QUALITY: Branch.QUALITY, Intent.RETURN_REFUND: Branch.NO_REASON}
    expected: Instant | object = within[intent] if timedelta(hours=ago) <= limits[intent] else None
    late = Branch.QUALITY_LATE if intent is Intent.QUALITY else None
    assert (expected or late) == (found.branch if found else None)
