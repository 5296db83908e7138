from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.orders.cells import Unreadable
from bot.orders.times import Times

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = datetime.fromisoformat("2000-01-02"), datetime.fromisoformat("2099-12-30")


@pytest.mark.parametrize(
    "text",
    [
        "2020-02-20 23:59:35",
        "2020/2/20 23:59:35",
        "2020年2月20日 23:59:35",
        "2020-02-20T23:59:35",
        "2020-02-20T15:59:35Z",
        "2020-02-20 23:59:35+08:00",
        "\t2020-02-20 23:59:35 ",
        '="2020-02-20 23:59:35"',
        "43881.99971",
    ],
)
def test_every_form_of_a_local_time_is_the_same_instant(text: str) -> None:
    """Written times, serial numbers and times with a zone give one UTC instant."""
    assert datetime(2020, 2, 20, 15, 59, 35, tzinfo=UTC) == Times(SHANGHAI).required(text)


@pytest.mark.parametrize("text", ["2020-02-20 23:59", "2020/2/20 23:59"])
def test_seconds_may_be_missing(text: str) -> None:
    """A time to the minute is a time."""
    assert datetime(2020, 2, 20, 15, 59, tzinfo=UTC) == Times(SHANGHAI).required(text)


def test_a_date_alone_is_its_midnight() -> None:
    """A day without a time begins at local midnight."""
    assert datetime(2020, 2, 19, 16, tzinfo=UTC) == Times(SHANGHAI).required("2020-02-20")


@pytest.mark.parametrize(
    "text",
    [
        "昨天",
        "2020-02-30 10:00:00",
        "2020-02-20 24:00:00",
        "1970-01-01 08:00:00",
        "0001-01-01 00:00:00",
        "-",
        "12",
        "9",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """Impossible times and years of no order are refused with an example of a good one."""
    with pytest.raises(Unreadable, match="a time such as"):
        Times(SHANGHAI).required(text)


@pytest.mark.parametrize("text", ["", "-", "null", "0000-00-00 00:00:00"])
def test_an_empty_time_is_none(text: str) -> None:
    """Where a time may be missing, every empty cell is None."""
    assert None is Times(SHANGHAI).if_any(text)


def test_days_on_which_the_clocks_change_are_exact() -> None:
    """Before and after the hour that is skipped, the offset is the one of that moment."""
    times = Times(BERLIN)
    assert datetime(2026, 3, 29, 0, 30, tzinfo=UTC) == times.required("2026-03-29 01:30:00")
    assert datetime(2026, 3, 29, 1, 30, tzinfo=UTC) == times.required("2026-03-29 03:30:00")


@given(
    st.datetimes(FIRST, LAST).map(lambda when: when.replace(microsecond=0)),
    st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/New_York")]),
)
def test_the_fast_path_agrees_with_the_time_zone_database(local: datetime, zone: ZoneInfo) -> None:
    """Whatever the day and zone, the instant is the one that zoneinfo gives."""
    assert local.replace(tzinfo=zone).astimezone(UTC) == Times(zone).required(f"{local:%Y-%m-%d %H:%M:%S}")
