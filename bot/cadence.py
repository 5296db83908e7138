"""The options of a shop that make its cadence: how each is written, between which figures it makes sense, and the shop
with some of them changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from bot.config_shop import Shop
from bot.config_units import duration, written

Keys = tuple[str, ...]
Value = timedelta | time | int
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_QUARTERS = tuple(time(quarter // 4, quarter % 4 * 15) for quarter in range(96))
_STOPS = (
    *(MINUTE * n for n in (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90)),
    *(HOUR * n for n in (2, 3, 4, 5, 6, 8, 10, 12, 16, 18, 20)),
    *(DAY * n for n in (1, 1.5, 2, 3, 4, 5, 6, 7, 10, 12, 14, 15, 20, 21, 30, 45, 60, 90)),
)


class Unit(StrEnum):
    """What a figure is: a length of time, a time of day, a number, a percentage."""

    DURATION = "duration"
    TIME = "time"
    COUNT = "count"
    PERCENT = "percent"


class NotReadable(ValueError):
    """A typed value is none of its unit; `unit` says what was expected."""

    def __init__(self, unit: Unit) -> None:
        super().__init__(unit.value)
        self.unit = unit


class NotTogether(ValueError):
    """Values that do not go together: `option` is the table of the shop in which."""

    def __init__(self, option: str, sentence: str) -> None:
        super().__init__(sentence)
        self.option = option


@dataclass(frozen=True, slots=True)
class Knob:
    """One option: its keys below the shop, and from which to which value its slider goes (more can be typed). What is
    not `told` by a simulation shows with real buyers only, who answer."""

    keys: Keys
    unit: Unit
    least: Value
    most: Value
    told: bool = True

    @property
    def id(self) -> str:
        """Its keys as one word."""
        return "_".join(self.keys)

    @property
    def group(self) -> str:
        """The table of the shop in which it stands; "" for the shop's own."""
        return self.keys[0] if len(self.keys) > 1 else ""

    def of(self, shop: Shop) -> Value:
        """Its value in a shop."""
        found: Any = shop
        for key in self.keys:
            found = getattr(found, key)
        return found  # type: ignore[no-any-return]

    def stops(self, now: Value) -> list[Value]:
        """The values at which the slider stops, in their order; the present one is among them."""
        stops: set[Any] = {now}
        match self.unit:
            case Unit.DURATION:
                stops.update(_STOPS)
            case Unit.TIME:
                stops.update(_QUARTERS)
            case _:
                stops.update(range(int(self.least), int(self.most) + 1))  # type: ignore[arg-type]
        return sorted(stop for stop in stops if self.least <= stop <= self.most or stop == now)

    def read(self, text: str) -> Value:
        """A typed value. Raises NotReadable."""
        try:
            match self.unit:
                case Unit.DURATION:
                    return duration(text.strip().lower().replace(" ", ""))
                case Unit.TIME:
                    return time.fromisoformat(text.strip().zfill(5))
                case _:
                    return int(text.strip().removesuffix("%"))
        except (ValueError, PydanticCustomError):
            raise NotReadable(self.unit) from None


def as_written(value: Value) -> str | int:
    """A value as config.toml has it: "20m", "09:00", 5."""
    if isinstance(value, timedelta):
        return written(value)
    return value if isinstance(value, int) else value.isoformat("seconds" if value.second else "minutes")


def _span(*keys: str, least: timedelta, most: timedelta, told: bool = True) -> Knob:
    return Knob(keys, Unit.DURATION, least, most, told)


def _table(name: str, *knobs: Knob) -> tuple[Knob, ...]:
    return tuple(Knob((name, *knob.keys), knob.unit, knob.least, knob.most, knob.told) for knob in knobs)


_DAILY = _span("daily_every", least=6 * HOUR, most=7 * DAY)
_FOLLOW = _span("follow_for", least=3 * DAY, most=90 * DAY)
KNOBS: tuple[Knob, ...] = (
    *_table(
        "quiet_hours",
        Knob(("opens",), Unit.TIME, time(0), time(12)),
        Knob(("closes",), Unit.TIME, time(12), time(23, 45)),
    ),
    _span("nudge_every", least=HOUR, most=7 * DAY),
    _span("reply_within", least=MINUTE, most=HOUR),
    *_table(
        "unpaid_order",
        _span("help_after", least=MINUTE, most=DAY),
        _span("last_call_after", least=HOUR, most=5 * DAY),
        _span("auto_close_after", least=HOUR, most=15 * DAY),
        _span("before_close", least=30 * MINUTE, most=DAY, told=False),
        _span("says_paid_pause", least=HOUR, most=7 * DAY, told=False),
        Knob(("hold_out",), Unit.PERCENT, 0, 50),
    ),
    *_table(
        "pending_refund",
        _DAILY,
        Knob(("daily_most",), Unit.COUNT, 0, 30),
        _span("alert_before_deadline", least=HOUR, most=3 * DAY),
        _span("settled_expires_after", least=6 * HOUR, most=14 * DAY),
    ),
    *_table(
        "review_revision",
        _span("note_expires_after", least=DAY, most=30 * DAY, told=False),
        _span("retry_after", least=DAY, most=30 * DAY, told=False),
    ),
    *_table(
        "late_shipment",
        _span("ship_within", least=6 * HOUR, most=15 * DAY),
        _DAILY,
        Knob(("daily_most",), Unit.COUNT, 0, 30),
        _FOLLOW,
    ),
    *_table(
        "stuck_parcel",
        _span("still_for", least=DAY, most=10 * DAY),
        _DAILY,
        Knob(("daily_most",), Unit.COUNT, 0, 30),
        _span("solve_within", least=6 * HOUR, most=7 * DAY),
        _FOLLOW,
    ),
    *_table("address_check", _span("expires_after", least=HOUR, most=2 * DAY)),
)
GROUPS = tuple(dict.fromkeys(knob.group for knob in KNOBS))


def changed(shop: Shop, values: Mapping[Knob, Value]) -> Shop:
    """The shop with these values. Raises NotTogether."""
    table = shop.model_dump()
    for knob, value in values.items():
        place = table
        for key in knob.keys[:-1]:
            place = place[key]
        place[knob.keys[-1]] = value
    try:
        return Shop(**table)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise NotTogether(str(first["loc"][0]) if first["loc"] else "", str(first["msg"])) from None
