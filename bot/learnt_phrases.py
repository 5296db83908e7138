"""The phrases an agent corrected: a TinyDB file beside the shop's own wording, laid over the built-in phrases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from fasteners import InterProcessLock
from tinydb import TinyDB

from followup.understood import Intent, Understood
from handlers.understand import Learnt, Understanding
from handlers.understand.intent_names import intent_named
from handlers.understand.learnt import key
from scheduler.clock import SystemClock
from scripts_library.storage import AtomicJSON, OverridesDamaged

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One learnt phrase: `number` is its id, `at` the ISO 8601 time (UTC) it was learnt, `by` who taught it."""

    number: int
    text: str
    intent: str
    by: str
    at: str


def beside(overrides: Path) -> Path:
    """The file of learnt phrases that belongs to a file of the shop's wording."""
    return overrides.with_name("intents.json")


class LearntPhrases:
    """One file with one writer at a time; readers see the old or the new file, never half of one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> list[Entry]:
        """What was learnt, oldest first; empty without a file. Raises `OverridesDamaged`."""
        tables = AtomicJSON(self.path).read() or {}
        try:
            rows = sorted((int(number), row) for number, row in tables.get("_default", {}).items())
            return [
                Entry(number, row["text"], Intent(row["intent"]).value, row["by"], row["at"]) for number, row in rows
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise OverridesDamaged(f"{self.path} is damaged and was left alone: {error!r}") from None

    def learn(self, text: str, intent: str, by: str, at: datetime | None = None) -> int:
        """Adds a phrase and returns its id. Raises ValueError for an empty text or an intent that is not known."""
        if not key(text):
            raise ValueError("there is nothing to learn: the text is empty")
        meant = intent_named(intent)
        when = (at or SystemClock().now()).isoformat()
        with self._writing() as table:
            self.entries()
            return int(table.insert({"text": text, "intent": meant.value, "by": by, "at": when}))

    def unlearn(self, number: int) -> Entry:
        """Takes one back and returns it. Raises ValueError if there is none of that id."""
        with self._writing() as table:
            gone = next((each for each in self.entries() if each.number == number), None)
            if gone is None:
                raise ValueError(f"nothing was learnt as {number}; `huifang intents learnt` lists what was")
            table.remove(doc_ids=[number])
        return gone

    def learnt(self) -> Learnt:
        """The lessons the file holds now. Raises `OverridesDamaged`."""
        return Learnt((each.text, Intent(each.intent)) for each in self.entries())

    def understanding(self) -> LiveUnderstanding:
        """Understands with what the file holds at the moment. Raises `OverridesDamaged`."""
        return LiveUnderstanding(self)

    @contextmanager
    def _writing(self) -> Iterator[TinyDB]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with InterProcessLock(str(self.path) + ".lock"), TinyDB(self.path, storage=AtomicJSON) as table:
            yield table


class LiveUnderstanding(Understanding):
    """Looks before each message whether the file has changed, so that agents teach a bot that is running.

    A file that is damaged later is told once, and what was learnt before goes on to count.
    """

    def __init__(self, phrases: LearntPhrases) -> None:
        self._phrases = phrases
        self._seen = _state(phrases.path)
        super().__init__(phrases.learnt())

    def __call__(self, text: str, now: datetime, zone: ZoneInfo, lang_hint: str = "") -> Understood:
        """See `understand`."""
        # The state is taken before the file is read: a change in between is read again, never missed.
        if (state := _state(self._phrases.path)) != self._seen:
            self._seen = state
            self._learn_again()
        return super().__call__(text, now, zone, lang_hint)

    def _learn_again(self) -> None:
        try:
            self.learnt = self._phrases.learnt()
        except (OverridesDamaged, OSError) as error:
            log.error("learnt_phrases_damaged", error=str(error))


def _state(path: Path) -> tuple[int, int, int] | None:
    """Tells one state of a file from another; None without one."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
