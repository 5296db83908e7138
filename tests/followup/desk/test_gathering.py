"""What a buyer writes on goes to the task that waits already."""

from __future__ import annotations

from dataclasses import replace

from followup.desk.alerting import later, taken
from followup.desk.gathering import LONGEST, gathering, with_more
from followup.model import Task, TaskState
from tests.followup.makers import NOON, POLICY, SHOP, hours, minutes

TASK = Task("t1", SHOP, "shop/1001/unpaid_order", "buyer_message", "words", NOON, due_at=NOON + minutes(5))


def heading(count: int) -> str:
    return f"and {count} earlier:" if count else "went on:"


def test_newest_words_stand_last() -> None:
    """Under one heading, however many there are."""
    text = with_more(with_more("first\nplease reply", "two", heading), "three\nlines", heading)
    assert "first\nplease reply\n\n⋯ went on:\n› two\n› three\nlines" == text


def test_the_text_stays_bounded() -> None:
    """The newest stay whole, and how many are left out is counted on."""
    text = "first"
    for n in range(40):
        text = with_more(text, f"{n:03}" + "x" * 97, heading)
    assert text.startswith("first\n\n⋯ and 25 earlier:\n› 025x")
    assert text.endswith("› 039" + "x" * 97)
    assert with_more("first", "x" * 9999, heading).endswith("x…")
    assert len(with_more(text, "x" * 9999, heading)) < LONGEST + 60


def test_which_task_it_is() -> None:
    """One of the same reason that is open, taken or not; none that is over or put off, and no other reason."""
    own = taken(TASK, "li", NOON)
    over, put_off = replace(TASK, state=TaskState.DONE), later(TASK, NOON + hours(2), POLICY)
    found = [gathering("buyer_message", [each], POLICY) for each in (TASK, own, over, put_off)]
    assert [TASK, own, None, None] == found
    assert (None, None) == (gathering("angry", [TASK], POLICY), gathering("says_paid", [TASK], POLICY))
