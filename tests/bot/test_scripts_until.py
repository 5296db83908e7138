"""Until when words of the shop's own are said, as a person types it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.scripts_until import until_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "over"),
    [
        ("2026-11-11", "2026-11-11T16:00:00+00:00"),
        ("2026-11-11T20:00", "2026-11-11T12:00:00+00:00"),
        ("2026-11-11T20:00+01:00", "2026-11-11T19:00:00+00:00"),
        ("2026-11-01", "2026-11-01T16:00:00+00:00"),
    ],
)
def test_a_day_is_meant_to_its_end(written: str, over: str) -> None:
    """On the shop's clock; a moment is that moment; today is still to come."""
    until = until_of(written, SHANGHAI, NOW)
    assert until is not None
    assert over == until.astimezone(UTC).isoformat()


def test_nothing_is_for_good() -> None:
    """No day, no end."""
    assert until_of("", SHANGHAI, NOW) is None


@pytest.mark.parametrize(("written", "why"), [("2026-10-31", "is over already"), ("tomorrow", "expected the last day")])
def test_a_mistake_is_one_sentence(written: str, why: str) -> None:
    """What has passed, and what is no day."""
    with pytest.raises(ValueError, match=why):
        until_of(written, SHANGHAI, NOW)
