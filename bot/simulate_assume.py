"""What the reader lets us assume where a snapshot is silent: `refund_requested=24h,refund_settled=96h`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_SPAN = re.compile(r"([0-9]{1,6})([mhd])")
_NAMES = ("refund_requested", "refund_settled")


class BadAssumption(ValueError):
    """The text after --assume cannot be read; the message says what was expected."""


@dataclass(frozen=True)
class Assumptions:
    """How long after payment a refund was asked for and settled, where the source does not say; None: unknown.

    `told` keeps the words in which it was assumed.
    """

    refund_requested: timedelta | None = None
    refund_settled: timedelta | None = None
    told: Mapping[str, str] = field(default_factory=dict)


def parse(text: str) -> Assumptions:
    """Reads `name=span,…` with spans such as 90m, 24h, 4d. Raises BadAssumption."""
    told = dict(_pair(part.strip()) for part in text.split(",") if part.strip())
    spans = {name: span(value) for name, value in told.items()}
    asked, settled = (spans.get(name) for name in _NAMES)
    if asked is not None and settled is not None and settled < asked:
        raise BadAssumption("--assume: a refund cannot be settled before it is requested")
    return Assumptions(asked, settled, told)


def span(text: str) -> timedelta:
    """A length of time such as 90m, 24h or 4d. Raises BadAssumption."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise BadAssumption(f"--assume: {text!r} is no length of time; write it as 90m, 24h or 4d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    if name.strip() not in _NAMES:
        raise BadAssumption(f"--assume: {name!r} is unknown; what can be assumed is {' and '.join(_NAMES)}")
    return name.strip(), value.strip()
