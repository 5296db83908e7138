"""The shop's own wording: texts it added, texts it retired, in a TinyDB file laid over the built-in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from fasteners import InterProcessLock
from tinydb import TinyDB
from tinydb.middlewares import CachingMiddleware

from followup.model import Segment
from scripts_library.overrides_entry import Entry, entry_of, row_of
from scripts_library.overrides_history import TABLE, Step, Tables, kept, steps, what_of
from scripts_library.storage import AtomicJSON, OverridesDamaged
from scripts_library.templates import Variant, digest

if TYPE_CHECKING:
    from scripts_library.library import Texts
    from scripts_library.lint import Finding

__all__ = ["Entry", "Overrides", "OverridesDamaged", "Rejected", "Step"]
_ONE = Lock()
"""The lock of the file keeps other processes out, and this one the other threads of this process."""


class Rejected(ValueError):
    """The change was not made: the text breaks a rule, or there is nothing to change. `findings` say which rules."""

    def __init__(self, sentence: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(sentence)
        self.findings = findings


class Overrides:
    """One file with one writer at a time; readers see the old or the new file, never half of one. Its history has the
    time of each change by `now`, if there is one."""

    def __init__(self, path: Path, now: Callable[[], datetime] | None = None) -> None:
        self.path = path
        self._now = now

    def entries(self) -> list[Entry]:
        """What the file holds, oldest first; empty without a file. Raises `OverridesDamaged`."""
        with self._reading() as tables:
            rows = sorted(tables.get("_default", {}).items(), key=lambda item: int(item[0]))
            return [entry_of(row) for _, row in rows]

    def history(self, script: str = "") -> list[Step]:
        """Every change, of one script or of all, oldest first, undone ones too. Raises `OverridesDamaged`."""
        with self._reading() as tables:
            return [step for step in steps(tables) if script in ("", step.script)]

    def set(self, script: str, lang: str, text: str, segment: Segment, by: str, until: datetime | None = None) -> str:
        """Adds a variant, for a promotion only `until` then (rule 107), and returns its id. Raises `Rejected` naming
        what is wrong with it."""
        entry = Entry(script, lang, segment, digest(text), by, text, until)
        with self._writing() as file:
            self._put(file, (entry,), by)
        return entry.variant

    def replace(self, script: str, lang: str, variant: str, text: str, by: str, until: datetime | None = None) -> str:
        """Puts a text in the place of a variant, in each segment that has it, and returns its id. Raises `Rejected`."""
        with self._writing() as file:
            added = [
                Entry(script, lang, segment, digest(text), by, text, until)
                for segment in _owners(self.entries(), script, lang, variant)
            ]
            gone = Entry(script, lang, Segment.NEW, variant, by)
            self._put(file, (gone, *added) if variant == digest(text) else (*added, gone), by)
        return digest(text)

    def retire(self, script: str, lang: str, variant: str, by: str) -> None:
        """Takes a built-in or own variant out of use in every segment. Raises `Rejected`."""
        with self._writing() as file:
            self._put(file, (Entry(script, lang, Segment.NEW, variant, by),), by)

    def undo(self, script: str, lang: str, variant: str, by: str = "") -> None:
        """Takes back the last change that names this variant. Raises `Rejected`."""
        with self._writing() as file:
            step = next((each for each in reversed(file.known) if each.changes(script, lang, variant)), None)
            if step is None:
                raise Rejected(f"{script} in {lang} has no change to {variant} that could be undone")
            self._take_back(file, step, by)

    def undo_step(self, step: int, by: str) -> None:
        """Takes back any step that is in force; of one that undid another, that other is made again. Raises
        `Rejected`."""
        with self._writing() as file:
            found = next((each for each in file.known if each.id == step and each.in_force), None)
            if found is None:
                raise Rejected("this change has been undone already")
            self._take_back(file, found, by)

    def lay_over(self, texts: Texts) -> Texts:
        """The built-in texts with the file's changes made to them, in order."""
        return lay_over(texts, self.entries())

    def _put(self, file: _File, new: tuple[Entry, ...], by: str, of: int = 0) -> None:
        before = self.entries()
        _refuse(before, [*before, *new], new)
        rows = file.database.insert_multiple(map(row_of, new))
        file.tell(Step(0, what_of(new), by, self._at(), new, tuple(rows), of))

    def _take_back(self, file: _File, step: Step, by: str) -> None:
        if step.what == "undone":
            self._put(file, step.entries, by, step.id)
            return
        rows = sorted(file.database, key=lambda row: row.doc_id)
        _refuse(self.entries(), [entry_of(row) for row in rows if row.doc_id not in step.rows], step.entries)
        file.database.remove(doc_ids=list(step.rows))
        file.tell(Step(0, "undone", by, self._at(), step.entries, (), step.id))

    def _at(self) -> datetime | None:
        return self._now() if self._now else None

    @contextmanager
    def _reading(self) -> Iterator[Tables]:
        try:
            yield AtomicJSON(self.path).read() or {}
        except OverridesDamaged:
            raise
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise OverridesDamaged(f"{self.path} is damaged and was left alone: {error!r}") from None

    @contextmanager
    def _writing(self) -> Iterator[_File]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        whole = CachingMiddleware(AtomicJSON)  # type: ignore[no-untyped-call]
        with _ONE, InterProcessLock(str(self.path) + ".lock"), TinyDB(self.path, storage=whole) as database:
            yield _File(database, self.history())


@dataclass(frozen=True, slots=True)
class _File:
    """The file while it is written, which is done once, at the end; `known` are its steps so far."""

    database: TinyDB
    known: list[Step]

    def tell(self, step: Step) -> None:
        """Write a step down, behind those that an older program has not told of."""
        table = self.database.table(TABLE)
        told = {row.doc_id for row in table}
        table.insert_multiple(kept(each) for each in (*self.known, step) if each.id not in told)


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


def _owners(entries: list[Entry], script: str, lang: str, variant: str) -> list[Segment]:
    """The segments that have a variant of their own. Raises Rejected."""
    from scripts_library.library import built_in_texts

    laid = lay_over(built_in_texts(), entries)
    found = [each for each in Segment if any(one.id == variant for one in laid.get((script, lang, each), ()))]
    if not found:
        raise Rejected(f"{script} in {lang} has no variant {variant} that could be replaced")
    return found


def _refuse(before: list[Entry], after: list[Entry], changes: tuple[Entry, ...]) -> None:
    from scripts_library.check import check_change

    found = dict.fromkeys(finding for change in changes for finding in check_change(before, after, change))
    if found:
        raise Rejected("; ".join(map(str, found)), tuple(found))
