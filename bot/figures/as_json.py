"""The report for machines: ids, units and plain numbers. Lengths of time are seconds, shares go from 0 to 1, amounts
are decimal text."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from bot.figures.definitions import Unit, Value
from bot.figures.report import Comparison, Report
from bot.figures.statistics import LEAST

DEFINITIONS = "docs/figures.md"


def as_json(report: Report) -> dict[str, Any]:
    """The object that `huifang report --json` prints."""
    scope = report.scope
    return {
        "shop": scope.shop,
        "from": scope.since.astimezone(scope.zone).isoformat(timespec="seconds"),
        "to": scope.until.astimezone(scope.zone).isoformat(timespec="seconds"),
        "zone": scope.zone.key,
        "by": scope.by.value,
        "currency": scope.currency,
        "within_seconds": int(scope.within.total_seconds()),
        "definitions": DEFINITIONS,
        "parts": list(report.parts),
        "figures": [
            {
                "id": line.figure.id,
                "section": line.figure.section,
                "unit": line.figure.unit.value,
                "total": _plain(line.total, line.figure.unit),
                "parts": [_plain(value, line.figure.unit) for value in line.parts],
            }
            for line in report.lines
        ],
        "comparison": _compared(report.comparison) if report.comparison else None,
    }


def _plain(value: Value, unit: Unit) -> int | float | str | None:
    if value is None:
        return None
    if unit is Unit.MONEY:
        return str(Decimal(value).quantize(Decimal("0.01")))
    return int(value) if unit is Unit.COUNT else round(float(value), 6)


def _compared(compared: Comparison) -> dict[str, Any]:
    found = compared.difference
    told = {"value": found.value, "low": found.low, "high": found.high} if found else None
    return {
        "reminded": asdict(compared.reminded),
        "held_out": asdict(compared.held_out),
        "least": LEAST,
        "difference": {name: round(value, 6) for name, value in told.items()} if told else None,
        "interval": "Newcombe 95 %",
    }
