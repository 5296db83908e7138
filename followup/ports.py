"""What the domain needs of the outside: a clock, a channel, an order source, words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from followup.events import DeliveryResult, Incoming, OrderChanged
from followup.model import Attachment, Cursor, Health, Instant, Outgoing, Raw, Segment


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> Instant: ...

    async def sleep_until(self, when: Instant) -> None: ...


class Measure(StrEnum):
    """What a channel counts when it limits the length of a text."""

    CHARACTERS = "characters"
    UTF16 = "utf16"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do.

    `idempotent`: a repeated send of one id reaches the buyer once. `longest_text` in units of `measure`. Rates:
    `per_second` over all chats (0: no limit), `chat_every` between two messages of one chat, `group_every` of one
    group, and in a group no more than `group_most` (0: any number) in any `group_within`. `window` after a buyer's
    message in which he may be written to, `quota` messages within it. `buttons` the most answers to tap under a message
    (0: they become numbered text). `largest_photo` and `largest_file` in bytes (0: not taken; a link goes instead).
    `edits` and `deletes`: what was sent can be changed or taken back. `handover`: a message of the step `handoff` gives
    the chat to a person on the channel itself. `needs_chat`: only a buyer who opened the chat himself can be reached; a
    buyer's id is no address. `anywhere`: any number of processes may send through it at once, for it keeps neither a
    connection nor a pace.
    """

    idempotent: bool = False
    longest_text: int = 4000
    measure: Measure = Measure.CHARACTERS
    per_second: float = 0.0
    chat_every: timedelta = timedelta()
    group_every: timedelta = timedelta()
    group_most: int = 0
    group_within: timedelta = timedelta()
    window: timedelta | None = None
    quota: int | None = None
    buttons: int = 0
    largest_photo: int = 0
    largest_file: int = 0
    edits: bool = False
    deletes: bool = False
    handover: bool = False
    needs_chat: bool = False
    anywhere: bool = False


class Channel(Protocol):
    """A way to a buyer. `send` answers accepted, refused, retry or unsure; it raises only for bugs, read as unsure."""

    name: str
    capabilities: Capabilities

    async def send(self, message: Outgoing) -> DeliveryResult: ...


class Editor(Channel, Protocol):
    """A channel on which what was sent can be changed (`Capabilities.edits`). `edit` puts the text and the choices of
    `message` in the place of those of the message that the channel knows as `external_id`, and answers as `send` does:
    refused if that cannot be changed any more. Without choices, buttons that stand under it go away.
    """

    async def edit(self, message: Outgoing, external_id: str) -> DeliveryResult: ...


class Inbox(Protocol):
    """Where a channel puts what it hears.

    `take` returns once the events are committed, together with the cursor: only then may they be acknowledged. Events
    taken before are dropped. `report` tells how the channel stands; the same again changes nothing.
    """

    async def take(self, raws: Sequence[Raw], cursor: Cursor | None = None) -> None: ...

    async def cursor(self, name: str) -> str: ...

    async def report(self, health: Health, detail: str = "", gap: bool = False) -> None: ...


class Receiver(Channel, Protocol):
    """A channel that hears buyers.

    `receive` runs until it is cancelled, survives whatever the service does, and reports how it stands. `parse` makes
    events of one raw event, none if it does not concern us; it may ask the service for more, raises `NotYet` if that
    cannot answer now and `Unparseable` if it never will. `fetch` gets the bytes of an attachment, with the same errors.
    `close` lets go of connections; nothing is called after it.
    """

    async def receive(self, inbox: Inbox) -> None: ...

    async def parse(self, raw: Raw) -> Sequence[Incoming]: ...

    async def fetch(self, attachment: Attachment) -> bytes: ...

    async def close(self) -> None: ...


class Linker(Protocol):
    """A channel on which a token can be shown by following a link; `link` raises `NotYet` if it cannot be made now."""

    async def link(self, token: str) -> str: ...


class NotYet(Exception):
    """The service cannot answer now; the same later may succeed."""


class Unparseable(ValueError):
    """An event of a channel means nothing to us, now or later."""


class TooLarge(Unparseable):
    """The service has a file, but gives out none so large."""


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
    """The file is in no format that this source knows. Its `sentence` quotes nothing of it; what it `holds` is said
    behind."""

    def __init__(self, sentence: str, holds: str = "") -> None:
        super().__init__(f"{sentence}{holds}")
        self.sentence = sentence


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
