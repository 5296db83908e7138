"""The report as a workbook: numbers are numbers, lengths of time are lengths of time, and no text is a formula."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from bot.figures.comparing import columns, conclusion, rows
from bot.figures.definitions import Unit, Value
from bot.figures.names import Names
from bot.figures.report import Report
from bot.routine.files import PRIVATE
from bot.routine.tables import safe

FORMATS = {Unit.COUNT: "#,##0", Unit.SHARE: "0.0%", Unit.SECONDS: "[h]:mm:ss", Unit.MONEY: "#,##0.00"}


def write_sheet(path: Path, report: Report, names: Names) -> None:
    """Write the workbook whole or not at all, readable by its owner alone. Raises OSError."""
    from openpyxl import Workbook

    book = Workbook()
    sheet: Any = book.active
    sheet.title = report.scope.by.value
    _figures(sheet, report, names)
    if report.comparison is not None:
        other: Any = book.create_sheet("comparison")
        for row in (columns(names), *rows(report.comparison, names), [conclusion(report.comparison, names)]):
            other.append([_number(cell) for cell in row])
    with NamedTemporaryFile("wb", dir=path.parent, prefix=".", suffix=".xlsx", delete=False) as file:
        book.save(file)
    os.chmod(file.name, PRIVATE)
    os.replace(file.name, path)


def _figures(sheet: Any, report: Report, names: Names) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    by = report.scope.by
    heads = ["id", names("figure"), names("total"), *(names.part(part, by) for part in report.parts)]
    sheet.append([safe(head) for head in heads])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for line in report.lines:
        name = names.figure(line.figure, report).strip()
        values = [_cell(value, line.figure.unit) for value in (line.total, *line.parts)]
        sheet.append([line.figure.id, safe(name), *values])
        for cell in sheet[sheet.max_row][2:]:
            cell.number_format = FORMATS[line.figure.unit]
    for number, width in enumerate((24, 34, *(14 for _ in heads[2:])), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "D2"


def _cell(value: Value, unit: Unit) -> object:
    if value is None:
        return None
    if unit is Unit.SECONDS:
        return timedelta(seconds=float(value))
    return Decimal(value).quantize(Decimal("0.01")) if unit is Unit.MONEY else value


def _number(text: str) -> object:
    """A count as a number, anything else as a text."""
    return int(text.replace(",", "")) if text.replace(",", "").isdecimal() else safe(text)
