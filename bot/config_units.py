"""How figures are written in config.toml: "15m", "20:30", "Asia/Shanghai", "zh-CN", "CN"."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from followup.politeness import named_zone
from scripts_library.words import languages

LONGEST = timedelta(days=365)
_DURATION = re.compile(
    r"(?:(?P<days>\d{1,8})d)?(?:(?P<hours>\d{1,8})h)?(?:(?P<minutes>\d{1,8})m)?(?:(?P<seconds>\d{1,8})s)?", re.ASCII
)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", re.ASCII)


def expected(what: str) -> PydanticCustomError:
    """The error of a value that is no such thing; the message adds what was found."""
    return PydanticCustomError("expected", "{what}", {"what": what})


def duration(value: Any) -> timedelta:
    """A length of time from "90s", "15m", "24h", "1d" or "1d12h"; a bare number has no unit and is refused."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    length = timedelta(**{unit: int(n) for unit, n in match.groupdict("0").items()}) if match else timedelta()
    if not timedelta() < length <= LONGEST:
        raise expected('a duration from "1s" to "365d", such as "15m", "24h" or "1d12h"')
    return length


def written(length: timedelta) -> str:
    """The same length as it would be written in config.toml."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return "".join(f"{n}{unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s")) if n)


def _time_of_day(value: Any) -> time:
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if isinstance(value, str) and _TIME.fullmatch(value):
        return time.fromisoformat(value)
    raise expected('a time of day from "00:00" to "23:59", such as "20:30"')


def _time_or_never(value: Any) -> time | None:
    """The same, or "" for never."""
    return None if value in ("", None) else _time_of_day(value)


def _zone(value: Any) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return named_zone(value)
    except (LookupError, ValueError, TypeError, OSError):
        raise expected('a time zone such as "Asia/Shanghai" or "Europe/Madrid"') from None


def _one_of(audience: str) -> BeforeValidator:
    def spoken(value: Any) -> Any:
        known = languages(audience)
        if value not in known:
            raise expected("one of " + ", ".join(f'"{lang}"' for lang in known))
        return value

    return BeforeValidator(spoken)


def _country(value: Any) -> Any:
    what = 'a country such as "CN" or "US", a part of one such as "US-CA", or "" for none'
    if not isinstance(value, str):
        raise expected(what)
    try:
        if value:
            public_holidays(value, range(2024, 2025))
    except NotImplementedError:
        raise expected(what) from None
    return value


def public_holidays(country: str, years: range) -> list[Any]:
    """The public holidays of a country ("CN") or a part of one ("US-CA"); raises NotImplementedError for others."""
    from holidays import country_holidays  # slow, and most shops never rest

    code, _, subdivision = country.partition("-")
    return list(country_holidays(code, subdiv=subdivision or None, years=years))


def _matching(pattern: str, what: str) -> BeforeValidator:
    def matching(value: Any) -> Any:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise expected(what)
        return value

    return BeforeValidator(matching)


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _weekdays(value: Any) -> Any:
    """Days of the week from "mon-fri" or "mon,wed,sat"; 0 is Monday."""
    if isinstance(value, frozenset):
        return value
    days: set[int] = set()
    for part in value.split(",") if isinstance(value, str) else ("",):
        first, dash, last = (each.strip() for each in part.partition("-"))
        if first not in DAYS or (dash and last not in DAYS):
            raise expected('days of the week such as "mon-fri" or "mon,wed,sat"')
        begin, end = DAYS.index(first), DAYS.index(last if dash else first)
        days.update(day % 7 for day in range(begin, end + 1 + 7 * (end < begin)))
    return frozenset(days)


def _weekdays_or_none(value: Any) -> Any:
    """The same, or "" for no day at all."""
    return frozenset() if value == "" else _weekdays(value)


Duration = Annotated[timedelta, BeforeValidator(duration)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
TimeOrNever = Annotated[time | None, BeforeValidator(_time_or_never)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
BuyerLang = Annotated[str, _one_of("buyer")]
AgentLang = Annotated[str, _one_of("agent")]
Weekdays = Annotated[frozenset[int], BeforeValidator(_weekdays)]
WeekdaysOrNone = Annotated[frozenset[int], BeforeValidator(_weekdays_or_none)]
Country = Annotated[str, BeforeValidator(_country)]
Currency = Annotated[str, _matching(r"[A-Z]{3}", 'a currency in three capital letters, such as "CNY"')]
Name = Annotated[str, _matching(r"[a-z0-9_-]+", 'a name of small letters, digits, "-" and "_"')]
_LOOPBACK = r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?"
_HTTPS = r"https://(?:\*\.)?[A-Za-z0-9.-]+(?::\d{1,5})?"
_URL = rf"(?:(?:{_HTTPS}|{_LOOPBACK})(?:/[A-Za-z0-9._~/-]*)?)?"
PublicUrl = _matching(_URL, 'an address such as "https://chat.shop.example/chat" (http only on this machine)')
Site = _matching(
    rf"{_HTTPS}|{_LOOPBACK}", 'the beginning of an address, such as "https://shop.example" (http only on this machine)'
)
DeskUrl = _matching(
    r"(?:https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?/?)?",
    'an address without a path, such as "https://desk.shop.example"',
)
Color = _matching(r"(?:#[0-9A-Fa-f]{6})?", 'a colour such as "#0f766e", or ""')
Endpoint = Annotated[str, _matching(r"\S+:\d{1,5}", 'a host and its port, such as "127.0.0.1:8788"')]
