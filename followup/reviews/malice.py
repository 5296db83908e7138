"""Signs of a malicious review, each with its evidence: advice for agents, never a word to a buyer (rules 89, 90)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from followup.causes import Cause
from followup.reviews.read import Malice, Read, Record

MANY_BAD = 3
THIN, SILENT = "thin_account", "silent_order"


@dataclass(frozen=True, slots=True)
class Sign:
    """`name` is a malicious kind, or one of the weak signs THIN and SILENT, that prove nothing alone; `evidence` the
    words or figures it rests on."""

    name: str
    evidence: str
    strong: bool = True


def signs(read: Read, record: Record) -> tuple[Sign, ...]:
    """What speaks for a malicious review; weak signs only beside a strong one, for most new buyers are honest."""
    strong = tuple(_strong(read, record))
    return (*strong, *_weak(record)) if strong else ()


def likeliest_cause(read: Read, found: tuple[Sign, ...]) -> Cause:
    """The cause to look at first; malice only where the text speaks of no trouble with the goods or the service."""
    if read.causes:
        return read.causes[0].cause
    return Cause.MALICIOUS if found else Cause.UNKNOWN


def _strong(read: Read, record: Record) -> Iterator[Sign]:
    told: dict[Malice, str] = {}
    for kind, words in (*read.hints, *record.said.hints):
        told.setdefault(kind, words)
    yield from (Sign(kind, words) for kind, words in told.items())
    if record.bad >= MANY_BAD and record.bad * 2 > record.reviews:
        yield Sign(Malice.HABITUAL, f"{record.bad}/{record.reviews}")


def _weak(record: Record) -> Iterator[Sign]:
    if record.paid <= 1:
        yield Sign(THIN, str(record.paid), strong=False)
    if record.said.messages == 0:
        yield Sign(SILENT, "0", strong=False)
