"""Reads single cells of seller exports: ids, amounts, free text, and the many ways of leaving a cell empty."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from followup.model import Money

T = TypeVar("T")

EMPTY = frozenset({"", "-", "--", "null", "NULL", "None", "无", "无退款申请", "没有申请退款", "0000-00-00 00:00:00"})
DAMAGED = "�"
_WRAPPING = "=\"' \t\r\n\u3000\ufeff"
_ID = re.compile(r"[A-Za-z]{0,20}[0-9][0-9A-Za-z_-]{0,63}")
_AMOUNT = re.compile(r"(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,4})?")
_EXTENDED = re.compile(r"(?:\+?86)?1[0-9*]{10}(?:-|转|,|#|ext)[0-9]+", re.IGNORECASE)
TRACKING = r"^[0-9A-Za-z][0-9A-Za-z_-]{3,63}$"
_NUMBER = re.compile(r"(?<![0-9A-Za-z_-])[0-9A-Za-z][0-9A-Za-z_-]{5,39}(?![0-9A-Za-z_-])")
_TELEPHONE = re.compile(r"\+\d[\d -]{6,14}\d|(?<!\d)(?:\d{7,15}|0\d{2,3}-\d{7,8}|1\d\d[ -]\d{4}[ -]\d{4})(?!\d)")
_PROVINCE = re.compile(r".{1,7}?(?:省|自治区|特别行政区|市)")


class Unreadable(ValueError):
    """The cell cannot be read; the message says what was expected."""


class Memo(dict[str, T]):
    """What `read` made of each text, so that a text that comes again costs one look-up; it forgets when full."""

    def __init__(self, read: Callable[[str], T], most: int = 20_000) -> None:
        super().__init__()
        self._read, self._most = read, most

    def __missing__(self, text: str) -> T:
        value = self._read(text)
        if len(self) >= self._most:
            self.clear()
        self[text] = value
        return value


def bare(text: str) -> str:
    """The text without what spreadsheets wrap around it (`="351"`, a leading `'`, TABs) and "" for every empty."""
    stripped = text.strip(_WRAPPING)
    return "" if stripped in EMPTY else stripped


def order_id(text: str) -> str:
    """An order or refund number, as text."""
    stripped = text.strip(_WRAPPING)
    if _ID.fullmatch(stripped):
        return stripped
    if re.fullmatch(r"[0-9.]+[eE]\+?[0-9]+", stripped):
        raise Unreadable("a whole order number; a spreadsheet rounded this one, export again and keep it as text")
    raise Unreadable("an order number")


def words(text: str) -> str:
    """Free text on one line, without invisible characters."""
    line = " ".join(bare(text).split())
    return line if line.isprintable() else "".join(filter(str.isprintable, line))


def tracking_number(text: str) -> str:
    """A tracking number, whatever stands before it (`No:YT123`, `圆通:YT123`)."""
    found = tracking_numbers(text)
    if len(found) != 1:
        raise Unreadable("a tracking number")
    return found[0]


def tracking_numbers(text: str) -> tuple[str, ...]:
    """All tracking numbers in a cell; an order in several parcels has several."""
    return tuple(dict.fromkeys(number for number in _NUMBER.findall(bare(text)) if sum(map(str.isdigit, number)) >= 6))


def without_numbers(text: str) -> str:
    """What a courier says of a parcel's place, without the telephone numbers of his people."""
    return _TELEPHONE.sub("…", words(text))


def person(text: str) -> str:
    """A name or member name; "" when masked (`t**1`), for one mask stands for many people."""
    name = words(text)
    if DAMAGED in name:
        raise Unreadable("a name whose characters are whole; the file is damaged here")
    return "" if "*" in name else name


def phone_tail(text: str) -> str:
    """The last four digits of a phone number, masked or not; "" where they are not to be had: too few digits, the end
    masked, or a platform's stand-in number with an extension, which its buyer does not know."""
    number = re.sub(r"[\s()（）.]", "", unicodedata.normalize("NFKC", bare(text)))
    tail = number.replace("-", "")[-4:]
    return tail if len(tail) == 4 and tail.isascii() and tail.isdigit() and not _EXTENDED.fullmatch(number) else ""


def province(text: str) -> str:
    """The first part of an address; the rest is nobody's business here."""
    first = words(text).partition(" ")[0]
    found = _PROVINCE.match(first)
    return found[0] if found else first if len(first) <= 8 else ""


def amount(currency: str) -> Callable[[str], Money]:
    """A reader of amounts in `currency`, not negative."""

    def read(text: str) -> Money:
        figures = re.sub(r"[¥￥元\s]", "", text.strip(_WRAPPING)).replace("，", ",")
        if not _AMOUNT.fullmatch(figures):
            raise Unreadable("an amount such as 37.00")
        return Money(Decimal(figures.replace(",", "")), currency)

    return read


def amount_if_any(currency: str) -> Callable[[str], Money | None]:
    """A reader of amounts in `currency`; None for an empty cell or a zero."""
    read = amount(currency)

    def read_if_any(text: str) -> Money | None:
        money = read(text) if bare(text) else None
        return money if money and money.amount else None

    return read_if_any
