"""Where the demo plays: people, goods and words by language, read from places.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from followup.model import Money


@dataclass(frozen=True)
class Part:
    """One buyer's part: who he is, what he bought, and his lines by name."""

    name: str
    goods: str
    lines: Mapping[str, str]


@dataclass(frozen=True)
class Crowd:
    """The shop, its owner and supervisor, its other buyers, what they order and say, and what they are answered."""

    shop: str
    owner: str
    supervisor: str
    names: tuple[str, ...]
    goods: tuple[str, ...]
    chatter: tuple[str, ...]
    replies: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where a demo plays; the parts by the id of their story, in the order in which they are told."""

    lang: str
    zone: ZoneInfo
    price: Money
    agent: str
    crowd: Crowd
    parts: Mapping[str, Part]

    @property
    def monday(self) -> datetime:
        """When everything begins."""
        return datetime(2026, 3, 2, tzinfo=self.zone)

    def line(self, story: str, name: str) -> str:
        """What is said in a story."""
        return self.parts[story].lines[name]


def _place(lang: str, table: dict[str, Any]) -> Place:
    parts = {story: _part(dict(told)) for story, told in table.items() if isinstance(told, dict)}
    price = Money(Decimal(table["price"]), table["currency"])
    lists = (tuple(table[name]) for name in ("names", "goods", "chatter", "replies"))
    crowd = Crowd(table["shop"], table["owner"], table["supervisor"], *lists)
    return Place(lang, ZoneInfo(table["zone"]), price, table["agent"], crowd, parts)


def _part(told: dict[str, str]) -> Part:
    return Part(told.pop("name"), told.pop("goods"), told)


_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
PLACES = {lang: _place(lang, table) for lang, table in _TABLES.items()}
