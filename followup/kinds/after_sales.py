"""Something is wrong with an order: the six steps from the first word to the register (rules 39-83)."""

from __future__ import annotations

from collections.abc import Callable

from followup.after_sales import came_back
from followup.after_sales.branch import on_the_way
from followup.after_sales.offers import OFFER_STEPS
from followup.after_sales.procedures import ASKED
from followup.after_sales.progress import deadline, refresh, then_unanswered, tick, unanswered
from followup.after_sales.return_words import return_words
from followup.after_sales.returns import RETURN_STEPS
from followup.after_sales.stages import (
    AGAIN,
    ARRIVED,
    CLOSING,
    DAILY,
    DEADLINE,
    FIRST,
    TICK,
    UNANSWERED,
    answer_by,
    tick_at,
)
from followup.after_sales.telling import ALL_WELL, NOT_WELL
from followup.effects import Effect
from followup.kinds.kind import Case, Kind, Opening, Step, nothing_follows, steps
from followup.model import Facts, Instant, Role, Thread
from followup.parcels import words_of_parcel
from followup.policy import Policy
from followup.politeness import next_nudge, zone_of

TOLD = (
    "sales.shown",
    "sales.wait_noted",
    "sales.recall_asked",
    "sales.refused_noted",
    "sales.split_parcel",
    "sales.remedy_refund",
)


def _opens(facts: Facts, _policy: Policy, _now: Instant) -> Opening | None:
    """A buyer's words begin a case, or a person; facts alone only where a parcel came back uninvited (rule 59)."""
    return came_back.begins(facts)


def _again(thread: Thread, opening: Opening) -> bool:
    """What came back while a case was open was its own matter."""
    return thread.closed_at is not None and opening.acted_at > thread.closed_at


def _settled(_thread: Thread, _facts: Facts) -> str:
    """No fact closes a case: a person registers it, with its cause (rule 47)."""
    return ""


def _opening(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    if case.sale is not None and case.thread.matter == str(case.sale.round):
        return [tick_at(case, policy, now)]
    by_facts = came_back.begun(case)
    return [*came_back.uninvited(by_facts, policy, now), tick_at(by_facts, policy, now)]


def _words(case: Case, policy: Policy, now: Instant) -> dict[str, object]:
    """`by` is when a person answers, `due` what was promised before, `next` the next word of the day."""
    zone = zone_of(case.buyer, policy)
    due = min((promise.due_at for promise in case.promises if promise.due_at > now), default=None)
    following = next_nudge(now + policy.after_sales.daily_every, case.buyer, policy)
    day = (now.astimezone(zone).date() - case.thread.opened_at.astimezone(zone).date()).days + 1
    return {
        **return_words(case, policy, now),
        **words_of_parcel(next(iter(on_the_way(case.facts)), None), zone),
        "amount": case.facts.order.total,
        "by": answer_by(case, policy, now).astimezone(zone),
        "due": due.astimezone(zone) if due else None,
        "next": following.astimezone(zone),
        "day": max(1, day),
        "first": None if case.thread.touches else 1,
    }


def choices_of(script: str) -> tuple[str, ...]:
    """The answers offered with a question."""
    return next((tuple(id_ for id_, _ in each.choices) for each in ASKED.values() if each.script == script), ())


def _notice(script: str) -> Step:
    return Step(script, Role.NOTICE, choices=choices_of(script))


def _silent(id_: str, follows: Callable[[Case, Policy, Instant, bool], list[Effect]]) -> Step:
    return Step(id_, Role.SILENT, follows=follows)


AFTER_SALES = Kind(
    name="after_sales",
    priority=20,
    opens=_opens,
    settled=_settled,
    opening=_opening,
    refresh=refresh,
    settling=lambda _case, _policy, _now: [],
    words=_words,
    again=_again,
    steps=steps(
        *(_notice(script) for script in (*FIRST, *TOLD)),
        *(Step(script, follows=then_unanswered) for script in AGAIN),
        *(Step(script, follows=nothing_follows) for script in DAILY),
        Step(ARRIVED, Role.NOTICE, choices=(ALL_WELL, NOT_WELL)),
        Step(CLOSING, Role.NOTICE, after_settled=True, solves=True),
        _silent(UNANSWERED, unanswered),
        _silent(DEADLINE, deadline),
        _silent(TICK, tick),
        *RETURN_STEPS,
        *OFFER_STEPS,
    ),
)
