"""Keeps people and secrets out of the logs: by the name of a value, by its looks, and by known secrets.

What is no plain value is shown by its type alone, because the text of an object may hold a buyer's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from zoneinfo import ZoneInfo

from bot.config_secrets import looks_secret

PRIVATE = frozenset(
    {"text", "words", "body", "content", "comment", "address", "name", "nick", "buyer", "receiver"}
    | {"phone", "mobile", "tel", "email", "mail", "wechat"}
)
HIDDEN = "[private]"
SECRET = "[secret]"  # noqa: S105 - what is shown in place of one
SHORTEST_SECRET, SHORTEST_KEY = 4, 8

_LOOKS = (
    (re.compile(r"(?<=://)[^\s/@:]{0,100}:[^\s@]{0,200}(?=@)"), SECRET),
    (re.compile(r"\bBearer\s+[\w.~+/=-]+", re.I), f"Bearer {SECRET}"),
    (
        re.compile(r"(?i)((?:token|secret|passw(?:or)?d|api_?key)[\w-]{0,40}[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;}]+"),
        rf"\1{SECRET}",
    ),
    (re.compile(r"(?<!\d)\d{8,10}:[\w-]{30,}"), SECRET),  # a Telegram bot's token
    (re.compile(r"(?<![\w.%+-])[\w.%+-]+[@＠](?:[\w-]+\.)+[\w-]{2,}"), "[e-mail]"),
    (
        re.compile(r"(?<![\dXx])[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dXx])"),
        "[id card]",
    ),
    (re.compile(r"(?<!\d)[+＋]\d(?:[ ()./-]{0,2}\d){6,14}(?!\d)"), "[phone]"),
    (re.compile(r"(?<!\d)(?:(?:00)?86[ -]?)?[1１][3-9３-９]\d(?:[ -]?\d){8}(?!\d)"), "[phone]"),
    (re.compile(r"(?<!\d)0\d{2,3}[ -]\d{7,8}(?!\d)"), "[phone]"),
    (re.compile(r"(?<!\d)\(?[2-9]\d\d\)?[ .-]\d{3}[ .-]\d{3,4}(?!\d)"), "[phone]"),
)
# In the message of an error, what is quoted or not English is likely a buyer's.
_QUOTED = re.compile(r"""(['"])(?![\w./:-]*\1).*?\1""", re.ASCII)
_FOREIGN = re.compile(r"[^\x00-\x7f]+(?:[\s\d,.-]*[^\x00-\x7f]+)*")


@dataclass(frozen=True, slots=True)
class Redactor:
    """Takes out what nobody may read in a log; `secrets` are hidden wherever they appear."""

    secrets: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def knowing(cls, secrets: Iterable[str]) -> Redactor:
        """A redactor of these secrets, as they are and as they stand in an address; very short ones are no secrets."""
        known = [part for secret in secrets if len(secret) >= SHORTEST_SECRET for part in (secret, *_keys(secret))]
        forms = {form for secret in known for form in (secret, quote(secret, ""))}
        return cls(tuple(sorted(forms, key=len, reverse=True)))

    def text(self, text: str) -> str:
        """The text without secrets, phone numbers, e-mail addresses and identity cards."""
        for secret in self.secrets:
            text = text.replace(secret, SECRET)
        for looks, instead in _LOOKS:
            text = looks.sub(instead, text)
        return text

    def error(self, message: str) -> str:
        """The first line of an error's message without what it may quote of a buyer."""
        first = self.text(message).partition("\n")[0]
        return _FOREIGN.sub(HIDDEN, _QUOTED.sub(HIDDEN, first))

    def fields(self, fields: Mapping[Any, Any]) -> dict[str, Any]:
        """The fields of one line, each hidden if its name says so, else cleaned."""
        return {self.text(str(key)): self.field(str(key), value) for key, value in fields.items()}

    def field(self, key: str, value: Any) -> Any:
        """One value under its name."""
        if value is None or isinstance(value, bool):
            return value
        if looks_secret(key):
            return SECRET
        if key.lower().rpartition("_")[2] in PRIVATE:
            return HIDDEN
        return self.error(value) if key == "error" and isinstance(value, str) else self.value(value)

    def value(self, value: Any) -> Any:
        """A value without a name: a plain one cleaned, a collection gone through, anything else by its type."""
        match value:
            case None | bool() | float():
                return value
            case int():
                shown = self.text(str(value))
                return value if shown == str(value) else shown
            case Enum():
                return self.value(value.value)
            case str():
                return self.text(value)
            case date() | time() | timedelta() | Decimal() | PurePath() | ZoneInfo():
                return self.text(str(value))
            case BaseException():
                return f"{type(value).__name__}: {self.error(str(value))}"
            case Mapping():
                return self.fields(value)
            case list() | tuple() | set() | frozenset():
                return [self.value(item) for item in value]
        return f"<{type(value).__name__}>"


def _keys(secret: str) -> list[str]:
    """Where a secret is an address: what makes it one, its password, the values after `?` and the long parts of its
    path and host."""
    if "://" not in secret:
        return []
    try:
        parts = urlsplit(secret)
    except ValueError:
        return []
    values = [value for _, value in parse_qsl(parts.query)]
    pieces = [unquote(piece) for piece in (*re.split(r"[/:@]", f"{parts.netloc}/{parts.path}"), parts.password or "")]
    long = (value for value in (*values, *pieces) if len(value) >= SHORTEST_KEY and "." not in value)
    return [value for value in long if value != "localhost"]
