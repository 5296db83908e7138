"""An invented month of a shop, for demos and benches: one seed, one month. Nobody in it exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from random import Random

from bot.orders.taobao_write import write_orders
from followup.events import OrderChanged
from followup.model import Instant, Money, Order, Rating, Refund, RefundStatus, Review, Status

Timeline = tuple[OrderChanged, ...]

START = datetime(2026, 3, 1, tzinfo=UTC)
MONTH = timedelta(days=30)
_HOURS = (2, 1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 8, 8, 8, 8, 8, 8, 7, 7, 9, 12, 13, 10, 5)
_MOODS = ("晴天", "慢慢", "安静", "早起", "爱笑", "路过", "南方", "北边", "半糖", "小小", "云上", "橘色")
_NOUNS = ("鲸鱼", "松鼠", "面包", "山茶", "月亮", "邮差", "柚子", "帆船", "书架", "陶罐", "石榴", "风筝")
_FAMILIES = ("林", "陈", "周", "沈", "何", "许", "叶", "方", "苏", "江")
_GOODS = (
    ("棉麻围裙 深灰", "39.00"),
    ("手冲咖啡壶 600ml", "129.00"),
    ("竹制砧板 双面", "45.90"),
    ("陶瓷饭碗 四只装", "58.00"),
    ("帆布书包 米白", "96.00"),
    ("桌面台灯 暖光", "149.00"),
    ("羊毛袜 三双", "37.00"),
    ("折叠雨伞 墨绿", "52.50"),
    ("香薰蜡烛 雪松", "68.00"),
    ("儿童拼图 200片", "33.00"),
    ("硅胶密封条 五米", "18.80"),
    ("保温杯 350ml", "79.00"),
)
_PROVINCES = (
    "广东省",
    "浙江省",
    "江苏省",
    "四川省",
    "山东省",
    "湖南省",
    "上海",
    "北京",
    "云南省",
    "广西壮族自治区",
    "新疆维吾尔自治区",
    "辽宁省",
)
_WHY = ("不想要了", "尺寸不合适", "与描述不符", "少件", "包装破损", "发货太慢")
_COMPLAINTS = ("颜色和图片差太多", "等了很久才收到", "用两天就坏了", "客服没有回答我")


@dataclass
class _Life:
    """One order as it goes on; `tell` records what the source would say at each turn."""

    order: Order
    rng: Random
    refunds: tuple[Refund, ...] = ()
    reviews: tuple[Review, ...] = ()
    told: list[OrderChanged] = field(default_factory=list)

    @property
    def now(self) -> Instant:
        return self.order.observed_at

    def tell(self, at: Instant, status: Status, **dates: Instant | None) -> None:
        self.order = replace(self.order, observed_at=at, status=status, **dates)  # type: ignore[arg-type]
        self.told.append(OrderChanged(self.order, self.refunds, self.reviews, "shop_month"))

    def hours(self, least: float, most: float) -> timedelta:
        return timedelta(seconds=self.rng.randint(int(least * 3600), int(most * 3600)))

    def unlikely(self, percent: float) -> bool:
        return self.rng.random() * 100 < percent


def generate(orders: int, seed: int, start: Instant = START, shop: str = "demo") -> list[Timeline]:
    """What the source says of each order over its life, orders sorted by creation; refunds and reviews included.

    About 14% are never paid, 20% paid back, and some reviews are bad. Equal arguments give equal timelines.
    """
    rng = Random(seed)  # noqa: S311 - a pretended shop, nothing secret
    created = sorted(start + _moment(rng) for _ in range(orders))
    return [_timeline(_order(rng, shop, n, orders, at), rng) for n, at in enumerate(created)]


def timeline(orders: int, seed: int, start: Instant = START, shop: str = "demo") -> Iterator[OrderChanged]:
    """The same month as one stream of events in the order of time (`order.observed_at`)."""
    events = chain.from_iterable(generate(orders, seed, start, shop))
    yield from sorted(events, key=lambda event: event.order.observed_at)


def write_export(
    path: Path, orders: int, seed: int, variant: str = "2018", encoding: str = "gbk", start: Instant = START
) -> None:
    """Writes the month as a Taobao order list made at its end; `variant` is a key of `headers.ORDER_LISTS`."""
    made_at = start + MONTH
    told = (_last_before(made_at, events) for events in generate(orders, seed, start))
    write_orders(path, told, variant, encoding)


def _last_before(at: Instant, events: Timeline) -> OrderChanged:
    return next((event for event in reversed(events) if event.order.observed_at <= at), events[0])


def _moment(rng: Random) -> timedelta:
    # Hours are Shanghai's, eight ahead of UTC; the first day lends its early hours to the last.
    hour = rng.choices(range(24), _HOURS)[0] - 8
    return timedelta(days=rng.randrange(30), hours=hour % 24, seconds=rng.randrange(3600))


def _order(rng: Random, shop: str, number: int, orders: int, at: Instant) -> Order:
    person = rng.randrange(max(1, orders * 4 // 5))
    goods, price = rng.choice(_GOODS)
    return Order(
        shop=shop,
        id=str(3_510_000_000_000_000_000 + number * 1_000_003 + rng.randrange(1_000_000)),
        buyer=f"{_MOODS[person % 12]}的{_NOUNS[person // 12 % 12]}{person}",
        status=Status.UNPAID,
        total=Money(Decimal(price) * rng.choice((1, 1, 1, 2, 3))),
        created_at=at,
        observed_at=at,
        auto_close_at=at + timedelta(hours=72),
        goods=goods,
        region=_PROVINCES[person % len(_PROVINCES)],
        buyer_name=_FAMILIES[person % 10] + _NOUNS[person // 10 % 12][0],
    )


def _timeline(order: Order, rng: Random) -> Timeline:
    life = _Life(order, rng)
    life.tell(order.created_at, Status.UNPAID)
    if life.unlikely(14):
        closes = order.created_at + timedelta(hours=72)
        life.tell(closes, Status.CLOSED_UNPAID, closed_at=closes)
    else:
        paid = order.created_at + (life.hours(1, 30) if life.unlikely(8) else life.hours(0.01, 0.3))
        life.tell(paid, Status.PAID, paid_at=paid, auto_close_at=None)
        _go_on(life)
    return tuple(life.told)


def _go_on(life: _Life) -> None:
    refunded = life.unlikely(25)
    if refunded and life.unlikely(40) and _refund(life, life.now + life.hours(1, 24), timedelta(hours=48)):
        return
    shipped = life.now + (life.hours(96, 190) if life.unlikely(3) else life.hours(2, 40))
    life.tell(shipped, Status.SHIPPED, shipped_at=shipped)
    if refunded and not life.refunds and _refund(life, shipped + life.hours(20, 60), timedelta(days=5)):
        return
    life.tell(life.now + (life.hours(240, 380) if life.unlikely(2) else life.hours(24, 90)), Status.SIGNED)
    finished = life.now + life.hours(1, 160)
    life.tell(finished, Status.FINISHED, closed_at=finished)
    _review(life, finished + life.hours(0.1, 48))


def _refund(life: _Life, asked: Instant, allowed: timedelta) -> bool:
    """Asks for the money, settles within or a little beyond the time allowed; whether it was paid back."""
    order, rng = life.order, life.rng
    status = RefundStatus.REQUESTED if order.status is Status.PAID else RefundStatus.RETURNING
    why, deadline = rng.choice(_WHY), asked + allowed
    refund = Refund(order.shop, f"R{order.id}", order.id, status, order.total, asked, asked, deadline, reason=why)
    life.refunds = (refund,)
    life.tell(asked, order.status)
    settled = asked + min(life.hours(1, 12) * rng.choice((1, 1, 2, 4, 8)), allowed)
    back = not life.unlikely(8)
    outcome = RefundStatus.PAID_BACK if back else RefundStatus.WITHDRAWN
    life.refunds = (replace(refund, status=outcome, observed_at=settled, settled_at=settled),)
    life.tell(settled, Status.CLOSED if back else order.status, closed_at=settled if back else None)
    return back


def _review(life: _Life, at: Instant) -> None:
    rating = life.rng.choices((None, Rating.GOOD, Rating.NEUTRAL, Rating.BAD), (62, 32, 2, 4))[0]
    if rating is None:
        return
    text = "" if rating is Rating.GOOD else life.rng.choice(_COMPLAINTS)
    review = Review(life.order.shop, f"V{life.order.id}", life.order.id, rating, at, at, text)
    life.reviews = (review,)
    life.tell(at, Status.FINISHED)
    if rating is Rating.BAD and life.unlikely(30):
        later = at + life.hours(20, 150)
        life.reviews = (replace(review, rating=Rating.REMOVED, observed_at=later),)
        life.tell(later, Status.FINISHED)
