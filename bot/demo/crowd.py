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
from followup.model import Instant, Money, Order, Refund, Review, Status

ORDERS, SEED = 240, 11
FIRST = 3001
CHANNEL = "chat"
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
