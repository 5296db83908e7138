"""A refund is asked for: acknowledged at once, a word every day, the money announced (rules 43, 61, 62, 64)."""

from __future__ import annotations

from followup.effects import AlertAgent, CancelReminders, Effect, RemindAt, SetThread
from followup.kinds.daily import Daily
from followup.kinds.kind import Case, Kind, Opening, Step, steps
from followup.model import Facts, Instant, Refund, RefundStatus, Role, State, Thread
from followup.policy import Policy
from followup.politeness import zone_of


def refund_of(thread: Thread, facts: Facts) -> Refund | None:
    """The refund that the thread is about."""
    return next((refund for refund in facts.refunds if refund.id == thread.matter), None)


def _opens(facts: Facts, _policy: Policy, _now: Instant) -> Opening | None:
    pending = _pending(facts)
    if not pending:
        return None
    latest = max(pending, key=lambda refund: refund.requested_at)
    return Opening(latest.id, latest.requested_at)


def _settled(thread: Thread, facts: Facts) -> str:
    refund = refund_of(thread, facts)
    return "" if refund is None or refund.status.pending else refund.status.value


def _opening(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    acknowledge = RemindAt("refund.acknowledge", now, round=case.thread.matter)
    return [acknowledge, *_refresh(case, policy, now)]


def _refresh(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    refund = refund_of(case.thread, case.facts)
    effects = _refused_or_resumed(case, refund, policy, now) if refund else []
    for each in _pending(case.facts):
        if each.deadline is not None:
            when = max(now, each.deadline - policy.refund.alert_before_deadline)
            effects.append(RemindAt("refund.deadline", when, round=f"{case.thread.matter}@{_key(each)}"))
    return effects


def _pending(facts: Facts) -> list[Refund]:
    return [refund for refund in facts.refunds if refund.status.pending]


def _key(refund: Refund) -> str:
    return f"{refund.id}@{refund.deadline:%Y-%m-%dT%H:%M}"


def _refused_or_resumed(case: Case, refund: Refund, policy: Policy, now: Instant) -> list[Effect]:
    """A refused refund is a person's matter: no daily word that it is in hand, until it is in hand again."""
    if refund.status is RefundStatus.REFUSED:
        alert = AlertAgent("refund_refused", refund.id, {"amount": refund.amount})
        return [CancelReminders("refused", only_words=True), alert, SetThread(State.WITH_AGENT, "refused")]
    if case.thread.outcome == "refused":
        again = RemindAt("refund.daily", now + policy.refund.daily_every, round=f"{refund.id}@{now:%Y-%m-%dT%H:%M}")
        return [SetThread(State.OPEN), again]
    return []


_DAILY = Daily("refund.daily", "refund_stuck", lambda policy: (policy.refund.daily_every, policy.refund.daily_most))


def _deadline(case: Case, policy: Policy, now: Instant, _said: bool) -> list[Effect]:
    effects: list[Effect] = []
    for refund in _pending(case.facts):
        if refund.deadline is not None and now >= refund.deadline - policy.refund.alert_before_deadline:
            words = {"amount": refund.amount, "deadline": refund.deadline.astimezone(policy.zone)}
            effects.append(AlertAgent("refund_deadline", _key(refund), words))
    return effects


def _settling(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    refund = refund_of(case.thread, case.facts)
    if refund is None or refund.status is not RefundStatus.PAID_BACK:
        return []
    expires = (refund.settled_at or now) + policy.refund.settled_expires_after
    return [RemindAt("refund.settled", now, expires, round=refund.id)]


def _words(case: Case, policy: Policy, now: Instant) -> dict[str, object]:
    refund = refund_of(case.thread, case.facts)
    amount = refund.amount if refund else case.facts.order.total
    asked = refund.requested_at if refund else case.thread.opened_at
    zone = zone_of(case.buyer, policy)
    days = (now.astimezone(zone).date() - asked.astimezone(zone).date()).days
    return {"amount": amount, "day": max(1, days + 1)}


PENDING_REFUND = Kind(
    name="pending_refund",
    priority=10,
    opens=_opens,
    settled=_settled,
    opening=_opening,
    refresh=_refresh,
    settling=_settling,
    words=_words,
    steps=steps(
        Step("refund.acknowledge", Role.NOTICE, follows=_DAILY.follows),
        Step("refund.daily", follows=_DAILY.follows),
        Step("refund.deadline", Role.SILENT, follows=_deadline),
        Step("refund.settled", Role.NOTICE, after_settled=True, solves=True),
    ),
)
