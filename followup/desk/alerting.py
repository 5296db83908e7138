"""When the shop's people hear of a task, who of them, and by when it is to be done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from followup.desk.hours import add_open, is_open, next_open, on_duty
from followup.desk.people import Person, Rank, Roster
from followup.model import Instant, Task
from followup.policy import Policy

ALL = ""
"""In place of a person: everybody who is there."""
PASTE, UNDELIVERED = "paste", "alert_undelivered"
URGENT = frozenset(
    {"angry", "clock_breached", "channel_login", "channel_refused", "promise_broken"}
    | {"seal_threat", "seal_extortion", "seal_dispute"}
)
"""What does not wait for business hours."""
BUYER_WAITS = frozenset(
    {"angry", "buyer_message", "says_paid", "case_which", "address_change", "put_aside"}
    | {"link_tries", "link_no_phone", "seal_threat", "seal_extortion", "seal_dispute"}
)
"""What a buyer waits for an answer to."""
SUPERVISORS = frozenset({"approval"})
"""What supervisors and owners alone can decide, so that they hear of it at once and nobody else has to (rule 10)."""


def is_urgent(reason: str) -> bool:
    """Whether people are told of such a task at night."""
    return reason in URGENT


def due_at(task: Task, policy: Policy) -> Instant:
    """By when a new task is to be done: words to paste while they are good, an answer to a buyer by the first reply
    (rule 7), everything else within `do_within`, both in business hours."""
    if task.reason == PASTE and task.expires_at is not None:
        return task.expires_at
    within = policy.clocks.first_reply if task.reason in BUYER_WAITS else policy.alerts.do_within
    if not policy.hours.shifts:
        return task.created_at + within
    return add_open(policy.hours, policy.zone, task.created_at, within)


def taken(task: Task, who: str, now: Instant) -> Task:
    """The task as it is once somebody took it: nobody hears of it again until its time has run out."""
    late = task.due_at is not None and task.due_at <= now
    return replace(task, assignee=who, taken_at=now, alert_at=None if late else task.due_at)


def given(task: Task, to: str, now: Instant) -> Task:
    """The task as it is once it was given to somebody, who hears of it at once."""
    return replace(task, assignee=to, taken_at=None, alert_at=now)


def later(task: Task, until: Instant, policy: Policy) -> Task:
    """The task as it is once it was put off: people hear of it again at `until`, and have its time from then."""
    return replace(task, alert_at=until, due_at=due_at(replace(task, created_at=until), policy))


def is_late(task: Task, now: Instant) -> bool:
    """Whether its time has run out, so that a supervisor has to hear of it."""
    return task.due_at is not None and task.due_at <= now


def waits_until(task: Task, policy: Policy, now: Instant) -> Instant | None:
    """When its people may be told; None if they may be now."""
    if task.urgent or not policy.hours.shifts or is_open(policy.hours, policy.zone, now):
        return None
    return next_open(policy.hours, policy.zone, now)


def hearers(task: Task, policy: Policy, roster: Roster, now: Instant) -> frozenset[str]:
    """Who is told of a task, ALL for everybody who is there: who has it, else those on duty; outside business hours
    those on call. Once it is late supervisors and owners beside them; at night only if none of them is on call. Of what
    is theirs to decide they alone hear, or the one of them who has it."""
    listed = _supervisors(roster, task.shop)
    if task.reason in SUPERVISORS and listed:
        return frozenset({task.assignee}) if task.assignee in listed and not is_late(task, now) else listed
    supervisors = listed if is_late(task, now) else frozenset()
    if policy.hours.shifts and not is_open(policy.hours, policy.zone, now):
        called = policy.hours.on_call or frozenset({task.assignee})
        return called if called & supervisors else called | supervisors
    own = frozenset({task.assignee}) if task.assignee else _there(policy, now)
    return own | supervisors


def _there(policy: Policy, now: Instant) -> frozenset[str]:
    return (on_duty(policy.hours, policy.zone, now) if policy.hours.shifts else None) or frozenset({ALL})


def _supervisors(roster: Roster, shop: str) -> frozenset[str]:
    listed = frozenset(person.id for person in roster.of_rank(Rank.SUPERVISOR, shop))
    return listed if roster.people else roster.supervisors


def pause(alerts: int, policy: Policy) -> timedelta:
    """How long after the alert of that number (from 1) the next one comes."""
    own, length = policy.alerts, policy.alerts.again_after
    for _ in range(alerts - 1):
        if length >= own.longest:
            break
        length *= own.grows
    return min(length, own.longest)


def told(task: Task, policy: Policy, now: Instant) -> Task:
    """The task as it is once its people were told: it is told again after a pause, and as soon as it is late."""
    late = is_late(task, now)
    again = now + pause(task.alerts + 1, policy)
    if not late and task.due_at is not None:
        again = task.due_at if task.taken_at is not None else min(again, task.due_at)
    escalated = (task.escalated_at or now) if late else task.escalated_at
    return replace(task, alerts=task.alerts + 1, alert_at=again, escalated_at=escalated)


def unheard(task: Task, now: Instant) -> Task:
    """The task as it is where nothing carries its alert: tried again once it is late, for more hear of it then."""
    return replace(task, alert_at=None if is_late(task, now) else task.due_at)


def put_off(task: Task, policy: Policy, now: Instant) -> Task:
    """The task as it is where an alert had no room for it: told of with the next."""
    return replace(task, alert_at=now + policy.alerts.again_after)


def urgency(task: Task, now: Instant) -> tuple[bool, bool, bool, float]:
    """What sorts the most urgent first: what is late, what is urgent, what nobody has heard of, what is due first."""
    due = task.due_at or task.created_at
    return not is_late(task, now), not task.urgent, task.alerts > 0, due.timestamp()


@dataclass(frozen=True, slots=True)
class Telling:
    """A task of which people are told."""

    task: Task
    people: frozenset[str]
    escalated: bool


def mentioned(tellings: Collection[Telling]) -> list[str]:
    """Those whom an alert names, so that it rings for them."""
    return sorted({person for each in tellings for person in each.people} - {ALL})


def language(people: frozenset[str], roster: Roster, otherwise: str) -> str:
    """What is read where only these people read: their own language if it is one."""
    read = {(roster.people.get(id_) or Person(id_)).lang for id_ in people} or {""}
    return next(iter(read)) or otherwise if len(read) == 1 else otherwise
