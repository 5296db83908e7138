"""A buyer who agreed to it is visited once a month: nothing to sell, one question, easily ended (rule 106)."""

from __future__ import annotations

from dataclasses import replace

from followup.effects import CancelReminders, Effect, Keep, RemindAt, SetThread
from followup.kinds.kind import Case, Kind, Opening, Step, steps
from followup.model import Facts, Instant, Role, State, Thread
from followup.policy import Policy
from followup.politeness import DAY

GREET, END = "visit.greet", "end_visits"
AFTER_MATTERS = 3 * DAY  # a visit in the middle of a refund is no visit


def ended(case: Case) -> list[Effect]:
    """He is visited no more."""
    no_more = Keep(replace(case.buyer, visits_at=None))
    return [no_more, CancelReminders("visits_ended"), SetThread(State.CLOSED, "visits_ended")]


def _opens(_facts: Facts, _policy: Policy, _now: Instant) -> Opening | None:
    """Only an agent who has his agreement begins it (`huifang vip add`)."""
    return None


def _settled(_thread: Thread, _facts: Facts) -> str:
    return ""


def _opening(_case: Case, policy: Policy, now: Instant) -> list[Effect]:
    return [_visit_at(now + policy.visit.every)]


def _visit_at(when: Instant) -> RemindAt:
    return RemindAt("visit.look", when, round=f"{when:%Y-%m-%dT%H:%M:%S}")


def _look(case: Case, policy: Policy, now: Instant, _said: bool) -> list[Effect]:
    """Visit him now, unless something of his is open; who wants to hear nothing is left alone for good."""
    if case.buyer.opted_out_at is not None or case.buyer.visits_at is None:
        return ended(case)
    if case.busy:
        return [_visit_at(now + AFTER_MATTERS)]
    return [RemindAt(GREET, now, now + policy.visit.expires_after, round=f"{now:%Y-%m-%dT%H:%M:%S}")]


def _next(_case: Case, policy: Policy, now: Instant, _said: bool) -> list[Effect]:
    return [_visit_at(now + policy.visit.every)]


VIP_VISIT = Kind(
    name="vip_visit",
    priority=90,
    opens=_opens,
    settled=_settled,
    opening=_opening,
    refresh=lambda _case, _policy, _now: [],
    settling=lambda _case, _policy, _now: [],
    words=lambda _case, _policy, _now: {},
    steps=steps(
        Step("visit.look", Role.SILENT, follows=_look),
        Step(GREET, follows=_next, choices=(END,)),
    ),
    of_order=False,
)
