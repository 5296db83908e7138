"""When people hear of a task, who, and by when it is to be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.desk.alerting import (
    ALL,
    due_at,
    hearers,
    is_urgent,
    language,
    later,
    pause,
    taken,
    told,
    unheard,
    urgency,
    waits_until,
)
from followup.desk.alerting import given as given_to
from followup.desk.hours import Hours, Shift
from followup.desk.people import Person, Rank, Roster
from followup.model import Instant, Task
from followup.policy import AlertPolicy, Policy
from tests.followup.makers import NOON, POLICY, hours, minutes

SHANGHAI = ZoneInfo("Asia/Shanghai")
LATE_AT = hours(4)
ROSTER = Roster(
    {
        "li": Person("li", lang="en"),
        "wang": Person("wang", rank=Rank.SUPERVISOR),
        "zhao": Person("zhao", rank=Rank.OWNER, shops=frozenset({"other"})),
    }
)
STAFFED = replace(POLICY, hours=Hours((Shift(people=frozenset({"li"})),), on_call=frozenset({"wang"})))


def a_task(**more: Any) -> Task:
    """A task of noon, to be done by four."""
    task = Task("shop/x", "shop", "shop", "cluster", "words", NOON, alert_at=NOON, due_at=NOON + LATE_AT)
    return replace(task, **more)


def local(text: str) -> Instant:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_a_buyer_who_waits_is_answered_in_five_minutes() -> None:
    """What a buyer waits for has the time of a first reply, everything else that of a task."""
    assert NOON + minutes(5) == due_at(a_task(reason="buyer_message"), POLICY)
    assert NOON + hours(4) == due_at(a_task(), POLICY)


def test_time_counts_while_the_shop_is_open() -> None:
    """A task of the evening is due the next day; what is to be pasted while it is good is due then, at any hour."""
    evening = local("2026-03-05 20:00")
    assert local("2026-03-06 12:00") == due_at(a_task(created_at=evening), POLICY)
    until = local("2026-03-05 23:30")
    assert until == due_at(a_task(created_at=evening, reason="paste", expires_at=until), POLICY)


def test_a_shop_without_shifts_is_always_there() -> None:
    """Nothing waits for an opening that never comes."""
    always = replace(POLICY, hours=Hours(()))
    night = local("2026-03-05 03:00")
    assert night + hours(4) == due_at(a_task(created_at=night), always)
    assert waits_until(a_task(), always, night) is None
    assert frozenset({ALL}) == hearers(a_task(due_at=None), always, ROSTER, night)


@pytest.mark.parametrize("reason", ["angry", "clock_breached", "channel_login", "promise_broken", "seal_threat"])
def test_some_things_do_not_wait_for_the_morning(reason: str) -> None:
    """What is urgent is told at night, everything else when the shop opens."""
    assert is_urgent(reason)
    night = local("2026-03-05 23:00")
    assert waits_until(a_task(urgent=True), POLICY, night) is None
    assert local("2026-03-06 09:00") == waits_until(a_task(), POLICY, night)
    assert waits_until(a_task(), POLICY, NOON) is None


def test_who_hears() -> None:
    """Who has it, else the shift, else all; once it is late its supervisors too; at night those on call."""
    late = NOON + LATE_AT
    assert frozenset({"li"}) == hearers(a_task(assignee="li"), STAFFED, ROSTER, NOON)
    assert frozenset({"li"}) == hearers(a_task(), STAFFED, ROSTER, NOON)
    assert frozenset({ALL}) == hearers(a_task(), POLICY, ROSTER, NOON)
    assert frozenset({"li", "wang"}) == hearers(a_task(assignee="li"), STAFFED, ROSTER, late)
    assert frozenset({ALL, "wang"}) == hearers(a_task(), POLICY, ROSTER, late)
    assert frozenset({"wang"}) == hearers(a_task(assignee="li"), STAFFED, ROSTER, local("2026-03-05 23:00"))
    assert frozenset({"li"}) == hearers(a_task(assignee="li", due_at=None), POLICY, ROSTER, local("2026-03-05 23:00"))


def test_what_supervisors_decide_is_told_to_them() -> None:
    """A compensation above an agent's limit: by name, at once, to nobody else (rule 10); where nobody is a supervisor
    it is told like everything else."""
    asked, late = a_task(reason="approval"), NOON + LATE_AT
    assert frozenset({"wang"}) == hearers(asked, STAFFED, ROSTER, NOON) == hearers(asked, POLICY, ROSTER, late)
    two = Roster({**ROSTER.people, "boss": Person("boss", rank=Rank.OWNER)})
    assert frozenset({"wang", "boss"}) == hearers(replace(asked, assignee="li"), STAFFED, two, NOON)
    given_one = replace(asked, assignee="wang")
    assert frozenset({"wang"}) == hearers(given_one, STAFFED, two, NOON)
    assert frozenset({"wang", "boss"}) == hearers(given_one, STAFFED, two, late)
    assert frozenset({ALL}) == hearers(asked, POLICY, Roster({"li": Person("li")}), NOON)


def test_a_supervisor_hears_at_night_of_what_is_late() -> None:
    """One on call is enough; where none is, all of them hear of it beside those who are."""
    night = local("2026-03-05 23:00")
    late, in_time = a_task(due_at=night), a_task(due_at=night + hours(1))
    by_agent = replace(POLICY, hours=Hours(on_call=frozenset({"li"})))
    assert frozenset({"wang"}) == hearers(late, STAFFED, ROSTER, night)
    assert frozenset({"li", "wang"}) == hearers(late, by_agent, ROSTER, night)
    assert frozenset({"li"}) == hearers(in_time, by_agent, ROSTER, night)
    assert frozenset({"li", "wang"}) == hearers(replace(late, assignee="li"), POLICY, ROSTER, night)
    assert frozenset({"wang"}) == hearers(replace(late, assignee="wang"), POLICY, ROSTER, night)


def test_supervisors_without_a_list_of_people() -> None:
    """Those who are named alone hear of what is late."""
    named = Roster(supervisors=frozenset({"王姐"}))
    assert frozenset({ALL, "王姐"}) == hearers(a_task(), POLICY, named, NOON + LATE_AT)


@given(
    st.integers(1, 60),
    st.integers(1, 5),
    st.integers(1, 40),
    st.integers(1, 30),
)
def test_pauses_grow_up_to_the_longest(again: int, grows: int, longest: int, alerts: int) -> None:
    """Each is as long as the one before or longer, and none is longer than the longest."""
    own = AlertPolicy(minutes(again), grows, minutes(again * longest))
    policy = replace(POLICY, alerts=own)
    lengths = [pause(number, policy) for number in range(1, alerts + 1)]
    assert own.again_after == lengths[0]
    assert lengths == sorted(lengths)
    assert max(lengths) <= own.longest


def test_pauses_as_they_are_by_default() -> None:
    """5, 10, 20, 40, 80 and then 120 minutes."""
    assert [5, 10, 20, 40, 80, 120, 120] == [pause(n, POLICY) // minutes(1) for n in range(1, 8)]


def test_a_task_is_told_again_when_it_becomes_late() -> None:
    """Even if the pause would be longer; then it is escalated, once with the time at which that was."""
    soon = a_task(due_at=NOON + minutes(3))
    first = told(soon, POLICY, NOON)
    assert (1, NOON + minutes(3), None) == (first.alerts, first.alert_at, first.escalated_at)
    second = told(first, POLICY, NOON + minutes(3))
    assert (2, NOON + minutes(13), NOON + minutes(3)) == (second.alerts, second.alert_at, second.escalated_at)
    assert NOON + minutes(3) == told(second, POLICY, NOON + minutes(13)).escalated_at


def test_who_took_it_is_left_alone_until_it_is_late() -> None:
    """Taking stops the alerts until the time is up, and for good if it was up before."""
    mine = taken(a_task(), "li", NOON)
    assert ("li", NOON, NOON + LATE_AT) == (mine.assignee, mine.taken_at, mine.alert_at)
    assert taken(a_task(), "li", NOON + LATE_AT).alert_at is None


def test_who_is_given_it_hears_at_once() -> None:
    """It counts as not taken again."""
    his = given_to(taken(a_task(), "li", NOON), "wang", NOON + minutes(1))
    assert ("wang", None, NOON + minutes(1)) == (his.assignee, his.taken_at, his.alert_at)


def test_what_is_put_off_has_its_time_from_then() -> None:
    """It is told of at that time, and late only four hours after."""
    put = later(a_task(), NOON + hours(2), POLICY)
    assert (NOON + hours(2), NOON + hours(6)) == (put.alert_at, put.due_at)


def test_what_nothing_carries_is_tried_when_it_is_late() -> None:
    """A service for escalations alone is enough; after that there is nobody to tell."""
    assert NOON + LATE_AT == unheard(a_task(), NOON).alert_at
    assert unheard(a_task(), NOON + LATE_AT).alert_at is None


def test_the_most_urgent_comes_first() -> None:
    """Late, urgent, not heard of yet, and then by when it is due."""
    late, urgent = a_task(id="late", due_at=NOON), a_task(id="urgent", urgent=True)
    known, soon = a_task(id="known", alerts=1, due_at=NOON + minutes(1)), a_task(id="soon", due_at=NOON + hours(1))
    last = a_task(id="last", due_at=NOON + hours(2))
    tasks = sorted((last, known, soon, urgent, late), key=lambda task: urgency(task, NOON))
    assert ["late", "urgent", "soon", "last", "known"] == [task.id for task in tasks]


def test_the_language_of_whoever_reads_it() -> None:
    """One person's own; the common one for several who differ, or for strangers."""
    assert "en" == language(frozenset({"li"}), ROSTER, "zh-CN")
    assert "zh-CN" == language(frozenset({"li", "wang"}), ROSTER, "zh-CN")
    assert "zh-CN" == language(frozenset({"nobody"}), ROSTER, "zh-CN")


@given(st.integers(0, 100_000), st.booleans(), st.integers(0, 9))
def test_a_told_task_is_always_told_again(after: int, is_taken: bool, alerts: int) -> None:
    """Whatever the moment, its next alert is later than now."""
    now = NOON + timedelta(seconds=after)
    task = a_task(alerts=alerts, taken_at=NOON if is_taken else None)
    again = told(task, Policy("shop"), now).alert_at
    assert again is not None
    assert again > now
