"""Three procedures of the manuals: a cup is missing, goods are sent back, a parcel stands still (rules 30, 42, 58)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.demo.acting import SHOP, a_parcel, an_order, moves, says, signed_order
from bot.demo.places import Place
from bot.demo.stage import Cues
from followup.after_sales.model import Remedy
from followup.causes import Cause
from followup.events import CaseMoved, Move, OrderChanged
from followup.model import Instant, Order, Parcel, ParcelStatus, Refund, RefundStatus, Status

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def missing_story(stage: Cues, place: Place) -> None:
    """A cup is missing on Monday: photos and weight, then an agent has it sent, and it arrives on Friday."""
    signed = place.monday + 9 * HOUR
    order, wrote = signed_order(stage, place, "missing_item", signed), signed + 2 * HOUR
    says(stage, order, place.line("missing_item", "says"), wrote)
    says(stage, order, place.line("missing_item", "box"), wrote + timedelta(minutes=4))
    says(stage, order, place.line("missing_item", "photos"), wrote + timedelta(minutes=9), photos=2)
    says(stage, order, place.line("missing_item", "weight"), wrote + timedelta(minutes=12))
    done = CaseMoved(SHOP, order.id, Move.REMEDY, place.agent, wrote + 3 * HOUR, remedy=Remedy.REISSUE)
    moves(stage, done)
    moves(stage, replace(done, move=Move.REISSUED, at=wrote + 5 * HOUR, number="SF7788990011223"))
    arrived = wrote + 3 * DAY
    again = Parcel(SHOP, "SF7788990011223", order.id, ParcelStatus.SIGNED, done.at, arrived, "SF Express", arrived)
    stage.cue(arrived, OrderChanged(replace(order, observed_at=arrived), parcels=(replace(again, signed_at=arrived),)))
    says(stage, order, place.line("missing_item", "thanks"), arrived + HOUR)
    moves(stage, replace(done, move=Move.CAUSE, at=arrived + 2 * HOUR, cause=Cause.WAREHOUSE))
    moves(stage, replace(done, move=Move.REGISTER, at=arrived + 2 * HOUR))


def return_story(stage: Cues, place: Place) -> None:
    """It does not fit: how to send it back, a reminder of the number, arrived in order, the money is back."""
    signed = place.monday + 10 * HOUR
    order, wrote = signed_order(stage, place, "no_reason", signed), signed + 5 * HOUR
    says(stage, order, place.line("no_reason", "says"), wrote)
    says(stage, order, place.line("no_reason", "number"), wrote + 3 * DAY)
    arrived = wrote + 6 * DAY
    came = CaseMoved(SHOP, order.id, Move.ARRIVED, place.agent, arrived)
    moves(stage, came)
    back = arrived + DAY
    refund = Refund(SHOP, "R1005", order.id, RefundStatus.PAID_BACK, order.total, wrote, back, settled_at=back)
    stage.cue(back, OrderChanged(replace(order, status=Status.CLOSED, observed_at=back), (refund,)))
    moves(stage, replace(came, move=Move.CAUSE, at=back + HOUR, cause=Cause.BUYER))
    moves(stage, replace(came, move=Move.REGISTER, at=back + HOUR))


def stuck_story(stage: Cues, place: Place) -> None:
    """Nobody saw the parcel since Monday: the shop says so first, then every day, until it moves on Saturday."""
    paid = place.monday + 8 * HOUR
    order = replace(an_order(place, "stuck_parcel", paid), status=Status.PAID, paid_at=paid, tells_shipping=True)
    stage.cue(paid, OrderChanged(order))
    shipped = paid + 4 * HOUR
    order = replace(order, status=Status.SHIPPED, shipped_at=shipped, observed_at=shipped)
    stage.cue(shipped, _seen(order, shipped, shipped, place.line("stuck_parcel", "hub")))
    says(stage, order, place.line("stuck_parcel", "asks"), shipped + 3 * DAY + 4 * HOUR)
    moved = shipped + 5 * DAY
    stage.cue(moved, _seen(order, shipped, moved, place.line("stuck_parcel", "next")))
    signed = moved + DAY
    order = replace(order, status=Status.SIGNED, closed_at=signed, observed_at=signed)
    stage.cue(signed, OrderChanged(order, parcels=(a_parcel(order, shipped, signed, signed_at=signed),)))


def _seen(order: Order, shipped: Instant, at: Instant, hub: str) -> OrderChanged:
    """The courier saw the parcel at `at`."""
    return OrderChanged(replace(order, observed_at=at), parcels=(a_parcel(order, shipped, at, hub),))
