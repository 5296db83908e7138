"""The stories of the demo, each from its first word to its last, in the words, money and zone of each language."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.demo.acting import BUYERS, SHOP, an_order, says
from bot.demo.cases import missing_story, return_story, stuck_story
from bot.demo.places import Place
from bot.demo.stage import Cues
from followup.events import Action, AgentActed, OrderChanged, thread_id
from followup.model import Instant, Order, Rating, Refund, RefundStatus, Review, Status

READER = BUYERS["unpaid_order"]


def order_only(stage: Cues, place: Place) -> Order:
    """Somebody orders on Monday at two and does not pay."""
    order = an_order(place, "unpaid_order", place.monday + timedelta(hours=14))
    stage.cue(order.created_at, OrderChanged(order))
    return order


def pays(stage: Cues, order: Order, at: Instant) -> None:
    """The shop's records show the payment."""
    stage.cue(at, OrderChanged(replace(order, status=Status.PAID, paid_at=at, observed_at=at)))


def unpaid_story(stage: Cues, place: Place) -> None:
    """Says he pays tomorrow, and does."""
    order = order_only(stage, place)
    says(stage, order, place.line("unpaid_order", "later"), order.created_at + timedelta(minutes=21))
    pays(stage, order, order.created_at + timedelta(hours=20, minutes=40))


def refund_story(stage: Cues, place: Place) -> None:
    """Asks for the money back on Tuesday morning, has it on Thursday."""
    paid = place.monday + timedelta(hours=10)
    order = replace(an_order(place, "pending_refund", paid), status=Status.PAID, paid_at=paid)
    asked = place.monday + timedelta(days=1, hours=11)
    refund = Refund(SHOP, "R1002", order.id, RefundStatus.REQUESTED, order.total, asked, asked)
    stage.cue(asked, OrderChanged(order, (refund,)))
    says(stage, order, place.line("pending_refund", "why"), asked + timedelta(minutes=6))
    back = asked + timedelta(days=2, hours=5)
    paid_back = replace(refund, status=RefundStatus.PAID_BACK, settled_at=back, observed_at=back)
    stage.cue(back, OrderChanged(order, (paid_back,)))


def review_story(stage: Cues, place: Place) -> None:
    """A bad review on Wednesday; an agent solves the matter; only then one neutral note, and one a week later."""
    paid = place.monday + timedelta(hours=9)
    order = replace(an_order(place, "review_revision", paid), status=Status.FINISHED, paid_at=paid)
    wrote = place.monday + timedelta(days=2, hours=16)
    review = Review(SHOP, "V1003", order.id, Rating.BAD, wrote, wrote, place.line("review_revision", "bad"))
    stage.cue(wrote, OrderChanged(order, (), (review,)))
    solved = wrote + timedelta(days=1)
    stage.cue(solved, AgentActed(thread_id(SHOP, order.id, "review_revision"), Action.SOLVED, place.agent, solved))
    says(stage, order, place.line("review_revision", "solved"), solved + timedelta(hours=2))


STORIES = dict(
    zip(BUYERS, (unpaid_story, refund_story, review_story, missing_story, return_story, stuck_story), strict=True)
)
