"""What may be assumed, and how it is written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.simulate_assume import Assumptions, BadAssumption, parse, span


def test_both_hours() -> None:
    """Both spans are read, and kept in the words they were told in."""
    told = {"refund_requested": "24h", "refund_settled": "4d"}
    expected = Assumptions(timedelta(hours=24), timedelta(days=4), told)
    assert expected == parse("refund_requested=24h, refund_settled=4d")


def test_nothing() -> None:
    """No text assumes nothing."""
    assert Assumptions() == parse("")


@pytest.mark.parametrize(
    ("text", "expected"), [("90m", timedelta(minutes=90)), ("24h", timedelta(days=1)), ("4d", timedelta(days=4))]
)
def test_spans(text: str, expected: timedelta) -> None:
    """Minutes, hours and days have their letters."""
    assert expected == span(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("refund=24h", "'refund' is unknown"),
        ("refund_requested", "'' is no length of time"),
        ("refund_requested=24", "'24' is no length of time"),
        ("refund_requested=-2h", "'-2h' is no length of time"),
        ("refund_requested=2h,refund_settled=1h", "before it is requested"),
    ],
)
def test_mistakes_are_named(text: str, what: str) -> None:
    """What cannot be read is quoted in the message."""
    with pytest.raises(BadAssumption, match=what):
        parse(text)
