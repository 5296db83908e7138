"""What the page of a thread says of a clock: in the words of the page of today."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.console.desk import Visit
from bot.console.pages.thread_todo import clock_told
from followup.desk.deadlines import ClockState, Deadline, Due
from followup.desk.people import Person

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
CLOCK = Deadline("t/first_reply@1", "t", "tea", Due.FIRST_REPLY, NOW, NOW, NOW, None)


@pytest.mark.parametrize(
    ("left", "en", "zh"),
    [
        (timedelta(days=1, hours=23, minutes=44), "1 day left", "还有 1 天"),
        (timedelta(minutes=10, seconds=58), "11 minutes left", "还有 11 分钟"),
        (timedelta(seconds=119), "119 seconds left", "还有 119 秒"),
        (timedelta(0), "late by 1 minute", "已超时 1 分钟"),
        (-timedelta(minutes=39), "late by 39 minutes", "已超时 39 分钟"),
    ],
)
def test_what_is_left_reads_like_no_time_of_day(left: timedelta, en: str, zh: str) -> None:
    """By days, hours or minutes; by the second only in the last two minutes."""
    clock = replace(CLOCK, due_at=NOW + left)
    assert [en, zh] == [clock_told(clock, Visit(Person("li"), lang), NOW) for lang in ("en", "zh-CN")]


def test_a_clock_that_stands_still() -> None:
    """It says what will be left of it."""
    clock = replace(CLOCK, state=ClockState.PAUSED, left=90 * 60 * 1_000_000)
    assert "paused, waits for the buyer (1 hour left)" == clock_told(clock, Visit(Person("li"), "en"), NOW)
