"""The flags on an order's note, and what is written beside them (rules 98, 99)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum


class Flag(StrEnum):
    """Yellow: the price was changed; purple: not shipped and why; blue: shipped and why; green: refundable."""

    NONE = ""
    YELLOW = "yellow"
    PURPLE = "purple"
    BLUE = "blue"
    GREEN = "green"


NUMBERS: Mapping[Flag, int] = {Flag.NONE: 0, Flag.YELLOW: 2, Flag.GREEN: 3, Flag.BLUE: 4, Flag.PURPLE: 5}
"""The numbers of Taobao's memo flags (1 is red, which no rule of ours uses)."""

NO_FLAG = "none"
"""What a command says for no flag at all."""

WITH_REASON = frozenset((Flag.PURPLE, Flag.BLUE))
WITHOUT_DAY = frozenset((Flag.YELLOW,))


def needs_reason(flag: Flag) -> bool:
    """Whether the flag says nothing without the reason beside it (rule 98)."""
    return flag in WITH_REASON


def misfit(flag: Flag, is_shipped: bool) -> str:
    """What the flag says against the facts of its order: "shipped" or "not_shipped"; "" if nothing (rule 98)."""
    if flag is Flag.PURPLE and is_shipped:
        return "shipped"
    return "not_shipped" if flag is Flag.BLUE and not is_shipped else ""


def memo(flag: Flag, what: str, reason: str, writer: str, day: date) -> str:
    """The line for the order's note: `what` the flag says in words, why, who wrote it and when; only a changed price
    goes without a day. Raises ValueError without a writer, or without the reason that the flag needs (rules 98, 99)."""
    if not writer.strip():
        raise ValueError("a note on an order names who wrote it (rule 99)")
    if needs_reason(flag) and not reason.strip():
        raise ValueError(f"a {flag} flag names its reason (rule 98)")
    signed = writer.strip() if flag in WITHOUT_DAY else f"{writer.strip()} {day:%Y-%m-%d}"
    return " · ".join(filter(None, (what, reason.strip(), signed)))
