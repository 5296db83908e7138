"""A configuration as its file would write it: every option by its keys, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.config import Config
from bot.config_errors import Keys
from bot.config_units import DAYS, written

OF_DAYS = frozenset({"digest_on", "days"})
"""Options that name days of the week, "" for none."""


@dataclass(frozen=True, slots=True)
class Changed:
    """An option that is other than it was, as the file writes it; None where there was, or is, no such option."""

    keys: Keys
    old: object
    new: object

    @property
    def option(self) -> str:
        """Its name as the file's mistakes have it: `shops.teahouse.nudge_every`."""
        return ".".join(self.keys)


def options(config: Config) -> dict[Keys, object]:
    """Every option with its value; secrets are none."""
    return dict(_leaves((), config.model_dump(by_alias=True, exclude={"secrets"})))


def differences(before: Config, after: Config) -> list[Changed]:
    """What is other in `after`, in the order of its options, what is gone last."""
    old, new = options(before), options(after)
    keys = dict.fromkeys((*new, *old))
    return [Changed(each, old.get(each), new.get(each)) for each in keys if old.get(each) != new.get(each)]


def as_written(value: Any) -> object:
    """One value as TOML has it."""
    match value:
        case StrEnum():
            return value.value
        case timedelta():
            return written(value)
        case time():
            return f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"
        case ZoneInfo() | Path():
            return str(value)
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case frozenset() if value and all(isinstance(each, int) for each in value):
            return ",".join(DAYS[day] for day in sorted(value))
        case frozenset() | tuple() | list():
            return sorted(value) if isinstance(value, frozenset) else list(value)
        case _:
            return value


def _leaves(keys: Keys, value: Any) -> list[tuple[Keys, object]]:
    """The options below; a table without any, such as a list of people that is empty, has none."""
    if isinstance(value, Mapping):
        return [leaf for key, inner in value.items() for leaf in _leaves((*keys, str(key)), inner)]
    return [(keys, "" if keys[-1] in OF_DAYS and not value else as_written(value))]
