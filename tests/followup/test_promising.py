"""The clock of a promise: whom to warn, when to speak, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from followup.effects import AlertAgent, Keep, RemindAt
from followup.model import Instant
from followup.policy import Policy, PromisePolicy, QuietHours
from followup.politeness import is_quiet
from followup.promises import DUE, NEAR, OURS, Promise, PromiseState, promise_id
from followup.promising import answered, clock, due, for_people, next_due, renew, told_at, warn, warned_at
from tests.followup.makers import NOON, POLICY, SHOP, a_buyer, days, hours, minutes

THREAD = f"{SHOP}/1001/pending_refund"
BUYER = a_buyer()
EVENING = hours(8)  # 20:00 in Shanghai


def moments(first: int, last: int) -> st.SearchStrategy[datetime]:
    """Any moment from the beginning of one year to that of another."""
    span = datetime(last, 1, 1, tzinfo=UTC) - datetime(first, 1, 1, tzinfo=UTC)
    seconds = st.integers(0, int(span.total_seconds()))
    return seconds.map(lambda each: datetime(first, 1, 1, tzinfo=UTC) + timedelta(seconds=each))


SOON = NOON + hours(2)


def a_promise(due_at: Instant = SOON, **more: object) -> Promise:
    """Made at noon in Shanghai by 小美."""
    return replace(
        Promise(promise_id(THREAD, f"{THREAD}/says/ab@0"), THREAD, SHOP, "小美", "明天", NOON, due_at),
        **more,  # type: ignore[arg-type]
    )


class TestIds:
    def test_a_promise_is_known_by_its_message(self) -> None:
        """And by how often it was renewed."""
        first = a_promise()
        second = replace(first, id=first.next_id)
        assert (f"{THREAD}/promise/says.ab@0", 0) == (first.id, first.round)
        assert ("says.ab@0+1", 1, f"{first.id}+2") == (second.key, second.round, second.next_id)

    def test_a_plus_of_the_message_counts_nothing(self) -> None:
        """An order number may hold one, and so may a step."""
        odd = "shop/a+b/unpaid_order"
        promise = replace(a_promise(), id=promise_id(odd, f"{odd}/x+1"), thread=odd)
        assert (0, f"{odd}/promise/x-1+1") == (promise.round, promise.next_id)


class TestClock:
    def test_by_day(self) -> None:
        """Warned half an hour before, told when it is due."""
        planned = clock(a_promise(), BUYER, POLICY)
        assert [(NEAR, NOON + hours(1.5)), (DUE, NOON + hours(2))] == [(each.step, each.when) for each in planned]

    def test_at_night(self) -> None:
        """Due at eleven in the evening: said ten minutes before the hours close."""
        assert NOON + hours(8) + minutes(20) == told_at(a_promise(NOON + hours(11)), BUYER, POLICY)

    def test_made_too_late_for_this_evening(self) -> None:
        """Made at 20:15 for today: there is no time to warn anybody before 20:20, so that it waits for the morning."""
        made = NOON + EVENING + minutes(15)
        assert NOON + hours(21) == told_at(a_promise(NOON + hours(11), made_at=made), BUYER, POLICY)

    def test_before_dawn(self) -> None:
        """Due at six in the morning: said the evening before."""
        assert NOON + hours(8) + minutes(20) == told_at(a_promise(NOON + hours(18)), BUYER, POLICY)

    def test_over_a_holiday(self) -> None:
        """Nobody is written to on a holiday: the evening before it."""
        quiet = QuietHours(holidays=frozenset({date(2026, 3, 6), date(2026, 3, 7)}))
        policy = replace(POLICY, quiet=quiet)
        assert NOON + hours(8) + minutes(20) == told_at(a_promise(NOON + days(2)), BUYER, policy)

    def test_for_soon(self) -> None:
        """Of ten minutes, five are left when the warning comes."""
        assert NOON + minutes(5) == warned_at(a_promise(NOON + minutes(10)), BUYER, POLICY)

    def test_what_a_script_promised(self) -> None:
        """Our own next word may come first; at the end of the hours there is no room for that."""
        ours = a_promise(said_by=OURS)
        assert NOON + hours(2) + minutes(10) == told_at(ours, BUYER, POLICY)
        late = replace(ours, due_at=NOON + EVENING + minutes(25))
        assert late.due_at == told_at(late, BUYER, POLICY)

    def test_only_people_speak_to_who_said_stop(self) -> None:
        """No word is planned, but a person hears of it when it is broken."""
        planned = clock(a_promise(), replace(BUYER, opted_out_at=NOON), POLICY)
        assert [NEAR, NEAR] == [each.step for each in planned]
        assert for_people(a_promise()) == planned[1]


class TestAfter:
    def test_near(self) -> None:
        """The alert says who promised what, by when on the shop's clock."""
        (alert,) = warn([a_promise()], BUYER, POLICY, NOON + hours(1.5))
        assert isinstance(alert, AlertAgent)
        assert ("promise_near", "小美", 14) == (alert.reason, alert.facts["who"], alert.facts["deadline"].hour)  # type: ignore[attr-defined]

    def test_not_near_yet(self) -> None:
        """Another promise's warning says nothing of this one."""
        assert [] == warn([a_promise()], BUYER, POLICY, NOON + hours(1))

    def test_renewed(self) -> None:
        """The old one is late, and the next one is owed by the same person."""
        late, later, *planned = renew([a_promise()], BUYER, POLICY, NOON + hours(2))
        assert isinstance(late, Keep)
        assert isinstance(later, Keep)
        assert PromiseState.LATE is late.record.state  # type: ignore[union-attr]
        assert isinstance(later.record, Promise)
        assert ("小美", 1, NOON + hours(26)) == (later.record.said_by, later.record.round, later.record.due_at)
        assert [NEAR, DUE] == [each.step for each in planned if isinstance(each, RemindAt)]

    def test_the_last_one_is_for_people(self) -> None:
        """Told as often as the policy says, the buyer hears no more of it from us."""
        policy = replace(POLICY, promise=PromisePolicy(most=1))
        _, later, *planned = renew([a_promise()], BUYER, policy, NOON + hours(2))
        assert [NEAR, NEAR] == [each.step for each in planned if isinstance(each, RemindAt)]
        assert isinstance(later, Keep)
        assert isinstance(later.record, Promise)
        broken = warn([later.record], BUYER, policy, later.record.due_at)
        assert ["Keep", "AlertAgent"] == [type(effect).__name__ for effect in broken]

    def test_what_was_promised_besides_is_the_next_time(self) -> None:
        """Two hours later somebody else answers: no new promise is made, that one goes on."""
        other = a_promise(NOON + hours(4), id=f"{THREAD}/promise/b", said_by=OURS)
        assert NOON + hours(4) == next_due([a_promise(), other], BUYER, POLICY, NOON + hours(2))
        assert ["Keep"] == [type(each).__name__ for each in renew([a_promise(), other], BUYER, POLICY, NOON + hours(2))]

    def test_a_persons_before_ours(self) -> None:
        """Due together, it is the person's that goes on."""
        ours = a_promise(NOON + hours(1), id=f"{THREAD}/promise/a", said_by=OURS)
        assert ["小美", OURS] == [each.said_by for each in due([ours, a_promise()], BUYER, POLICY, NOON + hours(3))]

    def test_in_time_or_late(self) -> None:
        """The minute of the promise still counts."""
        promise = a_promise()
        assert PromiseState.KEPT is answered(promise, promise.due_at).state
        assert PromiseState.LATE is answered(promise, promise.due_at + minutes(1)).state


def policies() -> st.SearchStrategy[Policy]:
    """Hours that open and close anywhere in the day."""
    quiet = st.builds(QuietHours, st.integers(6, 11).map(time), st.integers(15, 23).map(time))
    promise = st.builds(
        PromisePolicy, st.integers(1, 180).map(lambda n: timedelta(minutes=n)), st.integers(1, 72).map(hours)
    )
    zone = st.sampled_from(["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"]).map(ZoneInfo)
    return st.builds(Policy, st.just(SHOP), zone, quiet=quiet, promise=promise)


@given(policies(), moments(2026, 2027), st.integers(1, 10_000))
def test_every_clock_is_polite(policy: Policy, made: datetime, ahead: int) -> None:
    """Whatever is promised when: the buyer hears in polite hours, never before it was promised, and a person knows
    before he does."""
    at = made
    promise = a_promise(at + timedelta(minutes=ahead), made_at=at)
    told, warned = told_at(promise, BUYER, policy), warned_at(promise, BUYER, policy)
    assert not is_quiet(told, policy.zone, policy.quiet)
    assert promise.made_at < warned < told


@given(policies(), moments(2026, 2027))
def test_the_next_time_is_polite_too(policy: Policy, now: datetime) -> None:
    """He is never told to wait for the night, nor for a time that is over."""
    at = now
    by = next_due([], BUYER, policy, at)
    assert (False, True) == (is_quiet(by, policy.zone, policy.quiet), by >= at)
