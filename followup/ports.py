"""What the domain needs of the outside: a clock, a channel, an order source, words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from followup.events import DeliveryResult, OrderChanged
from followup.model import Instant, Outgoing, Segment


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> Instant: ...

    async def sleep_until(self, when: Instant) -> None: ...


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do: whether a repeated send of one id is refused, the longest text in characters,
    messages a second over all chats (0: no limit), the service window after a buyer's message and its quota."""

    idempotent: bool = False
    longest_text: int = 4000
    per_second: float = 0.0
    window: timedelta | None = None
    quota: int | None = None


class Channel(Protocol):
    """A way to a buyer. `send` answers accepted, refused, retry or unsure; it raises only for bugs, read as unsure."""

    name: str
    capabilities: Capabilities

    async def send(self, message: Outgoing) -> DeliveryResult: ...


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read: its line (the first is 1), column, value, and what was expected."""

    line: int
    column: str
    value: str
    expected: str
    cells: tuple[str, ...] = ()


class OrderSource(Protocol):
    """A file of orders, read row by row; bad rows are reported in between and stop nothing.

    Raises `UnknownFormat` when the file is none of its kinds.
    """

    def read(self, path: Path) -> Iterator[OrderChanged | BadRow]: ...


class UnknownFormat(ValueError):
    """The file is in no format that this source knows."""


@dataclass(frozen=True, slots=True)
class Words:
    """A rendered script: its text, its language, and the digest that keeps it from being said twice."""

    text: str
    lang: str
    digest: str


class WordsExhausted(LookupError):
    """Every variant of a script has already been said in this thread."""


class Scripts(Protocol):
    """Renders a script in the buyer's language (falling back to the shop's), avoiding digests already `said`.

    Raises `WordsExhausted` when no variant is left, `KeyError` for an unknown script or a missing fact.
    """

    def render(
        self, script: str, lang: str, facts: Mapping[str, object], segment: Segment, said: Collection[str], seed: str
    ) -> Words: ...
