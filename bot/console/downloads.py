"""A report as a file: the same as `huifang report` writes."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from bot.figures.as_json import as_json
from bot.figures.names import Names
from bot.figures.page import render
from bot.figures.report import Report
from bot.figures.sheet import write_sheet
from bot.routine.tables import safe


def xlsx(report: Report, names: Names) -> bytes:
    """The workbook."""
    with TemporaryDirectory(prefix="huifang-report-") as folder:
        path = Path(folder) / "report.xlsx"
        write_sheet(path, report, names)
        return path.read_bytes()


def html(report: Report, names: Names) -> bytes:
    """The page with charts that needs nothing else."""
    return render(report, names).encode()


def json(report: Report, _names: Names) -> bytes:
    """Ids, units and plain values."""
    return orjson.dumps(as_json(report), option=orjson.OPT_INDENT_2)


def csv_(report: Report, names: Names) -> bytes:
    """The values of the JSON object as a table; the mark at its beginning tells Excel that it is UTF-8."""
    file, told = StringIO(), as_json(report)
    writer = csv.writer(file, lineterminator="\r\n")
    heads = [names.part(part, report.scope.by) for part in report.parts]
    writer.writerow(["id", safe(names("figure")), "unit", safe(names("total")), *map(safe, heads)])
    for line, figure in zip(report.lines, told["figures"], strict=True):
        name = safe(names.figure(line.figure, report).strip())
        values = ["" if value is None else value for value in (figure["total"], *figure["parts"])]
        writer.writerow([figure["id"], name, figure["unit"], *values])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


FORMS: Mapping[str, tuple[str, Callable[[Report, Names], bytes]]] = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx),
    "csv": ("text/csv", csv_),
    "html": ("text/html", html),
    "json": ("application/json", json),
}
"""By the ending of the file: its type, and what makes it."""


def file_name(report: Report, ending: str) -> str:
    """Such as huifang-teahouse-2026-03-01-2026-03-07.xlsx."""
    scope = report.scope
    first, last = (at.astimezone(scope.zone).date() for at in (scope.since, scope.until - timedelta(seconds=1)))
    return f"huifang-{scope.shop}-{first}-{last}-{scope.by}.{ending}"
