"""What stories are made of: orders, buyers who speak, people of the shop who act."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.demo.places import Place
from bot.demo.stage import Cues
from followup.events import CaseMoved, MessageReceived, OrderChanged, chat_id
from followup.model import Attachment, Instant, Media, Order, Parcel, ParcelStatus, Status

SHOP = "demo"
BUYERS = {
    "unpaid_order": "lin",
    "pending_refund": "zhou",
    "review_revision": "he",
    "missing_item": "wu",
    "no_reason": "chen",
    "stuck_parcel": "zheng",
}
KINDS = {story: story for story in BUYERS} | dict.fromkeys(("missing_item", "no_reason"), "after_sales")
ORDERS = {story: str(number) for number, story in enumerate(BUYERS, 1001)}


def chat_of(buyer: str) -> str:
    """The chat of a buyer on the terminal."""
    return chat_id(SHOP, "terminal", buyer)


def an_order(place: Place, story: str, at: Instant) -> Order:
    """The order of that story's buyer, not paid yet."""
    part = place.parts[story]
    return Order(
        shop=SHOP,
        id=ORDERS[story],
        buyer=BUYERS[story],
        status=Status.UNPAID,
        total=place.price,
        created_at=at,
        observed_at=at,
        goods=part.goods,
        buyer_name=part.name,
    )


def signed_order(stage: Cues, place: Place, story: str, at: Instant) -> Order:
    """An order that was paid three days before and signed for at `at`, as the shop's records tell it."""
    paid = at - timedelta(days=3)
    order = replace(an_order(place, story, paid), status=Status.PAID, paid_at=paid)
    stage.cue(paid, OrderChanged(order))
    order = replace(order, status=Status.SIGNED, shipped_at=paid + timedelta(days=1), closed_at=at, observed_at=at)
    stage.cue(at, OrderChanged(order, parcels=(a_parcel(order, order.shipped_at or at, at, signed_at=at),)))
    return order


def a_parcel(order: Order, shipped: Instant, at: Instant, place: str = "", signed_at: Instant | None = None) -> Parcel:
    """The order's parcel as the courier knows it at `at`."""
    status = ParcelStatus.SIGNED if signed_at else ParcelStatus.ON_ITS_WAY
    number = f"SF10086{order.id}00"
    return Parcel(SHOP, number, order.id, status, shipped, at, "SF Express", at, place, signed_at)


def says(stage: Cues, order: Order, text: str, at: Instant, photos: int = 0) -> None:
    """The buyer of the order writes, perhaps with photos."""
    sent = tuple(Attachment(Media.PHOTO, f"photo-{order.id}-{number}") for number in range(photos))
    id_ = f"{order.buyer}-{at.timestamp():.0f}"
    stage.cue(at, MessageReceived(SHOP, "terminal", order.buyer, id_, text, at, attachments=sent))


def moves(stage: Cues, event: CaseMoved) -> None:
    """A person of the shop moves an after-sales case on."""
    stage.cue(event.at, event)
