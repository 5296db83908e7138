"""The flags on an order's note (rule 98)."""

from __future__ import annotations

from enum import StrEnum


class Flag(StrEnum):
    """Yellow: the price was changed; purple: not shipped and why; blue: shipped and why; green: refundable."""

    NONE = ""
    YELLOW = "yellow"
    PURPLE = "purple"
    BLUE = "blue"
    GREEN = "green"
