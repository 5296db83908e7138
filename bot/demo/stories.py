"""Three threads, one of each kind, in the words, money and zone of each language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.demo.stage import Stage
from followup.events import Action, AgentActed, MessageReceived, OrderChanged, chat_id, thread_id
from followup.model import Instant, Money, Order, Rating, Refund, RefundStatus, Review, Status

SHOP = "demo"
KINDS = ("unpaid_order", "pending_refund", "review_revision")
BUYERS = dict(zip(KINDS, ("lin", "zhou", "he"), strict=True))
READER = BUYERS["unpaid_order"]


@dataclass(frozen=True)
class Place:
    """Where a demo plays; names and goods in the order of KINDS."""

    lang: str
    zone: ZoneInfo
    price: Money
    names: tuple[str, str, str]
    goods: tuple[str, str, str]
    agent: str
    later: str
    why: str
    bad: str
    solved: str

    @property
    def monday(self) -> datetime:
        """When everything begins."""
        return datetime(2026, 3, 2, tzinfo=self.zone)


PLACES = {
    "zh-CN": Place(
        lang="zh-CN",
        zone=ZoneInfo("Asia/Shanghai"),
        price=Money(Decimal("89.00"), "CNY"),
        names=("林小姐", "周先生", "何女士"),
        goods=("羊毛围巾", "不锈钢保温杯", "纯棉床单"),
        agent="小美",
        later="明天付",
        why="买重了，家里已经有一个",
        bad="洗一次就起球，客服也不理人",
        solved="收到补发的了，问题已经解决，谢谢",
    ),
    "en": Place(
        lang="en",
        zone=ZoneInfo("America/New_York"),
        price=Money(Decimal("39.00"), "USD"),
        names=("Ms Carter", "Mr Hughes", "Ms Novak"),
        goods=("wool scarf", "steel thermos", "cotton sheets"),
        agent="Mia",
        later="I'll pay tomorrow",
        why="I ordered it twice by mistake",
        bad="Pilled after one wash and nobody answered me",
        solved="The replacement came, it's all sorted now, thanks",
    ),
    "es": Place(
        lang="es",
        zone=ZoneInfo("Europe/Madrid"),
        price=Money(Decimal("39.00"), "EUR"),
        names=("Sra. Vega", "Sr. Molina", "Sra. Ríos"),
        goods=("bufanda de lana", "termo de acero", "sábanas de algodón"),
        agent="Mía",
        later="pago mañana",
        why="lo pedí dos veces sin querer",
        bad="Se llenó de bolitas al primer lavado y nadie me contestó",
        solved="Ya llegó el cambio, está resuelto, gracias",
    ),
}


def chat_of(buyer: str) -> str:
    """The chat of a buyer on the terminal."""
    return chat_id(SHOP, "terminal", buyer)


def order_only(stage: Stage, place: Place) -> Order:
    """Somebody orders on Monday at two and does not pay."""
    order = an_order(place, "unpaid_order", "1001", place.monday + timedelta(hours=14))
    stage.cue(order.created_at, OrderChanged(order))
    return order


def pays(stage: Stage, order: Order, at: Instant) -> None:
    """The shop's records show the payment."""
    stage.cue(at, OrderChanged(replace(order, status=Status.PAID, paid_at=at, observed_at=at)))


def unpaid_story(stage: Stage, place: Place) -> None:
    """Says he pays tomorrow, and does."""
    order = order_only(stage, place)
    _says(stage, order, place.later, order.created_at + timedelta(minutes=21))
    pays(stage, order, order.created_at + timedelta(hours=20, minutes=40))


def refund_story(stage: Stage, place: Place) -> None:
    """Asks for the money back on Tuesday morning, has it on Thursday."""
    paid = place.monday + timedelta(hours=10)
    order = replace(an_order(place, "pending_refund", "1002", paid), status=Status.PAID, paid_at=paid)
    asked = place.monday + timedelta(days=1, hours=11)
    refund = Refund(SHOP, "R1002", order.id, RefundStatus.REQUESTED, order.total, asked, asked)
    stage.cue(asked, OrderChanged(order, (refund,)))
    _says(stage, order, place.why, asked + timedelta(minutes=6))
    back = asked + timedelta(days=2, hours=5)
    paid_back = replace(refund, status=RefundStatus.PAID_BACK, settled_at=back, observed_at=back)
    stage.cue(back, OrderChanged(order, (paid_back,)))


def review_story(stage: Stage, place: Place) -> None:
    """A bad review on Wednesday; an agent solves the matter; only then one neutral note, and one a week later."""
    paid = place.monday + timedelta(hours=9)
    order = replace(an_order(place, "review_revision", "1003", paid), status=Status.FINISHED, paid_at=paid)
    wrote = place.monday + timedelta(days=2, hours=16)
    review = Review(SHOP, "V1003", order.id, Rating.BAD, wrote, wrote, place.bad)
    stage.cue(wrote, OrderChanged(order, (), (review,)))
    solved = wrote + timedelta(days=1)
    stage.cue(solved, AgentActed(thread_id(SHOP, order.id, "review_revision"), Action.SOLVED, place.agent, solved))
    _says(stage, order, place.solved, solved + timedelta(hours=2))


STORIES = dict(zip(KINDS, (unpaid_story, refund_story, review_story), strict=True))


def an_order(place: Place, kind: str, id_: str, at: Instant) -> Order:
    """An order of that kind's buyer, not paid yet."""
    number = KINDS.index(kind)
    return Order(
        shop=SHOP,
        id=id_,
        buyer=BUYERS[kind],
        status=Status.UNPAID,
        total=place.price,
        created_at=at,
        observed_at=at,
        goods=place.goods[number],
        buyer_name=place.names[number],
    )


def _says(stage: Stage, order: Order, text: str, at: Instant) -> None:
    message = MessageReceived(SHOP, "terminal", order.buyer, f"{order.buyer}-{at.timestamp():.0f}", text, at)
    stage.cue(at, message)
