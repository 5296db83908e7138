"""The files beside the database: which are cleaned, and which a person is told of."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from bot.config import Config, Orders, Reports, Scripts
from bot.forgetting import clean
from store.him import Him

HIM = Him("tea", "tb_linxiao", frozenset({"tb_linxiao"}), (), frozenset(), frozenset({"o1"}), frozenset({"林小雨"}))
HEAD, HIS, HERS = "买家,数量", "林小雨,1", "王梅,2"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Everything is in one folder."""
    orders, reports = Orders(folder=tmp_path / "orders"), Reports(folder=tmp_path / "reports")
    return Config(orders=orders, reports=reports, scripts=Scripts(overrides=tmp_path / "scripts.json"))


def imported(config: Config, content: bytes, name: str = "a.csv") -> Path:
    """A table that was imported."""
    path = config.orders.folder / "tea" / "done" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("encoding", "bom"),
    [("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("gb18030", b""), ("utf-16-le", codecs.BOM_UTF16_LE)],
)
def test_his_line_goes_whatever_the_encoding(config: Config, encoding: str, bom: bytes) -> None:
    """The others stay as they were."""
    path = imported(config, bom + "\n".join((HEAD, HIS, HERS)).encode(encoding))

    assert [path] == clean(config, HIM).lines
    assert bom + "\n".join((HEAD, HERS)).encode(encoding) == path.read_bytes()


def test_all_of_his_line_goes(config: Config) -> None:
    """Also where a cell holds a character that ends a line for some programs."""
    path = imported(config, f"{HEAD}\n林小雨,西湖\u2028文三路\n{HERS}\n".encode())
    clean(config, HIM)

    assert f"{HEAD}\n{HERS}\n" == path.read_text("utf-8")


def test_reports_that_name_him_go(config: Config) -> None:
    """A picture of the day shows figures alone: it stays."""
    folder = config.reports.folder / "tea"
    folder.mkdir(parents=True)
    named, other, picture = (
        folder / name for name in ("digest-2026-03-02.md", "digest-2026-03-03.md", "day-2026-03-02.png")
    )
    named.write_text("- o1 林小雨", "utf-8")
    other.write_text("- o2 王梅", "utf-8")
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")

    assert [named] == clean(config, HIM).deleted
    assert {other, picture} == set(folder.iterdir())


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (f"{HEAD}\n{HIS}\n".encode("gb18030") + b"\xff!", "a.csv"),
        (f"{HEAD}\n{HIS}\n".encode() + b"\xff!", "a.csv"),
        (b"\xd0\xcf\x11\xe0 a workbook of old", "a.xls"),
        (b"PK\x03\x04 and no more", "a.xlsx"),
    ],
    ids=["GB18030 with a wrong byte", "UTF-8 with a wrong byte", "no text", "half a workbook"],
)
def test_what_nobody_can_read_is_named(config: Config, content: bytes, name: str) -> None:
    """An import takes such a table, with a sign in the place of what is wrong; whoever forgets him looks at it."""
    path = imported(config, content, name)

    assert [path] == clean(config, HIM).by_hand
    assert content == path.read_bytes()
