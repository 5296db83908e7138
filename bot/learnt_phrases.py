"""The phrases an agent corrected: a TinyDB file beside the shop's own wording, laid over the built-in phrases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fasteners import InterProcessLock
from tinydb import TinyDB

from followup.understood import Intent
from handlers.understand import Learnt, Understanding
from handlers.understand.intent_names import intent_named
from handlers.understand.learnt import key
from scheduler.clock import SystemClock
from scripts_library.storage import AtomicJSON, OverridesDamaged


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

    def understanding(self) -> Understanding:
        """Understands with what the file holds now. Raises `OverridesDamaged`."""
        return Understanding(Learnt((each.text, Intent(each.intent)) for each in self.entries()))

    @contextmanager
    def _writing(self) -> Iterator[TinyDB]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with InterProcessLock(str(self.path) + ".lock"), TinyDB(self.path, storage=AtomicJSON) as table:
            yield table
