"""The shop's own wording: texts it added, texts it retired, in a TinyDB file laid over the built-in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fasteners import InterProcessLock
from tinydb import TinyDB
from tinydb.table import Document

from followup.model import Segment
from scripts_library.storage import AtomicJSON, OverridesDamaged
from scripts_library.templates import Variant, digest
from scripts_library.words import Key

if TYPE_CHECKING:
    from scripts_library.library import Texts

__all__ = ["Entry", "Overrides", "OverridesDamaged", "Rejected"]


class Rejected(ValueError):
    """The change was not made: the text breaks a rule, or there is nothing to change."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the file: an added text (`text` is set) or a retired one, and who did it. An added one is said only
    before `until`, an aware moment (None: for good)."""

    script: str
    lang: str
    segment: Segment
    variant: str
    by: str
    text: str = ""
    until: datetime | None = None

    @property
    def key(self) -> Key:
        return (self.script, self.lang, self.segment)

    @property
    def retired(self) -> bool:
        return not self.text


class Overrides:
    """One file with one writer at a time; readers see the old or the new file, never half of one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> list[Entry]:
        """What the file holds, oldest first; empty without a file. Raises `OverridesDamaged`."""
        tables = AtomicJSON(self.path).read() or {}
        try:
            rows = sorted(tables.get("_default", {}).items(), key=lambda item: int(item[0]))
            return [_entry(row) for _, row in rows]
        except (KeyError, ValueError) as error:
            raise OverridesDamaged(f"{self.path} is damaged and was left alone: {error!r}") from None

    def set(self, script: str, lang: str, text: str, segment: Segment, by: str, until: datetime | None = None) -> str:
        """Adds a variant, for a promotion only `until` then (rule 107), and returns its id. Raises `Rejected` naming
        what is wrong with it."""
        entry = Entry(script, lang, segment, digest(text), by, text, until)
        self._add(entry)
        return entry.variant

    def retire(self, script: str, lang: str, variant: str, by: str) -> None:
        """Takes a built-in or own variant out of use in every segment. Raises `Rejected`."""
        self._add(Entry(script, lang, Segment.NEW, variant, by))

    def undo(self, script: str, lang: str, variant: str) -> None:
        """Takes back the last change that names this variant. Raises `Rejected`."""
        with self._writing() as table:
            rows = sorted(table, key=lambda row: row.doc_id)
            same = [row for row in rows if (row["script"], row["lang"], row["variant"]) == (script, lang, variant)]
            if not same:
                raise Rejected(f"{script} in {lang} has no change to {variant} that could be undone")
            kept = [_entry(row) for row in rows if row.doc_id != same[-1].doc_id]
            _refuse(self.entries(), kept, _entry(same[-1]))
            table.remove(doc_ids=[same[-1].doc_id])

    def lay_over(self, texts: Texts) -> Texts:
        """The built-in texts with the file's changes made to them, in order."""
        return lay_over(texts, self.entries())

    def _add(self, entry: Entry) -> None:
        with self._writing() as table:
            entries = self.entries()
            _refuse(entries, [*entries, entry], entry)
            table.insert(_row(entry))

    @contextmanager
    def _writing(self) -> Iterator[TinyDB]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with InterProcessLock(str(self.path) + ".lock"), TinyDB(self.path, storage=AtomicJSON) as table:
            yield table


def lay_over(texts: Texts, entries: list[Entry]) -> Texts:
    """Adds and retires variants. The first text for returning buyers joins those that served them until then."""
    laid = dict(texts)
    for entry in entries:
        if entry.retired:
            for segment in Segment:
                key = (entry.script, entry.lang, segment)
                laid[key] = tuple(variant for variant in laid.get(key, ()) if variant.id != entry.variant)
        else:
            before = laid.get(entry.key) or laid.get((entry.script, entry.lang, Segment.NEW), ())
            laid[entry.key] = (*before, Variant(entry.text, entry.until))
    return laid


def _refuse(before: list[Entry], after: list[Entry], change: Entry) -> None:
    from scripts_library.check import check_change

    if findings := check_change(before, after, change):
        raise Rejected("; ".join(str(finding) for finding in findings))


def _row(entry: Entry) -> dict[str, Any]:
    row = {"script": entry.script, "lang": entry.lang, "variant": entry.variant, "by": entry.by}
    if entry.retired:
        return row
    until = {"until": entry.until.isoformat()} if entry.until else {}
    return {**row, "segment": entry.segment.value, "text": entry.text, **until}


def _entry(row: dict[str, Any] | Document) -> Entry:
    segment = Segment(row.get("segment", "new"))
    until = datetime.fromisoformat(row["until"]) if "until" in row else None
    return Entry(row["script"], row["lang"], segment, row["variant"], row["by"], row.get("text", ""), until)
