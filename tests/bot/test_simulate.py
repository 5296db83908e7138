"""Time travel over a few orders."""

from __future__ import annotations

from dataclasses import replace

from bot.report.ledger import entries
from bot.simulate import Simulation, simulate
from bot.simulate_assume import parse
from bot.simulate_facts import UNDATED
from followup.events import OrderChanged
from followup.model import (
    Instant,
    Order,
    Outgoing,
    OutgoingState,
    RefundStatus,
    State,
    Status,
    Task,
    Thread,
)
from tests.bot.simulate_deps import deps
from tests.followup.makers import NOON, a_refund, an_order, days, hours, minutes

NIGHT = NOON + hours(11)  # 23:00 in Shanghai


def _order(created: Instant = NOON, **more: object) -> Order:
    return replace(an_order(created), observed_at=UNDATED, **more)  # type: ignore[arg-type]


def _told(simulation: Simulation) -> list[tuple[str, str, str]]:
    """Each decision as (local day and minute, step, verdict)."""
    return [(entry["at"][8:16], entry["step"], entry["verdict"]) for entry in entries(simulation)]


def test_an_unpaid_order_is_helped_called_and_given_up() -> None:
    """Help after a quarter of an hour, a last call the next day, then a task for a person."""
    simulation = simulate([OrderChanged(_order())], deps())
    expected = [("05T12:15", "unpaid.help", "sent"), ("06T12:15", "unpaid.last_call", "sent")]
    assert expected == _told(simulation)
    (thread,) = simulation.state.items[Thread].values()
    (task,) = simulation.state.items[Task].values()
    assert (State.GIVEN_UP, NOON + hours(72), "unpaid_lost") == (thread.state, thread.closed_at, task.reason)


def test_quiet_hours_put_off() -> None:
    """What falls into the night is said at nine, and both decisions are in the ledger."""
    simulation = simulate([OrderChanged(_order(NIGHT, status=Status.PAID, paid_at=NIGHT + hours(20)))], deps())
    expected = [
        ("05T23:15", "unpaid.help", "quiet_hours"),
        ("06T09:00", "unpaid.help", "sent"),
        ("06T19:00", "unpaid.last_call", "settled"),
    ]
    assert expected == _told(simulation)


def test_facts_come_before_reminders() -> None:
    """Paid at the very moment help is due: nothing is said."""
    paid = _order(status=Status.PAID, paid_at=NOON + minutes(15))
    assert [("05T12:15", "unpaid.help", "settled")] == _told(simulate([OrderChanged(paid)], deps()))


def test_a_refund_from_request_to_money() -> None:
    """Acknowledged at once, a word a day, the money announced; the hours are the assumed ones."""
    order = _order(status=Status.CLOSED, paid_at=NOON + minutes(1))
    refund = a_refund(NOON + minutes(1), status=RefundStatus.PAID_BACK, observed_at=UNDATED)
    simulation = simulate([OrderChanged(order, (refund,))], deps(), parse("refund_requested=24h,refund_settled=60h"))
    expected = [
        ("05T12:01", "unpaid.help", "settled"),
        ("06T12:01", "refund.acknowledge", "sent"),
        ("07T12:01", "refund.daily", "sent"),
        ("08T00:01", "refund.daily", "settled"),
        ("08T00:01", "refund.settled", "quiet_hours"),
        ("08T09:00", "refund.settled", "sent"),
    ]
    assert expected == _told(simulation)


def test_a_refund_that_never_settles_ends_with_a_person() -> None:
    """Daily words up to the policy's limit, then a task."""
    order = _order(status=Status.PAID, paid_at=NOON)
    refund = a_refund(NOON + hours(1), observed_at=UNDATED)
    simulation = simulate([OrderChanged(order, (refund,))], deps())
    steps = [step for _, step, verdict in _told(simulation) if verdict == "sent"]
    assert ["refund.acknowledge", *["refund.daily"] * 15] == steps


def test_the_clock_stops_before_until() -> None:
    """Nothing at or after `--to` happens."""
    simulation = simulate([OrderChanged(_order())], deps(), until=NOON + days(1))
    assert [("05T12:15", "unpaid.help", "sent")] == _told(simulation)


def test_every_message_is_accepted() -> None:
    """Nothing is left in the outbox; no other channel is involved."""
    simulation = simulate([OrderChanged(_order())], deps())
    messages = simulation.state.items[Outgoing].values()
    assert {(OutgoingState.SENT, "manual")} == {(message.state, message.channel) for message in messages}


def test_the_same_past_twice() -> None:
    """Equal input gives an equal ledger."""
    events = [OrderChanged(_order(NOON + minutes(n), id=str(n), buyer=f"b{n % 3}")) for n in range(30)]
    assert list(entries(simulate(events, deps()))) == list(entries(simulate(events, deps())))
