"""What the desk remembers: topics of the agents' group, handovers, buyers who were erased."""

from __future__ import annotations

from dataclasses import dataclass

from followup.model import Instant


@dataclass(frozen=True, slots=True)
class Topic:
    """Where a thread is spoken of in the agents' group: `number` is the topic's id on the service, `thread` the id of a
    thread, or of a chat in which nothing is followed up. `is_open` until the thread is closed."""

    desk: str
    thread: str
    number: str
    name: str
    opened_at: Instant
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Handover:
    """What a shift left to the next one (rule 104): `threads` are the matters that were open; those closed or taken
    since are cleared."""

    id: str
    shop: str
    shift: str
    ended_at: Instant
    threads: tuple[str, ...] = ()
    cleared_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Somebody who was erased and must not be written to again; `digest` is a keyed hash of his id or address."""

    shop: str
    digest: str
    at: Instant
