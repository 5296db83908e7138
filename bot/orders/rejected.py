"""Puts the rows that could not be read beside their file, to be mended there and imported again."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.orders.sources import is_jsonl
from bot.orders.table import read_table
from followup.ports import BadRow

WHY = ("line", "column", "expected")
_HARMLESS = re.compile(r'="[0-9A-Za-z_-]*"|-{1,2}|[+-][0-9]+(?:\.[0-9]+)?')


def write_rejected(path: Path, rows: Iterable[BadRow]) -> Path | None:
    """Writes FILE.rejected.csv: the header of FILE, and each bad row with its line, column and what was expected.

    The file appears whole or not at all, in UTF-8 with a BOM; without bad rows none is written and None returned.
    """
    rejected = list(rows)
    if not rejected:
        return None
    target = path.with_name(f"{path.name}.rejected.csv")
    part = target.with_name(f".{target.name}.part")
    _write(part, _header(path), rejected)
    os.replace(part, target)
    return target


def harmless(cell: str) -> str:
    """The cell so that no spreadsheet runs it as a formula; order numbers as `="351"`, numbers and dashes stay."""
    dangerous = cell.lstrip()[:1] in set("=+-@＝＋－＠") or cell[:1] in set("\t\r")
    return f"'{cell}" if cell and dangerous and not _HARMLESS.fullmatch(cell.strip()) else cell


def _write(path: Path, header: Sequence[str], rows: Sequence[BadRow]) -> None:
    width = max(len(header), *(len(row.cells) for row in rows))
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*map(harmless, _padded(header, width)), *WHY])
        for row in rows:
            cells = [*_padded(row.cells, width), str(row.line), row.column, row.expected]
            writer.writerow(map(harmless, cells))


def _header(path: Path) -> Sequence[str]:
    return ("json",) if is_jsonl(path) else read_table(path)[0]


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]
