"""The other buyers of a served demo: a generated month in the names, goods and money of its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

from bot.demo.acting import SHOP
from bot.demo.places import Place
from bot.shop_month import Timeline, generate
from followup.events import MessageReceived, OrderChanged
from followup.model import Instant, Money, Order, Rating, Refund, RefundStatus, Review, Status

ORDERS, SEED = 300, 11
FIRST = 3001
CHANNEL = "chat"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TALKATIVE = 45
"""Percent of those who have not paid that answer something."""


def crowd(place: Place, begin: Instant) -> Iterator[Timeline]:
    """What the shop's records say of each order of a month that begins at `begin`."""
    for number, told in enumerate(generate(ORDERS, SEED, begin, SHOP), FIRST):
        yield tuple(_here(event, str(number), place) for event in told)


def words_of(told: Timeline, place: Place, seed: int) -> Iterator[tuple[Instant, OrderChanged | MessageReceived]]:
    """What the buyer of an order says of himself."""
    rng, first = Random(seed), told[0].order  # noqa: S311 - a pretended shop, nothing secret
    if rng.random() * 100 >= TALKATIVE:
        return
    at = first.created_at + timedelta(minutes=rng.randrange(20, 600))
    text = rng.choice((place.line("unpaid_order", "later"), *place.crowd.chatter))
    yield at, MessageReceived(SHOP, CHANNEL, first.buyer, f"{first.id}-1", text, at)


def _here(event: OrderChanged, number: str, place: Place) -> OrderChanged:
    """The event as it is told here."""
    order = _order(event.order, number, place)
    refunds = tuple(_refund(each, order) for each in event.refunds)
    reviews = tuple(_review(each, order, place) for each in event.reviews)
    return OrderChanged(order, refunds, reviews, event.source)


def _order(order: Order, number: str, place: Place) -> Order:
    of, own = int(number), place.crowd
    return replace(
        order,
        id=number,
        buyer=f"c{number}",
        buyer_name=own.names[of % len(own.names)],
        goods=own.goods[of // 3 % len(own.goods)],
        total=Money(order.total.amount, place.price.currency),
        region="",
        shipped_at=order.shipped_at or (order.observed_at if order.status is Status.SIGNED else None),
    )


def _refund(refund: Refund, order: Order) -> Refund:
    return replace(refund, id=f"R{order.id}", order_id=order.id, amount=order.total, reason="")


def _review(review: Review, order: Order, place: Place) -> Review:
    text = place.line("review_revision", "bad") if review.text else ""
    return replace(review, id=f"V{order.id}", order_id=order.id, text=text)


def guests(place: Place, opens: Instant) -> Iterator[tuple[Instant, OrderChanged | MessageReceived]]:
    """Four matters that came up just before the shop opens, and wait for whoever opens it."""
    missing = replace(_guest(place, 1, opens - 3 * DAY, Status.SIGNED), shipped_at=opens - 2 * DAY)
    yield missing.created_at, OrderChanged(missing)
    yield _says(missing, place.line("missing_item", "says"), opens - 50 * MINUTE)
    paid = _guest(place, 2, opens - DAY, Status.PAID)
    yield paid.created_at, OrderChanged(paid)
    asked = opens - 40 * MINUTE
    refund = Refund(SHOP, f"R{paid.id}", paid.id, RefundStatus.REQUESTED, paid.total, asked, asked)
    yield asked, OrderChanged(replace(paid, observed_at=asked), (refund,))
    done = _guest(place, 3, opens - 9 * DAY, Status.FINISHED)
    yield done.created_at, OrderChanged(done)
    wrote = opens - 70 * MINUTE
    bad = Review(SHOP, f"V{done.id}", done.id, Rating.BAD, wrote, wrote, place.line("review_revision", "bad"))
    yield wrote, OrderChanged(replace(done, observed_at=wrote), (), (bad,))
    unpaid = _guest(place, 4, opens - 4 * HOUR)
    yield unpaid.created_at, OrderChanged(unpaid)
    yield _says(unpaid, place.crowd.chatter[-1], opens - 12 * MINUTE)


def _guest(place: Place, number: int, at: Instant, status: Status = Status.UNPAID) -> Order:
    own = place.crowd
    order = Order(SHOP, f"{2001 + number}", f"guest{number}", status, place.price, at, at)
    paid = None if status is Status.UNPAID else at
    return replace(order, goods=own.goods[-number], buyer_name=own.names[-number], paid_at=paid)


def _says(order: Order, text: str, at: Instant) -> tuple[Instant, MessageReceived]:
    return at, MessageReceived(SHOP, CHANNEL, order.buyer, f"{order.id}-1", text, at)
