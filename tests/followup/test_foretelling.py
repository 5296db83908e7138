from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from followup.foretelling import Foretold, Planned, foretell
from followup.model import Buyer, Chat, Instant, Role, Verdict
from followup.policy import Policy
from followup.politeness import Touch, is_quiet
from followup.ports import Capabilities
from followup.reach import Way

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # in Shanghai
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BUYER, POLICY = Buyer("s", "b1"), Policy("s")
CHAT = Chat("s/c/b1", "s", "b1", "c", "b1", last_in_at=NOON)
NUDGE, NOTICE = Touch(Role.NUDGE), Touch(Role.NOTICE)


def touch(id_: str, due: Instant, touch: Touch = NUDGE, can: Capabilities | None = None, **more: int) -> Planned:
    return Planned(id_, touch, (Way(CHAT, can or Capabilities()),), due, **more)


def told(*planned: Planned, buyer: Buyer = BUYER, now: Instant = NOON) -> dict[str, Foretold]:
    return foretell(buyer, planned, POLICY, now)


def test_what_is_polite_goes_when_it_is_due() -> None:
    """Nothing stands in its way."""
    found = told(touch("a", NOON + HOUR))["a"]
    assert (NOON + HOUR, Verdict.SENT) == (found.at, found.decision.verdict)


def test_what_is_overdue_goes_now() -> None:
    """Not in the past."""
    assert NOON == told(touch("a", NOON - HOUR))["a"].at


def test_at_night_it_waits_for_the_morning() -> None:
    """Planned for eleven in the evening it goes at nine, and says why."""
    found = told(touch("a", NOON + 11 * HOUR))["a"]
    assert (NOON + 21 * HOUR, Verdict.QUIET_HOURS) == (found.at, found.decision.verdict)


def test_the_second_nudge_of_a_day_waits_for_the_cap() -> None:
    """It is counted from when the first really goes."""
    found = told(touch("a", NOON + HOUR), touch("b", NOON + 2 * HOUR))
    assert (NOON + HOUR, NOON + HOUR + DAY) == (found["a"].at, found["b"].at)
    assert Verdict.CAPPED is found["b"].decision.verdict


def test_a_nudge_before_counts_too() -> None:
    """What the buyer had this morning keeps back what is planned for the afternoon."""
    nudged = replace(BUYER, nudged_at=NOON - HOUR, nudged_by="x")
    assert NOON - HOUR + DAY == told(touch("a", NOON), buyer=nudged)["a"].at


def test_a_notice_waits_for_no_cap() -> None:
    """Only nudges count and are counted."""
    found = told(touch("a", NOON), touch("b", NOON + HOUR, NOTICE))
    assert NOON + HOUR == found["b"].at


def test_the_most_urgent_of_those_due_together_goes_first() -> None:
    """As when the program takes them: by the urgency of their kind, then by how often the thread has spoken."""
    found = told(touch("a", NOON, priority=30), touch("b", NOON, priority=10, said=1), touch("c", NOON, priority=10))
    assert ["c", "b", "a"] == sorted(found, key=lambda id_: found[id_].at or NOON - DAY)


def test_what_would_come_too_late_does_not_go() -> None:
    """It expires before the morning."""
    late = Touch(Role.NUDGE, expires_at=NOON + 12 * HOUR)
    found = told(touch("a", NOON + 11 * HOUR, late))["a"]
    assert (None, Verdict.EXPIRED) == (found.at, found.decision.verdict)


def test_who_wants_no_more_gets_no_more() -> None:
    """And whoever waits for the buyer has no time of its own."""
    stopped = replace(BUYER, opted_out_at=NOON)
    assert Verdict.OPTED_OUT is told(touch("a", NOON), buyer=stopped)["a"].decision.verdict
    away = Planned("b", NOTICE, (Way(replace(CHAT, address="")),), NOON)
    assert (None, Verdict.UNREACHABLE) == (told(away)["b"].at, told(away)["b"].decision.verdict)


def test_the_quota_of_a_chat_is_used_up_by_what_goes_before() -> None:
    """One of two is left over beside the one kept back."""
    can = Capabilities(quota=2)
    found = told(touch("a", NOON, NOTICE, can), touch("b", NOON + HOUR, NOTICE, can))
    assert (Verdict.SENT, Verdict.QUOTA_USED) == (found["a"].decision.verdict, found["b"].decision.verdict)


@given(st.lists(st.integers(0, 200), max_size=8), st.integers(0, 23))
def test_no_two_nudges_go_within_the_cap_or_at_night(hours: list[int], begins: int) -> None:
    """However they are planned: each goes once, at a polite moment, not before it is due, a day apart."""
    now = NOON + begins * HOUR
    found = told(*(touch(str(n), NOON + hour * HOUR) for n, hour in enumerate(hours)), now=now)
    times = sorted(each.at for each in found.values() if each.at is not None)
    assert len(hours) == len(times)
    assert all(later - earlier >= POLICY.nudge_every for earlier, later in pairwise(times))
    assert not any(is_quiet(at, POLICY.zone, POLICY.quiet) for at in times)
    assert all((found[str(n)].at or now) >= max(NOON + hour * HOUR, now) for n, hour in enumerate(hours))
