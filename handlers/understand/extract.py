"""Finds the numbers in a message that name orders and parcels."""

from __future__ import annotations

import re

from handlers.understand.measures import plain

_ORDER_WORD = (
    r"(?:订单(?:编?号)?|訂單(?:編?號)?|单号(?!查)|order(?: (?:no|number|id|nr))?|pedido(?: n[uú]mero)?|orden)"
    r"[\s.:：#是为]*"
)
_NAMED_ORDER = re.compile(rf"(?:{_ORDER_WORD}|#)([A-Za-z]{{0,4}}-?\d[\w-]{{2,29}})", re.IGNORECASE)
_BARE_ORDER = re.compile(r"(?<![\w.¥$€])\d{15,20}(?![\w.])")
_CARRIERS = (
    r"SF\d{10,15}|YT\d{10,15}|ZTO\d{10,15}|STO?\d{10,15}|YD\d{10,15}|JT\d{10,15}|JD[A-Z0-9]{8,18}|JDV[A-Z0-9]{8,18}"
    r"|DPK\d{8,15}|DPL\d{8,15}|BEST\d{8,15}|HT\d{10,15}|TT\d{10,15}|1Z[0-9A-Z]{16}|TBA\d{10,14}|9[2-5]\d{20}"
    r"|[A-Z]{2}\d{9}[A-Z]{2}"
)
_PARCEL = re.compile(rf"(?<![A-Za-z0-9])(?:{_CARRIERS})(?![A-Za-z0-9])", re.IGNORECASE)
_PARCEL_WORD = re.compile(
    r"(?:快递(?:单?号)?|运单号?|物流(?:单?号)?|(?<!订)单号|(?<!訂)單號|tracking(?: (?:no|number|code|id))?"
    r"|seguimiento|guía|rastreo|[顺順]丰|圆通|中通|申通|韵达|邮政|极兔)[^\d\n]{0,6}(?!1[3-9]\d{9}(?!\d))(\d{10,15})(?!\d)",
    re.IGNORECASE,
)


def orders_in(text: str) -> tuple[str, ...]:
    """Order numbers: what follows the word order or `#`, and bare numbers of 15 to 20 digits (as Taobao's)."""
    raw = plain(text)
    parcels = tracking_in(text)
    found = [*(each[1].rstrip("-") for each in _NAMED_ORDER.finditer(raw)), *_BARE_ORDER.findall(raw)]
    return tuple(dict.fromkeys(each for each in found if each.upper() not in parcels))


def tracking_in(text: str) -> tuple[str, ...]:
    """Tracking numbers: those in a carrier's form, and 10 to 15 digits (no mobile) after a word for parcel."""
    raw = plain(text)
    formed = [each[0].upper() for each in _PARCEL.finditer(raw)]
    bare = [each for each in _PARCEL_WORD.findall(raw) if not any(each in whole for whole in formed)]
    return tuple(dict.fromkeys([*formed, *bare]))
