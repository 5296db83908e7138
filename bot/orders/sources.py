"""Chooses the reader for a file of orders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.orders.jsonl import JsonLines
from bot.orders.taobao_export import SHANGHAI, TaobaoExport
from followup.events import OrderChanged
from followup.model import Instant
from followup.ports import BadRow, OrderSource


def open_source(
    path: Path, shop: str, zone: ZoneInfo = SHANGHAI, currency: str = "CNY", observed_at: Instant | None = None
) -> OrderSource:
    """The source that reads this file: JSON lines by suffix or first character, else a platform's export.

    A file of no known kind shows when it is read: `read` raises `UnknownFormat`.
    """
    if is_jsonl(path):
        return JsonLines(shop, currency, observed_at)
    return TaobaoExport(shop, zone, currency, observed_at)


def read_orders(
    path: Path, shop: str, zone: ZoneInfo = SHANGHAI, currency: str = "CNY", observed_at: Instant | None = None
) -> Iterator[OrderChanged | BadRow]:
    """Reads the file with the source that fits it."""
    return open_source(path, shop, zone, currency, observed_at).read(path)


def is_jsonl(path: Path) -> bool:
    """Whether the file holds JSON lines, by its suffix (.jsonl, .ndjson) or its first character."""
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        return True
    with path.open("rb") as file:
        return file.read(256).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
