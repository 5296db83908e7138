"""What is handed over, and in which order: the most urgent first, what the bot looks after by itself not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.desk.deadlines import ClockState, Deadline, Due
from followup.desk.handover import Handing, Matter, Urgency, by_urgency
from followup.model import State, Task
from followup.promises import OURS, Promise
from tests.followup.makers import NOON, SHOP, a_case, hours

SOON = NOON + hours(8)
THREAD = a_case("unpaid_order").thread
MATTER = Matter(THREAD, "Lin")


def a_clock(**more: object) -> Deadline:
    """A clock that began an hour ago and has two hours left."""
    clock = Deadline("c", THREAD.id, SHOP, Due.DETAILS, NOON - hours(1), NOON + hours(1), NOON + hours(2), None)
    return replace(clock, **more)


def a_task(**more: object) -> Task:
    return replace(Task("t", SHOP, THREAD.id, "buyer_message", "?", NOON - hours(1)), **more)


def a_promise(due: timedelta, who: str = OURS) -> Promise:
    return Promise("p", THREAD.id, SHOP, who, "by then", NOON - hours(1), NOON + due)


@pytest.mark.parametrize(
    ("more", "urgency"),
    [
        ({}, None),
        ({"clocks": (a_clock(),)}, None),
        ({"clocks": (a_clock(state=ClockState.PAUSED, due_at=NOON - hours(1)),)}, None),
        ({"clocks": (a_clock(due_at=NOON),)}, Urgency.BREACHED),
        ({"clocks": (a_clock(breached_at=NOON - hours(1)),)}, Urgency.BREACHED),
        ({"clocks": (a_clock(risk_at=NOON),)}, Urgency.AT_RISK),
        ({"tasks": (a_task(),)}, Urgency.WAITING),
        ({"tasks": (a_task(due_at=NOON),)}, Urgency.BREACHED),
        ({"tasks": (a_task(escalated_at=NOON - hours(1)),)}, Urgency.BREACHED),
        ({"tasks": (a_task(assignee="li"),)}, Urgency.WAITING),
        ({"tasks": (a_task(assignee="li", taken_at=NOON),)}, Urgency.TAKEN),
        ({"promises": (a_promise(hours(8)),)}, Urgency.PROMISED),
        ({"promises": (a_promise(hours(9)),)}, Urgency.WAITING),
        ({"promises": (a_promise(hours(9), "li"),)}, Urgency.TAKEN),
        ({"promises": (a_promise(hours(0)),)}, Urgency.BREACHED),
        ({"thread": replace(THREAD, state=State.WITH_AGENT)}, Urgency.WAITING),
        ({"thread": replace(THREAD, agent="li")}, Urgency.TAKEN),
    ],
)
def test_what_makes_a_matter_urgent(more: dict[str, object], urgency: Urgency | None) -> None:
    """The worst of its clocks, tasks and promises; nothing of them is the bot's own business."""
    assert urgency == replace(MATTER, **more).urgency(NOON, SOON)


def test_they_stand_in_the_order_of_urgency_then_of_time() -> None:
    """What is due first comes first in its group."""
    late = replace(MATTER, clocks=(a_clock(due_at=NOON - hours(1)),))
    later = replace(MATTER, clocks=(a_clock(due_at=NOON),))
    waiting, bots = replace(MATTER, tasks=(a_task(),)), MATTER
    found = by_urgency([waiting, bots, later, late], NOON, SOON)
    assert ((Urgency.BREACHED, late), (Urgency.BREACHED, later), (Urgency.WAITING, waiting)) == found


@given(st.permutations([replace(MATTER, thread=replace(THREAD, id=f"t{n}", agent="li")) for n in range(5)]))
def test_the_order_does_not_depend_on_chance(matters: list[Matter]) -> None:
    """The same matters in any order make the same document."""
    assert by_urgency(sorted(matters, key=lambda each: each.thread.id), NOON, SOON) == by_urgency(matters, NOON, SOON)


def test_who_has_it_is_named_once() -> None:
    """Whoever took the thread, a task of it, or promised something; the bot is nobody."""
    tasks = (a_task(assignee="wang", taken_at=NOON), a_task(assignee="chen"))
    matter = Matter(replace(THREAD, agent="li"), tasks=tasks, promises=(a_promise(hours(1), "li"), a_promise(hours(2))))
    assert ("li", "wang") == matter.people


def test_a_handover_that_leaves_nothing_is_cleared_at_once() -> None:
    """Nobody has to clear it."""
    told = Handing(SHOP, "day", NOON - hours(8), NOON, NOON + hours(1))
    assert ("shop/handover/day/2026-03-05T04:00Z", NOON + hours(1)) == (told.record.id, told.record.cleared_at)
    assert replace(told, matters=((Urgency.WAITING, MATTER),)).record.cleared_at is None
