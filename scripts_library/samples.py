"""Made-up facts for reading and checking words without an order at hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from followup.model import Money
from scripts_library.catalogue import Spec
from scripts_library.facts import LONGEST

_MOMENT = datetime(2025, 2, 21, 23, 54, tzinfo=UTC)
_COMMON: dict[str, object] = {"order": "25021800731", "count": 3, "moment": _MOMENT, "duration": timedelta(hours=5)}
_BY_NAME: dict[str, object] = {"step": "unpaid.help", "error": "timed out", "channel": "wechaty"}
_BY_LANG: dict[str, dict[str, object]] = {
    "zh": {
        "name": "林晓",
        "text": "羊毛围巾 浅灰",
        "words": "颜色和图片不太一样",
        "script": "商品没有问题的退货，寄回的运费由您付，直接付给快递就好。",
        "money": Money(Decimal(37)),
    },
    "en": {
        "name": "Anna",
        "text": "wool scarf, grey",
        "words": "The colour differs",
        "script": "As the item itself is fine, the return postage is yours; please prepay it with the courier.",
        "money": Money(Decimal(37), "USD"),
    },
    "es": {
        "name": "Ana",
        "text": "bufanda gris",
        "words": "El color es otro",
        "script": "Como el artículo está bien, los portes de vuelta son suyos; páguelos al enviarlo.",
        "money": Money(Decimal(37), "EUR"),
    },
}

_NAMED: dict[str, dict[str, object]] = {
    "zh": {"courier": "圆通速递", "place": "杭州转运中心", "region": "浙江省"},
    "en": {"courier": "UPS", "place": "Leipzig hub", "region": "Bavaria"},
    "es": {"courier": "Correos", "place": "Centro logístico de Getafe", "region": "Aragón"},
}


def full(spec: Spec, lang: str) -> dict[str, object]:
    """Every fact of the script, as a common order would have it."""
    values = _COMMON | _BY_LANG.get(lang[:2], _BY_LANG["en"])
    values["list"] = values["script"]
    named = _BY_NAME | _NAMED.get(lang[:2], _NAMED["en"])
    return {fact.name: named.get(fact.name, values[fact.type]) for fact in spec.facts}


def bare(spec: Spec, lang: str) -> dict[str, object]:
    """The required facts only."""
    optional = {fact.name for fact in spec.facts if fact.optional}
    return {name: value for name, value in full(spec, lang).items() if name not in optional}


def longest(spec: Spec, lang: str) -> dict[str, object]:
    """Every fact at the greatest length that rendering lets through."""
    texts = {fact.name: "M" * LONGEST[fact.type] for fact in spec.facts if fact.type in LONGEST}
    amounts = {fact.name: Money(Decimal("1234567.89")) for fact in spec.facts if fact.type == "money"}
    return full(spec, lang) | texts | amounts
