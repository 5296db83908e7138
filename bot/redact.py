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
from hashlib import sha256
from pathlib import PurePath
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from zoneinfo import ZoneInfo

from bot.config_secrets import looks_secret
from followup.kinds import KINDS

PRIVATE = frozenset(
    {"text", "words", "body", "content", "comment", "address", "name", "nick", "buyer", "receiver"}
    | {"phone", "mobile", "tel", "email", "mail", "wechat"}
)
IDS = frozenset({"thread", "chat", "message", "reminder", "task", "evidence", "clock"})
EVENT, DESK = "event_id", "desk"
LENGTH_OF_ID = 5
"""Digits of what stands for a buyer: few enough that thousands of telephone numbers share each."""
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
_MOVING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
TRACES = frozenset({"exception", "stack"})
"""What has lines of its own."""
# In the message of an error, what is quoted (an apostrophe is no quote) or not English is likely a buyer's; a single
# quoted word is a name of ours.
_QUOTED = re.compile(r"""(?:(?<!\w)|(?<=\bb))(['"])(?:(?P<word>[\w./:-]*)\1(?!\w)|.*?(?:\1(?!\w)|$))""", re.ASCII)
_FOREIGN = re.compile(r"[^\x00-\x7f]+(?:[\s\d,.-]*[^\x00-\x7f]+)*")


@dataclass(frozen=True, slots=True)
class Redactor:
    """Takes out what nobody may read in a log; `secrets` are hidden wherever they appear."""

    secrets: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def knowing(cls, secrets: Iterable[str]) -> Redactor:
        """A redactor of these secrets, as they are and as they stand in an address; very short ones are no secrets."""
        known = [part for secret in secrets if len(secret) >= SHORTEST_SECRET for part in (secret, *_keys(secret))]
        forms = {form for secret in known for form in (secret, quote(secret, "", errors="replace"))}
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
        return _FOREIGN.sub(HIDDEN, _QUOTED.sub(_unquoted, first))

    def fields(self, fields: Mapping[Any, Any]) -> dict[str, Any]:
        """The fields of one line, each hidden if its name says so, else cleaned."""
        return {visible(self.text(str(key))): self.field(str(key), value) for key, value in fields.items()}

    def field(self, key: str, value: Any) -> Any:
        """One value under its name."""
        if value is None or isinstance(value, bool):
            return value
        if looks_secret(key):
            return SECRET
        if key.lower().rpartition("_")[2] in PRIVATE:
            return HIDDEN
        if key in TRACES and isinstance(value, str):
            return "\n".join(map(visible, self.text(value).split("\n")))
        if key in IDS and isinstance(value, str):
            return visible(self.id(value))
        if key == EVENT and isinstance(value, str):
            return visible(self.event(value))
        return visible(self.error(value)) if key == "error" and isinstance(value, str) else self.value(value)

    def id(self, id_: str) -> str:
        """The id of a thread, chat, message or the like: of what may name a buyer in it a few digits are left, the same
        in each line, by which it can be followed though nobody can tell who it is."""
        parts = id_.split("/")
        known = next((at for at, part in enumerate(parts) if at > 1 and part in KINDS), None)
        if known is None:
            return self.text("/".join([*parts[:2], *_digits(parts[2:])]))
        before = 3 if parts[0] == DESK and known > 3 else 1  # the shop; of a post for our people also what it is
        order, step, more = parts[before:known], parts[known : known + 2], parts[known + 3 :]
        if len(order) > 1 or order[0].startswith("@") or self.text(id_) != id_:
            order = [f"@{digits}" for digits in _digits(order)]
        key = [_up_to_a_dot(part) for part in parts[known + 2 : known + 3]]
        return self.text("/".join([*parts[:before], *order, *step, *key, *_digits(more)]))

    def event(self, id_: str) -> str:
        """The id of what a channel heard: where the name that the channel gives it begins with an address and a dot, a
        few digits stand in the place of that."""
        channel, _, name = id_.partition("/")
        address, dot, rest = name.partition(".")
        return self.text(f"{channel}/{_digits([address])[0]}.{rest}" if dot and address else id_)

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
                return visible(self.text(value))
            case date() | time() | timedelta() | Decimal() | PurePath() | ZoneInfo():
                return visible(self.text(str(value)))
            case BaseException():
                return f"{type(value).__name__}: {visible(self.error(str(value)))}"
            case Mapping():
                return self.fields(value)
            case list() | tuple() | set() | frozenset():
                return [self.value(item) for item in value]
        return f"<{type(value).__name__}>"


def _digits(parts: list[str]) -> list[str]:
    """A few digits in the place of these parts of an id, if there are any."""
    middle = "/".join(parts)
    return [f"~{sha256(middle.encode()).hexdigest()[:LENGTH_OF_ID]}"] if middle else []


def _up_to_a_dot(key: str) -> str:
    """The key of a promise is the id of what was said, with dots: `says.76c4d9@0`, `calm.listening.chat.<address>.1`"""
    first, dot, rest = key.partition(".")
    return ".".join([first, *_digits([rest])]) if dot else key


def _unquoted(quoted: re.Match[str]) -> str:
    return HIDDEN if quoted["word"] is None else quoted[0]


def visible(text: str) -> str:
    """The text with whatever moves a cursor, ends a line or turns letters around written out (`\\n`, `\\x1b`): no value
    makes a line of its own, or changes one on a terminal."""
    return _MOVING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


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
