from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.orders.cells import TRACKING
from bot.orders.jsonl import LONGEST_LINE, JsonLines, dump
from followup.events import OrderChanged
from followup.model import Money, Order, Parcel, ParcelStatus, Rating, Refund, RefundStatus, Review, Status
from followup.ports import BadRow, UnknownFormat

from .files import EXPORTED

LINE: dict[str, Any] = {
    "type": "order",
    "id": "17",
    "buyer": "b1",
    "status": "unpaid",
    "total": "37.00",
    "created_at": "2020-02-20T23:59:35+08:00",
}

FIRST, LAST = datetime.fromisoformat("2000-01-02"), datetime.fromisoformat("2099-12-30")
some_time = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
times = st.none() | some_time
letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(letters, max_size=20)
ids = st.text(letters, min_size=1, max_size=20)
amounts = st.decimals(0, 999_999, places=2).map(lambda figure: Money(figure, "CNY"))


def _fact(cls: type, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(cls, shop=st.just("demo"), id=ids, observed_at=some_time, **fields)


orders = _fact(
    Order,
    buyer=ids,
    status=st.sampled_from(Status),
    total=amounts,
    created_at=some_time,
    paid_at=times,
    shipped_at=times,
    closed_at=times,
    auto_close_at=times,
    goods=texts,
    region=texts,
    buyer_name=texts,
    phone_tail=st.sampled_from(["", "0007", "1234"]),
    ship_by=times,
    tells_shipping=st.booleans(),
)
refunds = _fact(
    Refund,
    order_id=st.just(""),
    status=st.sampled_from(RefundStatus),
    amount=amounts,
    requested_at=some_time,
    deadline=times,
    settled_at=times,
    reason=texts,
)
reviews = _fact(Review, order_id=st.just(""), rating=st.sampled_from(Rating), created_at=some_time, text=texts)
parcels = _fact(
    Parcel,
    order_id=st.just(""),
    status=st.sampled_from(ParcelStatus),
    shipped_at=some_time,
    courier=st.sampled_from(["", "圆通速递", "UPS"]),
    moved_at=times,
    place=st.sampled_from(["", "已到达杭州转运中心", "Arrived at Leipzig hub"]),
    signed_at=times,
    back=st.booleans(),
).flatmap(lambda parcel: st.builds(replace, st.just(parcel), id=st.from_regex(TRACKING, fullmatch=True)))


@st.composite
def events(draw: st.DrawFn) -> OrderChanged:
    order = draw(orders)
    of = [
        tuple(replace(f, order_id=order.id) for f in draw(st.lists(facts, max_size=2)))
        for facts in (refunds, reviews, parcels)
    ]
    return OrderChanged(order, of[0], of[1], "jsonl", of[2])


def _read(path: Path, *lines: str, **options: Any) -> list[OrderChanged | BadRow]:
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    return list(JsonLines("demo", observed_at=EXPORTED, **options).read(path))


def _bad(tmp_path: Path, **changes: object) -> BadRow:
    [bad] = _read(tmp_path / "a.jsonl", json.dumps(LINE | changes))
    assert isinstance(bad, BadRow), bad
    return bad


@settings(deadline=None)
@given(st.lists(events(), min_size=1, max_size=3))
def test_what_is_written_is_read(written: list[OrderChanged]) -> None:
    """Whatever the order, its refunds, reviews and parcels: dumping and reading gives it back."""
    with TemporaryDirectory() as folder:
        assert written == _read(Path(folder) / "a.jsonl", *map(dump, written))


def test_the_smallest_line_is_an_order(tmp_path: Path) -> None:
    """Shop, currency and the time of observation are the file's unless the line has its own."""
    [event] = _read(tmp_path / "a.jsonl", json.dumps(LINE), currency="EUR")
    created = datetime(2020, 2, 20, 15, 59, 35, tzinfo=UTC)
    expected = Order("demo", "17", "b1", Status.UNPAID, Money(Decimal("37.00"), "EUR"), created, EXPORTED)
    assert OrderChanged(expected, source="jsonl") == event


@pytest.mark.parametrize(
    ("more", "tells"),
    [
        ({}, False),
        ({"ship_by": "2026-03-01T08:00:00Z"}, True),
        ({"tells_shipping": True}, True),
        ({"ship_by": "2026-03-01T08:00:00Z", "tells_shipping": False}, False),
    ],
)
def test_only_a_source_that_says_so_tells_shipping(tmp_path: Path, more: dict[str, object], tells: bool) -> None:
    """An order is late only where its source would have told that it was shipped: it names a time, or says so."""
    [event] = _read(tmp_path / "a.jsonl", json.dumps(LINE | more))
    assert isinstance(event, OrderChanged)
    assert tells is event.order.tells_shipping


def test_a_courier_s_telephone_is_not_kept(tmp_path: Path) -> None:
    """Of what the courier said of the parcel's place, the number of his driver is left out."""
    parcel = {"id": "YT123456", "status": "at_the_door", "shipped_at": "2026-03-01T08:00:00Z"}
    [event] = _read(tmp_path / "a.jsonl", json.dumps(LINE | {"parcels": [parcel | {"place": "张三 13812345678 派件"}]}))
    assert isinstance(event, OrderChanged)
    assert "张三 … 派件" == event.parcels[0].place


def test_the_documented_line_is_read_whole(tmp_path: Path) -> None:
    """The example in docs/orders.md is an order with a refund, a review and a parcel."""
    docs = Path(__file__).parents[3] / "docs" / "orders.md"
    [event] = _read(tmp_path / "a.jsonl", docs.read_text(encoding="utf-8").split("```")[1].removeprefix("json").strip())
    assert isinstance(event, OrderChanged), event
    assert (1, 1, 1) == (len(event.refunds), len(event.reviews), len(event.parcels))


@pytest.mark.parametrize(("phone", "tail"), [("138****1234", "1234"), ("+1 (555) 010-0199", "0199"), ("unknown", "")])
def test_of_a_phone_only_its_end_is_kept(tmp_path: Path, phone: str, tail: str) -> None:
    """A line may carry the whole number: its last four digits are read, masked or not."""
    (event,) = _read(tmp_path / "a.jsonl", json.dumps(LINE | {"phone": phone}))
    assert isinstance(event, OrderChanged)
    assert tail == event.order.phone_tail


def test_a_year_out_of_all_bounds_is_refused(tmp_path: Path) -> None:
    """A time that no order has would overflow further on; it is a bad row."""
    assert "created_at" == _bad(tmp_path, created_at="9999-12-31T23:00:00+00:00").column


def test_a_time_without_its_zone_is_refused_with_a_sentence(tmp_path: Path) -> None:
    """Nobody can know when a naive time was."""
    bad = _bad(tmp_path, created_at="2020-02-20 23:59:35")
    assert "a time with its zone, such as 2020-02-20T23:59:35+08:00, of the years 2000 to 2100" == bad.expected
    assert (1, "created_at", "2020-02-20 23:59:35") == (bad.line, bad.column, bad.value)


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"status": "sold"}, "status"),
        ({"total": "-1"}, "total"),
        ({"total": "NaN"}, "total"),
        ({"currency": "yuan"}, "currency"),
        ({"paidat": None}, "paidat"),
        ({"goods": "a\0b"}, "goods"),
        ({"id": ""}, "id"),
        ({"type": "refund"}, "type"),
        ({"shop": "other"}, "shop"),
        ({"refunds": [{"id": "1"}]}, "refunds.0.status"),
        ({"reviews": [{"id": "1", "rating": "bad", "created_at": 5}]}, "reviews.0.created_at"),
        ({"parcels": [{"id": "a b@c", "status": "lost", "shipped_at": "2026-03-01T08:00:00Z"}]}, "parcels.0.id"),
        ({"parcels": [{"id": "YT123456", "status": "gone"}]}, "parcels.0.status"),
        ({"ship_by": "2026-03-01"}, "ship_by"),
    ],
)
def test_a_bad_field_is_named(tmp_path: Path, changes: dict[str, object], column: str) -> None:
    """Unknown words, impossible amounts, misspelt fields and another shop's orders are reported by their field."""
    bad = _bad(tmp_path, **changes)
    assert column == bad.column
    assert bad.expected


def test_what_is_expected_reads_as_a_sentence(tmp_path: Path) -> None:
    """Of the kind "expected a valid string", without the words of the library."""
    assert "a valid string" == _bad(tmp_path, goods=["tea"]).expected


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ('{"type":"order"}', "id", "a text that is not empty"),
        ('{"type":"order","id":"1","buyer":"b"}', "status", "one of unpaid, paid, shipped,"),
        ('{"id":"1","buyer":"b"}', "type", '"order"'),
        (json.dumps({**LINE, "refunds": [{"id": "1"}]}), "refunds.0.status", "one of requested, returning,"),
        (json.dumps({**LINE, "colour": "red"}), "colour", "no field of this name"),
    ],
)
def test_a_missing_or_unknown_field_is_said_in_words(tmp_path: Path, line: str, column: str, expected: str) -> None:
    """Which field it is, and what stands there."""
    (bad,) = _read(tmp_path / "a.jsonl", line)
    assert isinstance(bad, BadRow)
    assert (column, True) == (bad.column, bad.expected.startswith(expected))


def test_lines_are_counted_and_bad_ones_stop_nothing(tmp_path: Path) -> None:
    """Blank lines are left out but counted; the line after a broken one is read."""
    before, bad, after = _read(tmp_path / "a.jsonl", json.dumps(LINE), "", "{", json.dumps(LINE))
    assert isinstance(bad, BadRow)
    assert (3, ("{",)) == (bad.line, bad.cells)
    assert before == after


def test_other_zones_become_utc(tmp_path: Path) -> None:
    """Stored instants are UTC whatever zone they were written in."""
    paid = datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    [event] = _read(tmp_path / "a.jsonl", json.dumps(LINE | {"paid_at": paid.isoformat()}))
    assert isinstance(event, OrderChanged)
    assert (paid, UTC) == (event.order.paid_at, event.order.paid_at and event.order.paid_at.tzinfo)


@pytest.mark.parametrize(("content", "message"), [("", "is empty"), ("x" * LONGEST_LINE, "line 1: longer than")])
def test_no_lines_at_all_and_endless_ones_are_refused(tmp_path: Path, content: str, message: str) -> None:
    """A file that cannot be such a file is refused as a whole."""
    with pytest.raises(UnknownFormat, match=message):
        _read(tmp_path / "a.jsonl", content)
