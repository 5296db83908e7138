"""Who writes when nobody is there is told once, from when on somebody is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from followup.decide import decide_message, decide_stranger
from followup.desk.away import back_at, was_told_away
from followup.desk.hours import Hours
from followup.effects import Say
from followup.model import Instant
from followup.understood import Intent
from tests.followup.makers import NOON, POLICY, a_buyer, a_case, a_chat, a_message, heard, hours

NIGHT = NOON + hours(11)  # 23:00; the shop closed at 21:00 and opens at 09:00
OPENS = NOON + hours(21)


def said(
    acknowledged: Instant | None, now: Instant = NIGHT, intent: Intent = Intent.OTHER, zone: str = ""
) -> list[Say]:
    chat = a_chat(acknowledged_at=acknowledged)
    effects = decide_stranger(a_buyer(zone=zone), chat, a_message(), heard(intent), POLICY, now)
    return [effect for effect in effects if isinstance(effect, Say)]


@pytest.mark.parametrize(("now", "expected"), [(NOON, None), (NIGHT, OPENS), (OPENS, None)])
def test_when_somebody_is_back(now: Instant, expected: Instant | None) -> None:
    """Nobody needs to be told while somebody is there."""
    assert expected == back_at(POLICY, now)


def test_a_shop_that_never_opens_says_nothing_of_it() -> None:
    """There is no time to name."""
    assert back_at(replace(POLICY, hours=Hours(())), NOON) is None


@pytest.mark.parametrize("intent", [Intent.OTHER, Intent.HUMAN])
def test_the_time_is_named_on_his_own_clock(intent: Intent) -> None:
    """Nine in Shanghai is two in the morning in Madrid."""
    (say,) = said(None, intent=intent, zone="Europe/Madrid")
    assert ("reply.away", "02:00") == (say.script, f"{say.facts['opens']:%H:%M}")


@pytest.mark.parametrize(
    ("acknowledged", "expected"),
    [(NOON, ["reply.away"]), (NOON + hours(9), []), (NIGHT - timedelta(minutes=5), [])],
)
def test_once_in_a_closed_period(acknowledged: Instant, expected: list[str]) -> None:
    """What he was told in the day does not count: then somebody was there."""
    assert expected == [say.script for say in said(acknowledged)]


def test_once_over_a_long_weekend() -> None:
    """Told on Friday night he is not told again on Sunday, but on Monday night he is."""
    friday = datetime(2026, 3, 6, 14, 0, tzinfo=UTC)
    office = replace(POLICY, hours=Hours((replace(POLICY.hours.shifts[0], days=frozenset(range(5))),)))
    chat = a_chat(acknowledged_at=friday)
    told = [was_told_away(chat, office, friday + timedelta(days=later)) for later in (1, 2, 3)]
    assert [True, True, False] == told


def test_in_a_thread_too() -> None:
    """Whatever is followed up."""
    effects = decide_message(a_case("unpaid_order"), a_message(), heard(Intent.OTHER), POLICY, NIGHT)
    assert ["reply.away"] == [effect.script for effect in effects if isinstance(effect, Say)]
