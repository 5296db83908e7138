"""Asked, not ordered: a person answers, and the next day one word whether anything is unclear (rule 1)."""

from __future__ import annotations

from followup.effects import Effect, RemindAt, SetThread
from followup.kinds.kind import Case, Kind, Opening, Step, steps
from followup.model import Facts, Instant, Role, State, Thread
from followup.policy import Policy
from followup.politeness import DAY

ANSWERED_WITHIN = 2 * DAY  # so long the thread stays open for an answer to the touch


def _opens(_facts: Facts, _policy: Policy, _now: Instant) -> Opening | None:
    """Only a buyer's own question begins one."""
    return None


def _settled(thread: Thread, facts: Facts) -> str:
    """He ordered, whatever it was, after he asked."""
    order = facts.order
    return "ordered" if order.id and order.created_at >= thread.opened_at else ""


def _opening(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    matter, until = case.thread.matter, now + policy.inquiry.expires_after
    look = RemindAt("inquiry.look", now + policy.inquiry.touch_after, round=matter)
    return [look, RemindAt("inquiry.close", until + ANSWERED_WITHIN, round=matter)]


def _look(case: Case, policy: Policy, now: Instant, _said: bool) -> list[Effect]:
    """Touch him once he has been silent for so long; as long as he talks or we owe him an answer, nothing is asked."""
    thread = case.thread
    until = thread.opened_at + policy.inquiry.expires_after
    if thread.state is State.SOLVED or now >= until:
        return []
    since = now if case.promises else case.chat.last_in_at or thread.opened_at
    quiet = since + policy.inquiry.touch_after
    if quiet > now:
        return [RemindAt("inquiry.look", quiet, round=f"{thread.matter}@{quiet:%Y-%m-%dT%H:%M:%S}")]
    return [RemindAt("inquiry.touch", now, until, round=thread.matter)]


def _close(_case: Case, _policy: Policy, _now: Instant, _said: bool) -> list[Effect]:
    return [SetThread(State.CLOSED, "not_ordered")]


INQUIRY = Kind(
    name="inquiry",
    priority=60,
    opens=_opens,
    settled=_settled,
    opening=_opening,
    refresh=lambda _case, _policy, _now: [],
    settling=lambda _case, _policy, _now: [],
    words=lambda _case, _policy, _now: {},
    steps=steps(
        Step("inquiry.look", Role.SILENT, follows=_look),
        Step("inquiry.touch"),
        Step("inquiry.close", Role.SILENT, follows=_close),
    ),
    of_order=False,
)
