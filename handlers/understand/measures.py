"""Finds sums of money and weights in a message, in digits or Chinese numerals."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from followup.understood import Amount
from handlers.understand.normalise import LONGEST

_DIGITS = {char: at for at, char in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_HAN = "[零一二三四五六七八九十百千两兩]{1,8}"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,7}(?:\.\d{1,3})?"
_CURRENCIES = {"¥": "CNY", "rmb": "CNY", "$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "hk$": "HKD"}
_AFTER = {"元": "CNY", "块": "CNY", "塊": "CNY", "rmb": "CNY", "yuan": "CNY", "蚊": "HKD", "港币": "HKD", "港幣": "HKD"}
_AFTER |= {"$": "USD", "usd": "USD", "dollars": "USD", "dollar": "USD", "bucks": "USD", "dólares": "USD"}
_AFTER |= {"€": "EUR", "euros": "EUR", "euro": "EUR", "eur": "EUR", "pesos": "", "pounds": "GBP", "£": "GBP"}
_CENTS = {"毛": Decimal("0.1"), "角": Decimal("0.1"), "分钱": Decimal("0.01"), "分錢": Decimal("0.01")}
_WORDS = "|".join(map(re.escape, sorted(_AFTER, key=len, reverse=True)))
_SIGNED = re.compile(rf"(us\$|hk\$|[¥$€£]|rmb)\s?({_NUMBER})", re.IGNORECASE)
# 5块5 and 三元八角; a figure that counts something else (5块5个) is left alone, and so is 一块 (together, one piece).
_TENTHS = r"(?:(?P<tenths>[\d一二三四五六七八九](?=[毛角])|[\d一二三四五六七八九](?![\d.%个包袋件斤月天号折]))[毛角]?)?"
_NAMED = re.compile(
    rf"(?<![第成\d.])(?P<value>{_NUMBER}|(?!一[块塊](?!钱|錢|[\d一二三四五六七八九])){_HAN})\s?"
    rf"(?P<unit>{_WORDS})(?![a-zA-Z])(?:(?<=[元块塊]){_TENTHS})?",
    re.IGNORECASE,
)
_SMALL = re.compile(rf"(?<![\d.元块塊])(\d{{1,2}}|{_HAN})(毛|角|分钱|分錢)(?![a-z])")

_GRAMS = {"g": "1", "克": "1", "gr": "1", "gram": "1", "gramo": "1", "kg": "1000", "公斤": "1000", "千克": "1000"}
_GRAMS |= {"kilo": "1000", "斤": "500", "两": "50", "兩": "50", "oz": "28.3495", "ounce": "28.3495", "onza": "28.3495"}
_GRAMS |= {"lb": "453.592", "pound": "453.592", "libra": "453.592"}
_UNITS = "|".join(sorted(_GRAMS, key=len, reverse=True))
_WEIGHT = re.compile(
    rf"(?<![\d.第])(?P<value>{_NUMBER}|(?:{_HAN})?半|{_HAN})\s?(?P<unit>{_UNITS})(?:s(?![a-z]))?"
    r"(?P<half>半)?(?:(?<=斤)(?P<liang>[\d一二三四五六七八九]{1,2})[两兩])?(?![a-z0-9]|内存|网|手机|流量)",
    re.IGNORECASE,
)


def amounts_in(text: str) -> tuple[Amount, ...]:
    """Sums of money that carry a currency's sign or word: `¥12.50`, `5块5`, `二十元`, `3毛`, `$5`, `10 euros`."""
    raw = plain(text)
    found = [(each.start(), decimal(each[2]), _CURRENCIES[each[1].lower()]) for each in _SIGNED.finditer(raw)]
    taken = {at for each in _SIGNED.finditer(raw) for at in range(*each.span())}
    for each in _NAMED.finditer(raw):
        if each.start() not in taken:
            tenths = decimal(each["tenths"]) / 10 if each["tenths"] else Decimal(0)
            found.append((each.start(), decimal(each["value"]) + tenths, _AFTER[each["unit"].lower()]))
            taken.update(range(*each.span()))
    found += [
        (each.start(), decimal(each[1]) * _CENTS[each[2]], "CNY")
        for each in _SMALL.finditer(raw)
        if each.start() not in taken
    ]
    return tuple(Amount(value, currency) for _, value, currency in sorted(found))


def weights_in(text: str) -> tuple[Decimal, ...]:
    """Weights in grams, as a buyer reads them off the scales: `320克`, `0.32kg`, `半斤`, `2斤3两`, `7 oz`."""
    return tuple(_grams(each) for each in _WEIGHT.finditer(plain(text)))


def _grams(match: re.Match[str]) -> Decimal:
    unit = Decimal(_GRAMS[match["unit"].lower()])
    value = match["value"]
    halves = value.endswith("半") + bool(match["half"])
    whole = decimal(value.removesuffix("半")) if value != "半" else Decimal(0)
    liang = decimal(match["liang"]) * 50 if match["liang"] else Decimal(0)
    return whole * unit + halves * unit / 2 + liang


def plain(text: str) -> str:
    """The beginning of a text with full-width signs made half-width."""
    return unicodedata.normalize("NFKC", text[:LONGEST])


def decimal(number: str) -> Decimal:
    """What digits (`1,299.00`) or Chinese numerals (`一百五十`, `二十`) stand for."""
    if number[0].isdecimal() and number.isascii():
        return Decimal(number.replace(",", ""))
    total, digit = 0, 0
    for char in number:
        if place := _PLACES.get(char):
            total += (digit or 1) * place
            digit = 0
        else:
            digit = int(char) if char.isdecimal() else _DIGITS[char]
    return Decimal(total + digit)
