from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.orders.headers import ORDER_LISTS, REFUNDS
from bot.orders.jsonl import JsonLines, dump
from bot.orders.sources import open_source, read_orders
from bot.orders.taobao_export import TaobaoExport
from followup.events import OrderChanged
from followup.ports import BadRow, OrderSource, UnknownFormat

from .files import EXPORTED, orders, read_one, refunds, write


def _jsonl(folder: Path) -> Path:
    good = dump(read_one(write(folder / "good.csv", orders({}))))
    path = folder / "a.jsonl"
    path.write_text(f'{good}\n{{"type": "order"}}\n{good}\n', encoding="utf-8")
    return path


def _orders(name: str) -> Callable[[Path], Path]:
    return lambda folder: write(folder / name, orders({}, {"总金额": "?"}, {"订单编号": "18"}))


def _refunds(folder: Path) -> Path:
    return write(folder / "refunds.csv", refunds({}, {"买家退款金额": "?"}, {"退款编号": "2"}), "gbk")


@pytest.fixture(params=[_orders("a.csv"), _orders("a.xlsx"), _refunds, _jsonl], ids=["csv", "xlsx", "refunds", "jsonl"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file of each source: a good row, a bad one, a good one."""
    file: Path = request.param(tmp_path)
    return file


@pytest.fixture
def source(path: Path) -> OrderSource:
    return open_source(path, "demo", observed_at=EXPORTED)


class TestContract:
    """What every order source promises."""

    def test_bad_rows_are_reported_in_their_place(self, source: OrderSource, path: Path) -> None:
        """Good, bad, good: as the file has them."""
        assert [OrderChanged, BadRow, OrderChanged] == [type(row) for row in source.read(path)]

    def test_reading_again_gives_the_same(self, source: OrderSource, path: Path) -> None:
        """A source keeps nothing between two readings."""
        assert list(source.read(path)) == list(source.read(path))

    def test_rows_are_read_as_they_are_asked_for(self, source: OrderSource, path: Path) -> None:
        """The first row comes before the last is looked at."""
        rows = source.read(path)
        assert isinstance(rows, Iterator)
        assert isinstance(next(rows), OrderChanged)

    def test_facts_are_utc_and_of_the_shop(self, source: OrderSource, path: Path) -> None:
        """Instants are UTC, and every fact belongs to the shop that is imported."""
        for event in source.read(path):
            if isinstance(event, OrderChanged):
                assert {"demo"} == {event.order.shop, *(refund.shop for refund in event.refunds)}
                assert "UTC" == str(event.order.created_at.tzinfo)

    def test_an_empty_file_is_no_file_of_its_kind(self, source: OrderSource, tmp_path: Path) -> None:
        """A download that failed is told, not taken for a day without orders."""
        (tmp_path / "empty").write_bytes(b"")
        with pytest.raises(UnknownFormat, match="empty is empty"):
            list(source.read(tmp_path / "empty"))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.jsonl", b"", JsonLines),
        ("a.txt", b'\xef\xbb\xbf {"type":"order"}', JsonLines),
        ("a.csv", b"a,b", TaobaoExport),
        ("a.xlsx", b"PK\x03\x04", TaobaoExport),
    ],
)
def test_the_source_fits_the_file(tmp_path: Path, name: str, content: bytes, expected: type) -> None:
    """The suffix or the first character tells JSON lines from exports."""
    (tmp_path / name).write_bytes(content)
    assert expected is type(open_source(tmp_path / name, "demo"))


HEADS = [
    b"",
    b"{",
    b"PK\x03\x04",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    *(
        f"{','.join(header)}\n".encode(encoding)
        for header in (*ORDER_LISTS.values(), REFUNDS)
        for encoding in ("utf-8", "gbk")
    ),
]
CELLS = st.sampled_from(
    ["3", '"', ",", "\n", "\r", "2026-03-01 08:00:16", "39", "-", '="', "交易成功", "é", "\x0b", "²"]
)


@settings(deadline=None)
@given(
    st.sampled_from(HEADS), st.binary(max_size=300) | st.lists(CELLS, max_size=60).map(lambda c: ",".join(c).encode())
)
def test_any_bytes_are_rows_or_bad_rows_or_an_unknown_format(head: bytes, body: bytes) -> None:
    """No file, however broken, raises anything else."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        path.write_bytes(head + body)
        assert _kinds(path) <= {OrderChanged, BadRow}


def _kinds(path: Path) -> set[type]:
    try:
        return {type(row) for row in read_orders(path, "demo")}
    except UnknownFormat:
        return set()


def _damaged(content: bytes, places: list[tuple[int, int]]) -> bytes:
    damaged = bytearray(content)
    for place, byte in places:
        damaged[place % len(damaged)] = byte
    return bytes(damaged)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), min_size=1, max_size=5), st.integers(0, 3000))
def test_a_damaged_workbook_raises_nothing_else_either(places: list[tuple[int, int]], cut: int) -> None:
    """Flipped bytes and cut ends of an XLSX are told as an unknown format, or do no harm."""
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / "a.xlsx", orders({}))
        content = path.read_bytes()
        path.write_bytes(_damaged(content, places)[: len(content) - cut])
        assert _kinds(path) <= {OrderChanged, BadRow}
