from __future__ import annotations

from typing import Any

import pytest

from followup.desk.pressing import Pressing, pressing, until
from followup.policy import Policy
from tests.store.makers import HOUR, MINUTE, NOON, a_task

DUE = {"due_at": NOON + HOUR}
PASTE = {"due_at": NOON + 2 * HOUR, "expires_at": NOON + HOUR}


@pytest.mark.parametrize(
    ("minutes", "given", "stands"),
    [
        (0, {}, Pressing.NONE),
        (0, DUE, Pressing.DUE),
        (47, DUE, Pressing.DUE),
        (48, DUE, Pressing.AT_RISK),
        (59, DUE, Pressing.AT_RISK),
        (60, DUE, Pressing.LATE),
        (59, PASTE, Pressing.DUE),
        (60, PASTE, Pressing.LATE),
    ],
)
def test_how_a_task_stands(minutes: int, given: dict[str, Any], stands: Pressing) -> None:
    """At risk once four fifths of its time have gone, as for clocks; words to paste are of use or they are not."""
    assert stands is pressing(a_task(**given), Policy("s"), NOON + minutes * MINUTE)


def test_of_a_shop_without_figures_it_is_due_or_late() -> None:
    """A shop that is not configured any more has no share of time."""
    assert [Pressing.DUE, Pressing.LATE] == [pressing(a_task(**DUE), None, NOON + m * MINUTE) for m in (59, 60)]


def test_words_to_paste_lose_their_use_first() -> None:
    """Their end counts, not when the task is to be done."""
    assert NOON + HOUR == until(a_task(**PASTE))
