"""Short codes for tasks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.desk.codes import ALPHABET, Unclear, code_of, meant

PASTE = "paste/tea/o1/unpaid_order/unpaid.help"
OTHER = "tea/o2/pending_refund/buyer_message/manual/17"


@given(st.text())
def test_a_code_is_short_and_easy_to_read(id_: str) -> None:
    """Five characters without 0, 1, i, l and o, the same every time."""
    code = code_of(id_)
    assert (len(code), set(code) <= set(ALPHABET), code) == (5, True, code_of(id_))


def test_codes_hardly_ever_meet() -> None:
    """Of ten thousand tasks nearly all have a code of their own."""
    assert len({code_of(f"paste/tea/o{number}/unpaid_order/unpaid.help") for number in range(10_000)}) > 9_990


@pytest.mark.parametrize(
    "given_", [PASTE, code_of(PASTE), code_of(PASTE).upper(), "unpaid.help", "o1/unpaid_order/unpaid.help"]
)
def test_a_task_is_meant_by_code_by_id_or_by_its_end(given_: str) -> None:
    """Whichever is at hand."""
    assert meant(given_, [OTHER, PASTE]) == PASTE


@pytest.mark.parametrize("given_", ["", "help", "d.help", "zzzzz", "tea", "/unpaid.help"])
def test_half_a_word_means_nothing(given_: str) -> None:
    """A slip of the finger must not answer somebody else's task."""
    with pytest.raises(Unclear, match="there is no open task"):
        meant(given_, [OTHER, PASTE])


def test_what_may_mean_two_is_asked_back() -> None:
    """With both named."""
    twin = "paste/tea/o2/unpaid_order/unpaid.help"
    with pytest.raises(Unclear, match=f"'unpaid.help' may be any of {PASTE}, {twin}: give more of the id"):
        meant("unpaid.help", [PASTE, twin])
