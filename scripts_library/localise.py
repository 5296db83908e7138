"""Money, moments and durations as people of each language write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from followup.model import Money

SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$", "KRW": "₩"}
WHOLE = {"JPY", "KRW", "CLP", "COP", "VND"}
EN_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ES_MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()  # noqa: SIM905
)
_TEN_THOUSAND = Decimal(10000)
SWAP = str.maketrans(",.", ".,")
UNITS = {
    "zh": (" 天", " 天", " 小时", " 小时", " 分钟", " 分钟"),
    "en": (" day", " days", " hour", " hours", " minute", " minutes"),
    "es": (" día", " días", " hora", " horas", " minuto", " minutos"),
}


def money(value: Money, lang: str) -> str:
    """¥37.00, $1,234.50, 37,00 €. A currency without a symbol keeps its code."""
    places = 0 if value.currency in WHOLE else 2
    symbol = SYMBOLS.get(value.currency, value.currency)
    if lang.startswith("es"):
        return f"{value.amount:,.{places}f}".translate(SWAP) + " " + symbol
    gap = "" if value.currency in SYMBOLS else " "
    grouping = "" if lang.startswith("zh") and value.amount < _TEN_THOUSAND else ","
    number = f"{value.amount:{grouping}.{places}f}"
    return f"-{symbol}{gap}{number[1:]}" if number[0] == "-" else f"{symbol}{gap}{number}"


def moment(value: datetime, lang: str) -> str:
    """2月21日 23:54, Feb 21, 23:54, 21 de febrero a las 23:54; the zone is the one the value carries."""
    clock = f"{value.hour:02}:{value.minute:02}"
    if lang.startswith("zh"):
        return f"{value.month}月{value.day}日 {clock}"
    if lang.startswith("es"):
        at = "a la" if value.hour == 1 else "a las"
        return f"{value.day} de {ES_MONTHS[value.month - 1]} {at} {clock}"
    return f"{EN_MONTHS[value.month - 1]} {value.day}, {clock}"


def duration(value: timedelta, lang: str) -> str:
    """The largest whole unit: 3 天, 5 hours, 1 minuto."""
    units = UNITS.get(lang[:2], UNITS["en"])
    minutes = max(round(value.total_seconds() / 60), 0)
    for at, size in ((0, 1440), (2, 60)):
        if minutes >= size:
            count = minutes // size
            return f"{count}{units[at + (count != 1)]}"
    return f"{minutes}{units[4 + (minutes != 1)]}"
