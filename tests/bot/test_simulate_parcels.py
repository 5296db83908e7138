"""A replay tells of late orders and stuck parcels as they would have been told of."""

from __future__ import annotations

from dataclasses import replace

from bot.report.figures import figures
from bot.simulate import simulate
from bot.simulate_facts import UNDATED
from bot.simulate_read import Rejected
from bot.simulate_report import render
from followup.events import OrderChanged
from followup.model import Order, Parcel, ParcelStatus, Status
from tests.bot.simulate_deps import deps
from tests.followup.makers import NOON, an_order, days


def _sent(id_: str, after: float, status: Status = Status.FINISHED) -> Order:
    order = replace(an_order(), id=id_, buyer=f"b{id_}", observed_at=UNDATED, status=status, tells_shipping=True)
    return replace(order, paid_at=NOON, shipped_at=NOON + days(after), closed_at=NOON + days(20))


def _events() -> list[OrderChanged]:
    """One order sent in time, one after five days; one whose parcel was not seen for a week before it arrived."""
    parcel = Parcel("shop", "YT123456", "3", ParcelStatus.SIGNED, NOON + days(1), UNDATED, "圆通")
    parcel = replace(parcel, moved_at=NOON + days(2), signed_at=NOON + days(9), place="杭州转运中心")
    return [OrderChanged(_sent("1", 1)), OrderChanged(_sent("2", 5)), OrderChanged(_sent("3", 1), parcels=(parcel,))]


def test_late_and_stuck_orders_are_replayed_to_their_end() -> None:
    """Each is followed from its time on, and settled when the export says it was."""
    simulation = simulate(_events(), deps())
    threads = figures(simulation).threads()
    assert {"opened": 1, "settled": 1, "given_up": 0} == threads["late_shipment"]
    assert {"opened": 1, "settled": 1, "given_up": 0} == threads["stuck_parcel"]
    said = [line.step for line in simulation.decided if line.text]
    assert [("late.sorry", 1), ("late.daily", 2), ("late.shipped", 1)] == [
        (step, said.count(step)) for step in ("late.sorry", "late.daily", "late.shipped")
    ]
    assert [1, 3] == [said.count(step) for step in ("stuck.told", "stuck.daily")]


def test_the_report_calls_everything_by_its_name() -> None:
    """No code of ours is left on the page, in either language."""
    simulation = simulate(_events(), deps())
    for lang in ("zh-CN", "en"):
        page = render(simulation, figures(simulation), Rejected(), "shop", lang)
        codes = ("late_shipment", "stuck_parcel", "late.sorry", "stuck.told")
        assert not [code for code in codes if f">{code}<" in page]
