"""What was typed at the desk, read with the project's own understanding of times."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from followup.desk.command import Asked, Misread, read
from followup.desk.command_times import When
from followup.events import Commanded
from followup.model import Instant
from handlers.understand.languages import languages_in
from handlers.understand.named_time import find_time
from handlers.understand.normalise import normalise


def typed(text: str, now: Instant, zone: ZoneInfo) -> Asked | Misread | None:
    """The command that a text of the group is; None if it is none."""
    return read(text, now, zone, times)


def until(text: str, now: Instant, zone: ZoneInfo) -> Instant | None:
    """The time that `30m`, `2h`, `明天9点`, `11-25 15:00` or `tomorrow 9 am` means; None if it means none."""
    return When(now, zone, times).named(text)[0]


def as_command(asked: Asked, who: str, at: Instant, key: str, thread: str = "") -> Commanded:
    """What was typed, as the event that carries it out: `who` typed it about a thread (or a chat without one)."""
    task, to, word, said = asked.task, asked.to, asked.word, asked.text
    return Commanded(asked.verb, who, at, key, thread, task, to, asked.until, word, said)


def times(text: str, now: Instant, zone: ZoneInfo) -> tuple[Instant | None, str]:
    """The time that words name, and what else they say."""
    folded = normalise(text)
    return find_time(folded, languages_in(folded), now, zone)
