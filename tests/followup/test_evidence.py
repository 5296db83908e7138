"""What becomes of a file, try by try."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.evidence import PAUSES, Evidence, EvidenceState, Stored, Tried, Why, after, why_not
from followup.model import Media
from tests.followup.makers import NOON, SHOP, days, minutes

PHOTO = Evidence("e1", "shop/1001/after_sales", SHOP, "shop/fake/lin", "fake", "m1", NOON, Media.PHOTO, "F1")
STORED = Stored("shop/x/1.jpg", "ab" * 32, 1234, "image/jpeg")


def test_what_was_fetched_is_kept() -> None:
    """With its place, its digest, its size and the type that its bytes have."""
    kept = after(replace(PHOTO, error="NotYet: away", mime="image/png"), Tried("e1", NOON, STORED))
    assert (EvidenceState.KEPT, "shop/x/1.jpg", "ab" * 32, 1234) == (kept.state, kept.path, kept.sha256, kept.size)
    assert ("image/jpeg", "", 1, None) == (kept.mime, kept.error, kept.tries, why_not(kept))


@pytest.mark.parametrize(
    ("why", "state"),
    [
        (Why.TOO_LARGE, EvidenceState.REFUSED),
        (Why.WRONG_TYPE, EvidenceState.REFUSED),
        (Why.TOO_MANY, EvidenceState.REFUSED),
        (Why.GONE, EvidenceState.LOST),
    ],
)
@pytest.mark.parametrize("error", ["", "21000000 bytes", "a: colon"])
def test_what_may_not_be_kept_says_why(why: Why, state: EvidenceState, error: str) -> None:
    """Refused by us or gone from the channel, and the cause can be read from the row again."""
    ended = after(PHOTO, Tried("e1", NOON, why=why, error=error))
    assert (state, why) == (ended.state, why_not(ended))


def test_a_channel_that_is_away_is_asked_again_at_growing_pauses() -> None:
    """For a week in all; then the file is lost."""
    one, now, pauses = PHOTO, NOON, []
    while one.state is EvidenceState.WANTED:
        one = after(one, Tried("e1", now, error="NotYet: away"))
        if one.retry_at is not None:
            pauses.append(one.retry_at - now)
            now = one.retry_at
    assert list(PAUSES) == pauses == sorted(pauses)
    assert pauses[0] < minutes(1)
    assert days(6) < now - NOON < days(8)
    assert (EvidenceState.LOST, Why.NO_ANSWER) == (one.state, why_not(one))


@given(st.lists(st.sampled_from([None, *Why]), max_size=20))
def test_every_row_ends_or_is_tried_again(whys: list[Why | None]) -> None:
    """Whatever comes of the tries, a row is never wanted without a time to try it at."""
    one = PHOTO
    for why in whys:
        if one.state is EvidenceState.WANTED:
            one = after(one, Tried("e1", NOON, why=why))
            assert (one.state is EvidenceState.WANTED) == (one.retry_at is not None) == (why_not(one) is None)


def test_a_channel_is_asked_for_what_it_said() -> None:
    """The attachment of a row is that of the message."""
    asked = replace(PHOTO, name="a.jpg", mime="image/jpeg", told_size=7).attachment
    assert (Media.PHOTO, "F1", "a.jpg", "image/jpeg", 7) == (
        asked.media,
        asked.ref,
        asked.name,
        asked.mime,
        asked.size,
    )
