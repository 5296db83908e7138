from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.orders.headers import ORDER_LISTS, REFUNDS
from bot.orders.taobao_write import write_orders
from followup.events import OrderChanged
from followup.model import Money, Order, Status

from .files import EXPORTED, read

FIRST, LAST = datetime.fromisoformat("2000-01-02"), datetime.fromisoformat("2099-12-30")
times = st.datetimes(FIRST, LAST, timezones=st.just(UTC)).map(lambda when: when.replace(microsecond=0))
names = st.text("abc鲸鱼的，,\"'=松0 9", min_size=1, max_size=12).map(lambda text: f"林{text.strip()}鱼")


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """An order as an order list can tell it."""
    paid = draw(st.none() | times)
    ends = (Status.PAID, Status.SHIPPED, Status.FINISHED, Status.CLOSED)
    status = draw(st.sampled_from(ends if paid else (Status.UNPAID, Status.CLOSED_UNPAID)))
    return Order(
        shop="demo",
        id=str(draw(st.integers(1, 10**19))),
        buyer=" ".join(draw(names).split()),
        status=status,
        total=Money(draw(st.decimals(0, 99_999, places=2))),
        created_at=draw(times),
        observed_at=EXPORTED,
        paid_at=paid,
        closed_at=draw(times) if status is Status.FINISHED else None,
        goods=" ".join(draw(names).split()),
        region=draw(st.sampled_from(["广东省", "上海", "广西壮族自治区"])),
        buyer_name="林晚",
        tells_shipping=True,
    )


@pytest.mark.parametrize(("variant", "encoding"), [("2018", "gbk"), ("2020s", "utf-8-sig"), ("2018", "utf-16")])
@settings(deadline=None, max_examples=50)
@given(st.lists(orders(), min_size=1, max_size=4))
def test_what_is_written_is_read(variant: str, encoding: str, written: list[Order]) -> None:
    """Whatever the order, the list gives it back; only every third name is masked on the way."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        write_orders(path, map(OrderChanged, written), variant, encoding)
        back = [replace(event.order, buyer_name="林晚") for event in read(path) if isinstance(event, OrderChanged)]
    assert written == back


def test_the_headers_have_their_columns() -> None:
    """46, 54, 67 and 7 columns of order lists, 42 of the refund export; six names end in a space until 2018."""
    assert [46, 54, 67, 7] == [len(set(header)) for header in ORDER_LISTS.values()]
    assert 42 == len(set(REFUNDS))
    assert 6 == sum(name.endswith(" ") for name in ORDER_LISTS["2018"])
