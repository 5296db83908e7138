"""Signs of malice are advice with evidence; honest buyers show none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from followup.causes import Cause
from followup.reviews.malice import Sign, likeliest_cause, signs
from followup.reviews.read import Found, Malice, Read, Record, Said

HONEST = Record(paid=1, reviews=1, bad=1)
BROKEN = Read((Found(Cause.PRODUCT, ("broke",)),))


def test_a_new_buyer_who_never_wrote_is_no_suspect() -> None:
    """One order, one bad review, not a word before: that is how most honest complaints look."""
    assert () == signs(BROKEN, HONEST)


def test_every_sign_names_its_evidence() -> None:
    """What he wrote in chat is quoted, and the weak signs stand beside the strong one."""
    record = Record(1, 1, 1, Said(0, ((Malice.EXTORTION, "refund me or one star"),)))
    assert (
        Sign("extortion", "refund me or one star"),
        Sign("thin_account", "1", strong=False),
        Sign("silent_order", "0", strong=False),
    ) == signs(BROKEN, record)


def test_the_same_kind_is_told_once() -> None:
    """The review and the chat say the same: one sign, with the first words."""
    read = Read(hints=((Malice.HAGGLING, "first"),))
    record = Record(5, 1, 1, Said(3, ((Malice.HAGGLING, "second"),)))
    assert (Sign("haggling", "first"),) == signs(read, record)


def test_habit_needs_many_and_most() -> None:
    """Three bad reviews of four are a habit, three of ten are bad luck, two of two are too few."""
    habit = [signs(Read(), Record(9, reviews, bad, Said(1))) for reviews, bad in ((4, 3), (10, 3), (2, 2))]
    assert [(Sign("habitual", "3/4"),), (), ()] == habit


def test_a_fault_that_is_named_comes_before_suspicion() -> None:
    """Even a suspect may have got a broken cup: the shop looks at that first."""
    found = (Sign("extortion", "…"),)
    assert [Cause.PRODUCT, Cause.MALICIOUS, Cause.UNKNOWN] == [
        likeliest_cause(BROKEN, found),
        likeliest_cause(Read(), found),
        likeliest_cause(Read(), ()),
    ]


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 5))
def test_without_hints_only_a_habit_makes_a_suspect(paid: int, reviews: int, bad: int, messages: int) -> None:
    """Figures alone never give another sign than the habit."""
    strong = [sign.name for sign in signs(BROKEN, Record(paid, reviews, bad, Said(messages))) if sign.strong]
    assert (["habitual"] if bad >= 3 and bad * 2 > reviews else []) == strong
