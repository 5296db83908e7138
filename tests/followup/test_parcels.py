from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from followup.model import Facts, Parcel, ParcelStatus
from followup.parcels import asked_for, parcel_words, stuck_at
from followup.policy import StuckParcelPolicy
from tests.followup.makers import NOON, an_order, hours

POLICY = StuckParcelPolicy()
SHANGHAI = ZoneInfo("Asia/Shanghai")


def a_parcel(id_: str = "YT100200", at: datetime = NOON, **more: Any) -> Parcel:
    parcel = Parcel("shop", id_, "1001", ParcelStatus.ON_ITS_WAY, at, at, "圆通", at, "杭州")
    return replace(parcel, **more)


def facts(*parcels: Parcel) -> Facts:
    return Facts(an_order(), parcels=parcels)


def test_of_several_the_one_that_is_still_coming_is_asked_for() -> None:
    """The first is there already, the second was seen last, the third is a return."""
    there = a_parcel("YT000001", NOON + hours(9), status=ParcelStatus.SIGNED)
    back = a_parcel("YT000003", NOON + hours(9), back=True)
    coming = a_parcel("YT000002", NOON + hours(1))
    assert coming == asked_for(facts(there, a_parcel("YT000004"), coming, back))
    assert there == asked_for(facts(there, back))
    assert None is asked_for(facts(back))


def test_the_words_of_a_parcel_are_on_the_buyer_s_clock() -> None:
    """Noon in Shanghai."""
    words = parcel_words(facts(a_parcel()), SHANGHAI)
    moved_at = words.pop("moved_at")
    assert {"courier": "圆通", "number": "YT100200", "place": "杭州"} == words
    assert isinstance(moved_at, datetime)
    assert ("12:00", "+0800") == (f"{moved_at:%H:%M}", f"{moved_at:%z}")


def test_of_no_parcel_there_is_nothing_to_say() -> None:
    """All empty, so that a script can leave it out."""
    assert {"courier": "", "number": "", "place": "", "moved_at": None} == parcel_words(facts(), SHANGHAI)


@pytest.mark.parametrize(
    ("status", "after"),
    [
        (ParcelStatus.ON_ITS_WAY, 72),
        (ParcelStatus.AT_THE_DOOR, 72),
        (ParcelStatus.TROUBLE, 0),
        (ParcelStatus.LOST, 0),
        (ParcelStatus.ANNOUNCED, None),
        (ParcelStatus.SIGNED, None),
        (ParcelStatus.REFUSED, None),
        (ParcelStatus.RETURNED, None),
    ],
)
def test_from_when_on_somebody_has_to_look_after_it(status: ParcelStatus, after: float | None) -> None:
    """At once in trouble, after three days of stillness, never where its way has ended or nobody told of it."""
    expected = None if after is None else NOON + hours(after)
    assert expected == stuck_at(a_parcel(status=status), POLICY)


def test_what_nobody_saw_counts_from_shipping_and_a_return_never() -> None:
    """Rule 30 starts with the dispatch."""
    unseen = a_parcel(moved_at=None, shipped_at=NOON - hours(24))
    assert (NOON + hours(48), None) == (stuck_at(unseen, POLICY), stuck_at(a_parcel(back=True), POLICY))
