"""Finds the numbers in a message: orders, parcels, sums of money."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from followup.understood import Amount
from handlers.understand.normalise import LONGEST

_ORDER_WORD = (
    r"(?:订单(?:编?号)?|訂單(?:編?號)?|单号(?!查)|order(?: (?:no|number|id|nr))?|pedido(?: n[uú]mero)?|orden)"
    r"[\s.:：#是为]*"
)
_NAMED_ORDER = re.compile(rf"(?:{_ORDER_WORD}|#)([A-Za-z]{{0,4}}-?\d[\w-]{{2,29}})", re.IGNORECASE)
_BARE_ORDER = re.compile(r"(?<![\w.¥$€])\d{15,20}(?![\w.])")
_CARRIERS = (
    r"SF\d{10,15}|YT\d{10,15}|ZTO\d{10,15}|STO?\d{10,15}|YD\d{10,15}|JT\d{10,15}|JD[A-Z0-9]{8,18}|JDV[A-Z0-9]{8,18}"
    r"|DPK\d{8,15}|BEST\d{8,15}|1Z[0-9A-Z]{16}|[A-Z]{2}\d{9}[A-Z]{2}"
)
_PARCEL = re.compile(rf"(?<![A-Za-z0-9])(?:{_CARRIERS})(?![A-Za-z0-9])", re.IGNORECASE)
_PARCEL_WORD = re.compile(
    r"(?:快递(?:单?号)?|运单号?|物流(?:单?号)?|单号|單號|tracking(?: (?:no|number|code|id))?|seguimiento|guía|rastreo"
    r"|[顺順]丰|圆通|中通|申通|韵达|邮政|极兔)[^\d\n]{0,6}(\d{10,15})(?!\d)",
    re.IGNORECASE,
)
_DIGITS = {char: at for at, char in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2}
_HAN_NUMBER = "[一二三四五六七八九两兩]?[百十]?[一二三四五六七八九]?[十]?[零一二三四五六七八九]?"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,7}(?:\.\d{1,2})?"
_CURRENCIES = {"¥": "CNY", "￥": "CNY", "rmb": "CNY", "$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "hk$": "HKD"}
_AFTER = {"元": "CNY", "块": "CNY", "塊": "CNY", "rmb": "CNY", "蚊": "HKD", "港币": "HKD", "港幣": "HKD", "yuan": "CNY"}
_AFTER |= {"$": "USD", "usd": "USD", "dollars": "USD", "dollar": "USD", "bucks": "USD", "dólares": "USD"}
_AFTER |= {"€": "EUR", "euros": "EUR", "euro": "EUR", "eur": "EUR", "pesos": "", "pounds": "GBP", "£": "GBP"}
_BEFORE_SUM = re.compile(rf"(us\$|hk\$|[¥￥$€£]|rmb)\s?({_NUMBER})", re.IGNORECASE)
_SUM_BEFORE = re.compile(
    rf"({_NUMBER}|{_HAN_NUMBER})\s?({'|'.join(map(re.escape, sorted(_AFTER, key=len, reverse=True)))})(?![a-zA-Z])",
    re.IGNORECASE,
)


def orders_in(text: str) -> tuple[str, ...]:
    """Order numbers: what follows the word order or `#`, and bare numbers of 15 to 20 digits (as Taobao's)."""
    raw = _plain(text)
    parcels = tracking_in(text)
    found = [*(each[1].rstrip("-") for each in _NAMED_ORDER.finditer(raw)), *_BARE_ORDER.findall(raw)]
    return tuple(dict.fromkeys(each for each in found if each.upper() not in parcels))


def tracking_in(text: str) -> tuple[str, ...]:
    """Tracking numbers: those in a carrier's form, and 10 to 15 digits after a word for parcel or carrier."""
    raw = _plain(text)
    formed = [each[0].upper() for each in _PARCEL.finditer(raw)]
    bare = [each for each in _PARCEL_WORD.findall(raw) if not any(each in whole for whole in formed)]
    return tuple(dict.fromkeys([*formed, *bare]))


def amounts_in(text: str) -> tuple[Amount, ...]:
    """Sums of money that carry a currency's sign or word: `¥12.50`, `20块`, `二十元`, `$5`, `10 euros`."""
    raw = _plain(text)
    found = [(each.start(), _decimal(each[2]), _CURRENCIES[each[1].lower()]) for each in _BEFORE_SUM.finditer(raw)]
    taken = {at for each in _BEFORE_SUM.finditer(raw) for at in range(*each.span())}
    found += [
        (each.start(), _decimal(each[1]), _AFTER[each[2].lower()])
        for each in _SUM_BEFORE.finditer(raw)
        if each[1] and each.start() not in taken
    ]
    return tuple(Amount(value, currency) for _, value, currency in sorted(found))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:LONGEST])


def _decimal(number: str) -> Decimal:
    if number[0].isdecimal() and number.isascii():
        return Decimal(number.replace(",", ""))
    total, digit = 0, 0
    for char in number:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[char]
    return Decimal(total + digit)
