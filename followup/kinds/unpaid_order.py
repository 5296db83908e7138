"""Ordered, not paid: one offer of help, one last word the next day, then given up and reported (rules 2, 3, 15)."""

from __future__ import annotations

from followup.effects import AlertAgent, CancelReminders, Effect, ExpireAt, MoveNext, RemindAt, SetThread
from followup.kinds.kind import Case, Kind, Opening, Step, steps
from followup.model import Facts, Instant, Order, Role, State, Status, Thread, Verdict
from followup.policy import Policy
from followup.politeness import zone_of


def closes_at(order: Order, policy: Policy) -> Instant:
    """When the platform closes the unpaid order: as the source says, else the shop's default after ordering."""
    return order.auto_close_at or order.created_at + policy.unpaid.auto_close_after


def word_at(when: Instant, case: Case, policy: Policy, now: Instant) -> MoveNext:
    """The next word about the order at `when`, or shortly before it closes if that is too late."""
    closes = closes_at(case.facts.order, policy)
    last = max(now, closes - policy.unpaid.before_close)
    return MoveNext(when if when < closes else last, closes, otherwise="unpaid.last_call")


def _opens(facts: Facts, policy: Policy, now: Instant) -> Opening | None:
    order = facts.order
    if order.status is not Status.UNPAID or now >= closes_at(order, policy):
        return None
    return Opening("", order.created_at)


def _settled(_thread: Thread, facts: Facts) -> str:
    status = facts.order.status
    return "" if status is Status.UNPAID else status.value


def _opening(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    order = case.facts.order
    due = max(now, order.created_at + policy.unpaid.help_after)
    closes = closes_at(order, policy)
    return [RemindAt("unpaid.help", due, closes), RemindAt("unpaid.give_up", closes)]


def _refresh(case: Case, policy: Policy, _now: Instant) -> list[Effect]:
    closes = closes_at(case.facts.order, policy)
    return [RemindAt("unpaid.give_up", closes), ExpireAt(closes)]


def _then_last_call(case: Case, policy: Policy, now: Instant, said: bool) -> list[Effect]:
    since = now if said else case.facts.order.created_at
    due = max(now, since + policy.unpaid.last_call_after)
    return [RemindAt("unpaid.last_call", due, closes_at(case.facts.order, policy))]


def _give_up(_case: Case, _policy: Policy, _now: Instant, _said: bool) -> list[Effect]:
    return [CancelReminders("not_paid", verdict=Verdict.EXPIRED), *_lost("not_paid")]


def _settling(case: Case, _policy: Policy, _now: Instant) -> list[Effect]:
    """Closed without a payment is lost too, whichever comes first: the closing or the news of it."""
    return _lost("closed_unpaid") if case.facts.order.status is Status.CLOSED_UNPAID else []


def _lost(outcome: str) -> list[Effect]:
    return [AlertAgent("unpaid_lost"), SetThread(State.GIVEN_UP, outcome)]


def _words(case: Case, policy: Policy, _now: Instant) -> dict[str, object]:
    local = closes_at(case.facts.order, policy).astimezone(zone_of(case.buyer, policy))
    return {"amount": case.facts.order.total, "closes_at": local}


REASONS = ("payment_problem", "changed_mind", "wrong_item", "later", "other")

UNPAID_ORDER = Kind(
    name="unpaid_order",
    priority=30,
    opens=_opens,
    settled=_settled,
    opening=_opening,
    refresh=_refresh,
    settling=_settling,
    words=_words,
    steps=steps(
        Step("unpaid.help", follows=_then_last_call, choices=REASONS),
        Step("unpaid.last_call"),
        Step("unpaid.give_up", Role.SILENT, follows=_give_up),
    ),
)
