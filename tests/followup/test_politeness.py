"""Properties of politeness. The oracles here count in minutes of the local day, not as the production code does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from followup.model import Buyer, Chat, Decision, Instant, Role, Verdict
from followup.policy import Policy, QuietHours, ReviewMode, ReviewPolicy
from followup.politeness import Touch, is_quiet, judge, next_nudge, next_polite, zone_of
from followup.ports import Capabilities
from tests.followup.makers import NOON, POLICY, SHOP, a_buyer, a_chat, days, hours, minutes

ZONES = [ZoneInfo(name) for name in ("America/New_York", "Europe/Madrid", "Australia/Lord_Howe", "Asia/Shanghai")]
SHANGHAI = ZONES[3]
TICK = timedelta(microseconds=1)
OWN_WORDS = (Role.NUDGE, Role.NOTICE)

zones = st.sampled_from(ZONES)
instants = st.integers(0, 4 * 365 * 24 * 60).map(lambda minute: datetime(2024, 1, 1, tzinfo=UTC) + minutes(minute))
clock_changes = st.sampled_from(
    [
        datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York, an hour forward
        datetime(2026, 11, 1, 6, tzinfo=UTC),  # New York, back
        datetime(2026, 3, 29, 1, tzinfo=UTC),  # Madrid
        datetime(2026, 10, 25, 1, tzinfo=UTC),
        datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe, half an hour back
        datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    ]
)
moments = st.one_of(instants, st.builds(lambda at, by: at + minutes(by), clock_changes, st.integers(-2000, 2000)))


def opening(earliest: int, latest: int) -> st.SearchStrategy[time]:
    return st.builds(time, st.integers(earliest, latest), st.sampled_from([0, 15, 30, 45]))


@st.composite
def quiet_hours(draw: st.DrawFn, earliest: int = 4) -> QuietHours:
    """Hours that open after the night in which clocks change, and a few holidays in 2024 to 2028."""
    opens = draw(opening(earliest, 12))
    holidays = draw(st.frozensets(st.dates(date(2024, 1, 1), date(2028, 1, 5)), max_size=20))
    return QuietHours(opens, draw(opening(13, 23)), holidays)


def waits(now: Instant, zone: ZoneInfo, quiet: QuietHours) -> bool:
    """The oracle: minutes of the local day, and the calendar."""
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    opens, closes = (at.hour * 60 + at.minute for at in (quiet.opens, quiet.closes))
    return minute < opens or minute >= closes or local.date() in quiet.holidays


@pytest.mark.parametrize(
    ("local", "quiet"),
    [
        ("08:59:59.999999", True),
        ("09:00", False),
        ("20:29:59.999999", False),
        ("20:30", True),
        ("00:00", True),
        ("23:59", True),
    ],
)
def test_the_day_opens_at_nine_and_closes_at_half_past_eight(local: str, quiet: bool) -> None:
    """09:00 is polite, 20:30 is not."""
    now = datetime.combine(date(2026, 3, 5), time.fromisoformat(local), SHANGHAI)
    assert quiet == is_quiet(now, SHANGHAI, QuietHours())


@given(moments, zones, quiet_hours())
def test_quiet_is_told_by_the_local_clock_and_calendar(now: Instant, zone: ZoneInfo, quiet: QuietHours) -> None:
    """A moment is quiet before the hours, from their end on, and on the buyer's own holidays."""
    assert waits(now, zone, quiet) == is_quiet(now, zone, quiet)


@given(moments, zones, quiet_hours(earliest=0))
def test_the_next_polite_moment_is_polite_and_not_past(now: Instant, zone: ZoneInfo, quiet: QuietHours) -> None:
    """Whatever the hours, across every change of clocks: never before now, never quiet."""
    found = next_polite(now, zone, quiet)
    assert found >= now
    assert not waits(found, zone, quiet)


@given(moments, zones, quiet_hours())
@example(datetime(2026, 3, 8, 3, tzinfo=UTC), ZONES[0], QuietHours())
@example(datetime(2026, 11, 1, 3, tzinfo=UTC), ZONES[0], QuietHours())
@example(datetime(2026, 4, 4, 12, tzinfo=UTC), ZONES[2], QuietHours())
def test_the_next_polite_moment_is_the_first_one(now: Instant, zone: ZoneInfo, quiet: QuietHours) -> None:
    """Every moment from now until then is quiet: nobody waits longer than is polite."""
    found = next_polite(now, zone, quiet)
    assert found == now or waits(found - TICK, zone, quiet)
    step = max(minutes(7), (found - now) / 300)
    between = (now + step * n for n in range(int((found - now) / step)))
    assert all(waits(moment, zone, quiet) for moment in between if moment < found)


@pytest.mark.parametrize(
    ("zone", "night", "morning"),
    [
        ("America/New_York", "2026-03-07T21:00-05:00", "2026-03-08T09:00-04:00"),
        ("America/New_York", "2026-10-31T21:00-04:00", "2026-11-01T09:00-05:00"),
        ("Europe/Madrid", "2026-03-28T23:00+01:00", "2026-03-29T09:00+02:00"),
        ("Australia/Lord_Howe", "2026-04-04T22:00+11:00", "2026-04-05T09:00+10:30"),
        ("Asia/Shanghai", "2026-03-05T23:15+08:00", "2026-03-06T09:00+08:00"),
    ],
)
def test_nine_is_nine_after_the_clocks_changed(zone: str, night: str, morning: str) -> None:
    """What is held at night goes out at nine by the buyer's own clock, also in the nights when clocks change."""
    found = next_polite(datetime.fromisoformat(night), ZoneInfo(zone), QuietHours())
    assert datetime.fromisoformat(morning) == found


def test_a_holiday_is_skipped() -> None:
    """On a holiday nothing goes out all day."""
    eve = datetime(2026, 2, 16, 22, tzinfo=SHANGHAI)
    quiet = QuietHours(holidays=frozenset({date(2026, 2, 17), date(2026, 2, 18)}))
    assert datetime(2026, 2, 19, 9, tzinfo=SHANGHAI) == next_polite(eve, SHANGHAI, quiet)


@pytest.mark.parametrize(
    "quiet",
    [
        QuietHours(holidays=frozenset(date(2026, 1, 1) + days(n) for n in range(800))),
        QuietHours(opens=time(20, 0), closes=time(9, 0)),
    ],
    ids=["two years of holidays", "hours turned round"],
)
def test_a_year_without_a_polite_moment_is_an_error(quiet: QuietHours) -> None:
    """Hours that leave nothing are told, not waited for."""
    with pytest.raises(ValueError, match="whole year"):
        next_polite(NOON, SHANGHAI, quiet)


roles = st.sampled_from([Role.NUDGE, Role.NOTICE, Role.REPLY])
spans = st.integers(0, 72 * 60).map(minutes)
buyers = st.builds(
    lambda zone, nudged, out, benefit: a_buyer(
        zone=zone.key,
        nudged_at=nudged and NOON - nudged,
        opted_out_at=out and NOON - out,
        benefit_at=benefit and NOON - benefit,
    ),
    zones,
    st.none() | st.integers(1, 48 * 60).map(minutes),
    st.sampled_from([None, None, None, days(1)]),
    st.sampled_from([None, None, None, days(1)]),
)
touches = st.builds(
    lambda role, acted, expires, settled, review: Touch(
        role, NOON - acted, None if expires is None else NOON + expires - hours(2), settled, review
    ),
    roles,
    spans,
    st.none() | spans,
    st.sampled_from(["", "", "", "paid"]),
    st.booleans(),
)
times_of_day = st.integers(0, 24 * 60 - 1).map(lambda minute: NOON + minutes(minute))


@given(touches, buyers, times_of_day)
def test_a_hold_passes_when_it_is_judged_again(touch: Touch, buyer: Buyer, now: Instant) -> None:
    """With nothing changed in between, what was held goes out at its `retry_at`, which is later than now."""
    held = judge(touch, buyer, a_chat(), POLICY, now)
    if held.retry_at is None:
        return
    assert held.retry_at > now
    assert Verdict.SENT == judge(touch, buyer, a_chat(), POLICY, held.retry_at).verdict


@given(touches, buyers, times_of_day)
def test_only_quiet_hours_and_the_cap_hold(touch: Touch, buyer: Buyer, now: Instant) -> None:
    """Waiting is offered for these two alone; every other no is final, every yes needs no waiting."""
    decision = judge(touch, buyer, a_chat(), POLICY, now)
    assert (decision.verdict in (Verdict.QUIET_HOURS, Verdict.CAPPED)) == (decision.retry_at is not None)


@given(touches, buyers, times_of_day)
def test_what_expires_is_never_held_beyond_its_time(touch: Touch, buyer: Buyer, now: Instant) -> None:
    """A hold that would end too late is an expiry at once, and nothing expired is sent."""
    decision = judge(touch, buyer, a_chat(), POLICY, now)
    expires = touch.expires_at or datetime.max.replace(tzinfo=UTC)
    assert decision.retry_at is None or decision.retry_at < expires
    assert decision.verdict is not Verdict.SENT or now < expires


@given(touches, buyers, times_of_day)
def test_every_decision_names_its_reasons(touch: Touch, buyer: Buyer, now: Instant) -> None:
    """A message is sent if and only if all its checks passed, and the verdict is the name of one that did not."""
    decision = judge(touch, buyer, a_chat(), POLICY, now)
    failed = [reason.check for reason in decision.reasons if not reason.passed]
    assert (decision.verdict is Verdict.SENT) == (not failed)
    assert decision.verdict is Verdict.SENT or decision.verdict.value in failed


@given(buyers, times_of_day)
def test_the_cap_counts_24_hours_from_the_last_nudge(buyer: Buyer, now: Instant) -> None:
    """A nudge never follows another within 24 hours, whatever else is true."""
    decision = judge(Touch(Role.NUDGE), buyer, a_chat(), POLICY, now)
    if decision.verdict is Verdict.SENT and buyer.nudged_at is not None:
        assert now - buyer.nudged_at >= hours(24)


@given(buyers, times_of_day)
def test_next_nudge_is_when_a_nudge_would_go(buyer: Buyer, now: Instant) -> None:
    """The promised moment is kept: a nudge judged then is sent, and one judged now is held until exactly then."""
    free = Buyer(SHOP, buyer.id, zone=buyer.zone, nudged_at=buyer.nudged_at)
    promised = next_nudge(now, free, POLICY)
    assert Verdict.SENT == judge(Touch(Role.NUDGE), free, a_chat(), POLICY, promised).verdict
    assert promised == (judge(Touch(Role.NUDGE), free, a_chat(), POLICY, now).retry_at or now)


CAPPED = {"nudged_at": NOON - hours(24) + TICK, "nudged_by": "shop/1000/unpaid_order/unpaid.help"}


def verdict(touch: Touch, now: Instant = NOON, policy: Policy = POLICY, chat: Chat | None = None, **buyer: object):
    return judge(touch, a_buyer(**buyer), chat or a_chat(), policy, now)


def test_the_cap_ends_exactly_after_24_hours() -> None:
    """A microsecond before, a nudge is held; at 24 hours it goes."""
    held = verdict(Touch(Role.NUDGE), **CAPPED)
    assert (Verdict.CAPPED, NOON + TICK) == (held.verdict, held.retry_at)
    assert Verdict.SENT == verdict(Touch(Role.NUDGE), nudged_at=NOON - hours(24)).verdict


@pytest.mark.parametrize("role", [Role.NOTICE, Role.REPLY])
def test_only_nudges_are_capped(role: Role) -> None:
    """A notice or a reply goes out however lately the buyer was nudged."""
    assert Verdict.SENT == verdict(Touch(role), **CAPPED).verdict


def test_a_cap_that_ends_at_night_is_held_until_morning() -> None:
    """The retry of a capped nudge is polite as well."""
    nudged = datetime(2026, 3, 4, 20, 29, tzinfo=SHANGHAI).astimezone(UTC)
    held = verdict(Touch(Role.NUDGE), nudged_at=nudged + minutes(30))
    assert datetime(2026, 3, 6, 9, tzinfo=SHANGHAI) == held.retry_at


NIGHT = datetime(2026, 3, 5, 23, 0, tzinfo=SHANGHAI).astimezone(UTC)
MORNING = datetime(2026, 3, 6, 9, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize("role", OWN_WORDS)
def test_our_own_words_wait_for_the_morning(role: Role) -> None:
    """At night nudges and notices are held until nine."""
    held = verdict(Touch(role), NIGHT)
    assert (Verdict.QUIET_HOURS, MORNING) == (held.verdict, held.retry_at)


def test_a_reply_goes_at_any_hour() -> None:
    """Who writes at night is answered at night, capped or not."""
    assert Verdict.SENT == verdict(Touch(Role.REPLY), NIGHT, **CAPPED).verdict


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (minutes(0), Verdict.SENT),
        (minutes(10), Verdict.SENT),
        (minutes(10) + TICK, Verdict.QUIET_HOURS),
        (-TICK, Verdict.QUIET_HOURS),
    ],
)
def test_an_acknowledgement_within_ten_minutes_is_a_reply(ago: timedelta, expected: Verdict) -> None:
    """Ten minutes after the buyer's own act a notice ignores quiet hours; later, or before the act, it does not."""
    assert expected == verdict(Touch(Role.NOTICE, acted_at=NIGHT - ago), NIGHT).verdict


def test_a_nudge_is_never_an_acknowledgement() -> None:
    """However lately the buyer acted, a nudge waits for the morning."""
    assert Verdict.QUIET_HOURS == verdict(Touch(Role.NUDGE, acted_at=NIGHT), NIGHT).verdict


@pytest.mark.parametrize("role", [Role.NUDGE, Role.NOTICE, Role.REPLY, Role.ALERT])
@pytest.mark.parametrize("now", [NOON, NIGHT])
def test_who_opted_out_gets_nothing(role: Role, now: Instant) -> None:
    """After an opt-out no role and no hour lets a message pass, for good."""
    decision = verdict(Touch(role, acted_at=now), now, opted_out_at=NOON - days(1))
    assert (Verdict.OPTED_OUT, None) == (decision.verdict, decision.retry_at)


def test_the_review_firewall_holds_for_good() -> None:
    """After a benefit nothing about a review passes, while everything else does."""
    benefit = {"benefit_at": NOON - days(300)}
    about = verdict(Touch(Role.NUDGE, about_review=True), **benefit)
    assert (Verdict.FIREWALL, None) == (about.verdict, about.retry_at)
    assert Verdict.SENT == verdict(Touch(Role.NUDGE), **benefit).verdict


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (ReviewMode.NEVER, Verdict.FIREWALL),
        (ReviewMode.INFORM_ONLY, Verdict.SENT),
        (ReviewMode.ASK, Verdict.SENT),
    ],
)
def test_a_marketplace_that_forbids_it_is_obeyed(mode: ReviewMode, expected: Verdict) -> None:
    """With mode never no review is mentioned, whoever confirmed what."""
    policy = Policy(SHOP, review=ReviewPolicy(mode))
    assert expected == verdict(Touch(Role.NUDGE, about_review=True), policy=policy).verdict


def test_an_expiry_wins_over_a_hold() -> None:
    """What could be said only after it expired has expired now; the reasons tell the moment that was too late."""
    closes = datetime(2026, 3, 6, 8, 0, tzinfo=SHANGHAI)
    decision = verdict(Touch(Role.NUDGE, expires_at=closes), NIGHT)
    assert (Verdict.EXPIRED, None) == (decision.verdict, decision.retry_at)
    assert ("next_moment", MORNING.astimezone(UTC).isoformat()) == decision.reasons[-1].facts[0]


def test_what_expires_at_the_very_moment_is_too_late() -> None:
    """`expires_at` is the first moment at which a message is worthless."""
    assert Verdict.EXPIRED == verdict(Touch(Role.REPLY, expires_at=NOON)).verdict
    assert Verdict.SENT == verdict(Touch(Role.REPLY, expires_at=NOON + TICK)).verdict


def test_a_closed_window_is_closed() -> None:
    """A channel with a window takes nothing after it, and nothing from a buyer who never wrote."""
    can, touch = Capabilities(window=hours(48)), Touch(Role.NUDGE)
    open_, over = (a_chat(last_in_at=NOON - ago) for ago in (hours(48) - TICK, hours(48)))
    found = [judge(touch, a_buyer(), chat, POLICY, NOON, can).verdict for chat in (open_, over, a_chat())]
    assert [Verdict.SENT, Verdict.WINDOW_CLOSED, Verdict.WINDOW_CLOSED] == found


def test_a_chat_that_refuses_us_is_left_alone() -> None:
    """An unreachable chat stays so until the buyer writes."""
    assert Verdict.UNREACHABLE == verdict(Touch(Role.NUDGE), chat=a_chat(unreachable_at=NOON)).verdict


def everything_wrong(without: int) -> Decision:
    """A touch with which all is wrong but the first `without` things, in the order of the checks."""
    wrong = [n >= without for n in range(9)]
    touch = Touch(
        Role.NUDGE,
        settled="paid" if wrong[0] else "",
        about_review=True,
        expires_at=NIGHT if wrong[3] else None,
    )
    buyer = a_buyer(
        opted_out_at=NOON if wrong[1] else None,
        benefit_at=NOON if wrong[2] else None,
        nudged_at=NIGHT - hours(1) if wrong[8] else None,
    )
    chat = a_chat(unreachable_at=NOON if wrong[4] else None)
    can = Capabilities(window=hours(48) if wrong[5] else None, quota=1 if wrong[6] else None)
    return judge(touch, buyer, chat, POLICY, NIGHT if wrong[7] else MORNING, can)


def test_the_order_of_the_checks() -> None:
    """When several things are wrong the verdict is the one that matters most; all of them are in the reasons."""
    order = [
        Verdict.SETTLED,
        Verdict.OPTED_OUT,
        Verdict.FIREWALL,
        Verdict.EXPIRED,
        Verdict.UNREACHABLE,
        Verdict.WINDOW_CLOSED,
        Verdict.QUOTA_USED,
        Verdict.QUIET_HOURS,
        Verdict.CAPPED,
    ]
    assert [*order, Verdict.SENT] == [everything_wrong(without).verdict for without in range(10)]
    assert order == [reason.check for reason in everything_wrong(0).reasons]
    assert not any(reason.passed for reason in everything_wrong(0).reasons)


def test_the_buyers_zone_wins_over_the_shops() -> None:
    """Quiet hours are those of the buyer; only an unknown zone is the shop's."""
    assert ["Europe/Madrid", "Asia/Shanghai"] == [
        zone_of(a_buyer(zone=zone), POLICY).key for zone in ("Europe/Madrid", "")
    ]
