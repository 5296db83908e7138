"""Three threads, one of each kind, with what their buyers say in each language."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.demo.stage import Event, Stage
from followup.events import Action, AgentActed, MessageReceived, OrderChanged, chat_id, thread_id
from followup.model import Instant, Money, Order, Rating, Refund, RefundStatus, Review, Status

SHOP = "demo"
ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 0, 0, tzinfo=ZONE)
BUYERS = {"unpaid_order": "lin", "pending_refund": "zhou", "review_revision": "he"}

SPOKEN = {
    "zh-CN": {
        "goods": ("羊毛围巾", "不锈钢保温杯", "纯棉床单"),
        "names": ("林小姐", "周先生", "何女士"),
        "later": "明天付",
        "why": "尺码买大了",
        "bad": "洗一次就起球，客服也不理人",
        "solved": "收到补发的了，问题已经解决，谢谢",
    },
    "en": {
        "goods": ("wool scarf", "steel thermos", "cotton sheets"),
        "names": ("Ms Lin", "Mr Zhou", "Ms He"),
        "later": "I'll pay tomorrow",
        "why": "I ordered the wrong size",
        "bad": "Pilled after one wash and nobody answered me",
        "solved": "The replacement came, it's all sorted now, thanks",
    },
    "es": {
        "goods": ("bufanda de lana", "termo de acero", "sábanas de algodón"),
        "names": ("Sra. Lin", "Sr. Zhou", "Sra. He"),
        "later": "pago mañana",
        "why": "me equivoqué de talla",
        "bad": "Se llenó de bolitas al primer lavado y nadie me contestó",
        "solved": "Ya llegó el cambio, está resuelto, gracias",
    },
}


def chat_of(buyer: str) -> str:
    """The chat of a buyer on the terminal."""
    return chat_id(SHOP, "terminal", buyer)


def unpaid_story(stage: Stage, lang: str) -> None:
    """Ordered on Monday at two, says he pays tomorrow, does."""
    order = an_order("1001", 0, "unpaid_order", MONDAY + timedelta(hours=14), lang)
    stage.cue(order.created_at, OrderChanged(order))
    said = order.created_at + timedelta(minutes=21)
    stage.cue(said, says(order.buyer, SPOKEN[lang]["later"], said))
    paid = order.created_at + timedelta(hours=20, minutes=40)
    stage.cue(paid, OrderChanged(replace(order, status=Status.PAID, paid_at=paid, observed_at=paid)))


def refund_story(stage: Stage, lang: str) -> None:
    """Asks for the money back on Tuesday morning, has it on Friday."""
    paid = MONDAY + timedelta(hours=10)
    order = replace(an_order("1002", 1, "pending_refund", paid, lang), status=Status.PAID, paid_at=paid)
    asked = MONDAY + timedelta(days=1, hours=11)
    refund = Refund(SHOP, "R1002", order.id, RefundStatus.REQUESTED, order.total, asked, asked)
    stage.cue(asked, OrderChanged(order, (refund,)))
    said = asked + timedelta(minutes=6)
    stage.cue(said, says(order.buyer, SPOKEN[lang]["why"], said))
    back = asked + timedelta(days=2, hours=5)
    paid_back = replace(refund, status=RefundStatus.PAID_BACK, settled_at=back, observed_at=back)
    stage.cue(back, OrderChanged(order, (paid_back,)))


def review_story(stage: Stage, lang: str) -> None:
    """A bad review on Wednesday; an agent solves the matter; only then one neutral note, and one a week later."""
    paid = MONDAY + timedelta(hours=9)
    order = replace(an_order("1003", 2, "review_revision", paid, lang), status=Status.FINISHED, paid_at=paid)
    wrote = MONDAY + timedelta(days=2, hours=16)
    review = Review(SHOP, "V1003", order.id, Rating.BAD, wrote, wrote, SPOKEN[lang]["bad"])
    stage.cue(wrote, OrderChanged(order, (), (review,)))
    solved = wrote + timedelta(days=1)
    stage.cue(solved, AgentActed(thread_id(SHOP, order.id, "review_revision"), Action.SOLVED, "小美", solved))
    said = solved + timedelta(hours=2)
    stage.cue(said, says(order.buyer, SPOKEN[lang]["solved"], said))


STORIES = {"unpaid_order": unpaid_story, "pending_refund": refund_story, "review_revision": review_story}


def an_order(id_: str, number: int, kind: str, at: Instant, lang: str) -> Order:
    """An unpaid order of 89 yuan."""
    spoken = SPOKEN[lang]
    return Order(
        shop=SHOP,
        id=id_,
        buyer=BUYERS[kind],
        status=Status.UNPAID,
        total=Money(Decimal("89.00")),
        created_at=at,
        observed_at=at,
        goods=spoken["goods"][number],
        buyer_name=spoken["names"][number],
    )


def says(buyer: str, text: str | tuple[str, ...], at: Instant) -> Event:
    """A buyer's message on the terminal."""
    return MessageReceived(SHOP, "terminal", buyer, f"{buyer}-{at.timestamp():.0f}", str(text), at)
