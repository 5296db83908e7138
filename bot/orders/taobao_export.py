"""Order lists and refund exports of Taobao and Tmall, and lists of parcels, CSV or XLSX, as an order source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.orders.cells import Unreadable
from bot.orders.columns import Column, Columns, missing
from bot.orders.movements import MovementRow, movement_columns, plain
from bot.orders.table import read_table
from bot.orders.taobao_orders import OrderRow, order_columns
from bot.orders.taobao_refunds import RefundRow, refund_columns
from bot.orders.times import Times
from followup.events import OrderChanged
from followup.model import Instant
from followup.ports import BadRow, UnknownFormat

SHANGHAI = ZoneInfo("Asia/Shanghai")


class TaobaoExport:
    """Reads the exports of one shop; their times are local to `zone`, their amounts in `currency`.

    `observed_at` is when the export was made, by default when the file was last written.
    """

    def __init__(
        self, shop: str, zone: ZoneInfo = SHANGHAI, currency: str = "CNY", observed_at: Instant | None = None
    ) -> None:
        self._shop, self._currency, self._observed_at = shop, currency, observed_at
        self._times = Times(zone)

    def read(self, path: Path) -> Iterator[OrderChanged | BadRow]:
        """Yields each row's event or what is wrong with it, in the order of the file, in constant memory for CSV.

        Raises `UnknownFormat` when the file is none of them, or is damaged as a whole.
        """
        header, rows = read_table(path)
        kind = self._kind(path, header)
        for line, cells in rows:
            try:
                yield kind.event(cells)
            except Unreadable:
                yield kind.blame(line, cells)

    def _kind(self, path: Path, header: list[str]) -> OrderRow | RefundRow | MovementRow:
        observed_at = self._observed_at or datetime.fromtimestamp(path.stat().st_mtime, UTC)
        refunds = refund_columns(self._times, self._currency)
        orders = order_columns(self._times, self._currency)
        if not missing(header, refunds):
            return RefundRow(Columns(header, refunds), self._shop, observed_at)
        if not (lacking := missing(header, orders)):
            return OrderRow(Columns(header, orders), self._shop, observed_at)
        movements, plain_header = movement_columns(self._times), [plain(name) for name in header]
        if not missing(plain_header, movements):
            return MovementRow(Columns(plain_header, movements), self._shop, self._currency, observed_at)
        letters = "".join("".join(header).split())
        if not letters.isprintable() or "\ufffd" in letters:
            raise UnknownFormat(f"{path.name} is neither a whole XLSX file nor a table of text")
        raise UnknownFormat(
            f"{path.name} is neither an order list nor a refund export of Taobao, nor a list of parcels: as an order "
            f"list it lacks {', '.join(lacking)}; as a refund export {', '.join(missing(header, refunds))}; as a list "
            f"of parcels {', '.join(missing(plain_header, movements))}",
            _headings(header, (*orders, *refunds), (*movements,)),
        )


def _headings(header: list[str], *tables: tuple[Column, ...]) -> str:
    """What the first row holds; one with figures and no heading that is known may be somebody's order, and is not
    shown."""
    known = {name for columns in tables for column in columns for name in column.names}
    has_figures = any(char.isdigit() for name in header for char in name)
    if has_figures and known.isdisjoint(header) and known.isdisjoint(map(plain, header)):
        return "; its first row holds no heading that is known"
    return f"; its first row holds {', '.join(header)[:500]}"
