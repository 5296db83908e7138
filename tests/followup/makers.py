"""Domain objects with sensible values; each maker takes what a test cares about and fills in the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from followup.events import MessageReceived, reminder_id, thread_id
from followup.kinds import Case
from followup.model import (
    Buyer,
    Chat,
    Facts,
    Instant,
    Money,
    Order,
    Rating,
    Refund,
    RefundStatus,
    Reminder,
    Review,
    State,
    Status,
    Thread,
)
from followup.policy import Policy
from followup.understood import Intent, Understood

SHOP = "shop"
NOON = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Thursday
POLICY = Policy(SHOP)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def days(count: float) -> timedelta:
    return timedelta(days=count)


def an_order(at: Instant = NOON, **more: Any) -> Order:
    """An unpaid order, made and seen at `at`."""
    order = Order(SHOP, "1001", "lin", Status.UNPAID, Money(Decimal("89.00")), at, at, goods="scarf", buyer_name="Lin")
    return replace(order, **more)


def a_refund(at: Instant = NOON, **more: Any) -> Refund:
    """A refund, asked for and seen at `at`."""
    refund = Refund(SHOP, "R1", "1001", RefundStatus.REQUESTED, Money(Decimal("89.00")), at, at)
    return replace(refund, **more)


def a_review(at: Instant = NOON, **more: Any) -> Review:
    """A bad review, written and seen at `at`."""
    return replace(Review(SHOP, "V1", "1001", Rating.BAD, at, at, "too small"), **more)


def a_buyer(**more: Any) -> Buyer:
    return replace(Buyer(SHOP, "lin", "Lin"), **more)


def a_chat(**more: Any) -> Chat:
    return replace(Chat("shop/terminal/lin", SHOP, "lin", "terminal", "lin"), **more)


def a_case(kind: str, at: Instant = NOON, buyer: Buyer | None = None, chat: Chat | None = None, **more: Any) -> Case:
    """A case of that kind, opened at `at`; `more` is of its thread, `order`, `refunds` and `reviews` of its facts."""
    paid = an_order(at, status=Status.PAID, paid_at=at)
    order = more.pop("order", an_order(at) if kind == "unpaid_order" else paid)
    refunds = more.pop("refunds", (a_refund(at),) if kind == "pending_refund" else ())
    reviews = more.pop("reviews", (a_review(at),) if kind == "review_revision" else ())
    thread = Thread(
        id=thread_id(SHOP, order.id, kind),
        shop=SHOP,
        order_id=order.id,
        kind=kind,
        buyer="lin",
        chat="shop/terminal/lin",
        state=State.OPEN,
        opened_at=at,
        acted_at=at,
        matter={"pending_refund": "R1", "review_revision": "V1"}.get(kind, ""),
    )
    return Case(replace(thread, **more), Facts(order, refunds, reviews), buyer or a_buyer(), chat or a_chat())


def a_reminder(case: Case, step: str, round_: str | None = None, due: Instant = NOON, **more: Any) -> Reminder:
    """A planned touch of the case's thread, by default about its matter."""
    thread = case.thread
    id_ = reminder_id(thread.id, step, thread.matter if round_ is None else round_)
    return replace(Reminder(id_, thread.id, SHOP, thread.buyer, step, due), **more)


def a_message(text: str = "hello", at: Instant = NOON, **more: Any) -> MessageReceived:
    return replace(MessageReceived(SHOP, "terminal", "lin", "m1", text, at), **more)


def heard(intent: Intent, named_at: Instant | None = None, lang: str = "") -> Understood:
    return Understood(intent, named_at, lang)
