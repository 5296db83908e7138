"""Who changed the shop's own words, what and when, undoing included: a second table in the file of those words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scripts_library.overrides_entry import Entry, entry_of, moment_of, row_of

TABLE = "history"
Tables = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Step:
    """One change: `what` is "added", "replaced" (an added text and the retired one), "retired" or "undone", and the
    last takes back the step `of`. `at` is None for what was changed before there was a history. `in_force` until it is
    undone."""

    id: int
    what: str
    by: str
    at: datetime | None
    entries: tuple[Entry, ...]
    rows: tuple[int, ...] = ()
    of: int = 0
    in_force: bool = True

    @property
    def script(self) -> str:
        """The script that it is about."""
        return self.entries[0].script

    def changes(self, script: str, lang: str, variant: str) -> bool:
        """Whether it is a change of this variant that can be taken back."""
        named = ((each.script, each.lang, each.variant) for each in self.entries)
        return self.in_force and self.what != "undone" and (script, lang, variant) in named


def steps(tables: Tables) -> list[Step]:
    """All steps, oldest first; behind those written down what stands in the file without a history, one step each.
    Raises KeyError and ValueError for a table of another form."""
    standing = {int(id_): entry_of(row) for id_, row in tables.get("_default", {}).items()}
    told = [_step(int(id_), row) for id_, row in tables.get(TABLE, {}).items()]
    told.sort(key=lambda step: step.id)
    undone = {step.of for step in told}
    known = [_in_force(step, undone, standing) for step in told]
    covered = {row for step in known if step.in_force for row in step.rows}
    first = max((step.id for step in told), default=0) + 1
    rest = sorted(standing.keys() - covered)
    return [*known, *(_untold(first + at, row, standing[row]) for at, row in enumerate(rest))]


def kept(step: Step) -> dict[str, Any]:
    """A step as the file keeps it."""
    at = {"at": step.at.isoformat()} if step.at else {}
    of = {"of": step.of} if step.of else {}
    entries = [row_of(entry) for entry in step.entries]
    return {"what": step.what, "by": step.by, "entries": entries, "rows": list(step.rows), **at, **of}


def what_of(entries: Iterable[Entry]) -> str:
    """What a step of these entries is called."""
    kinds = {entry.retired for entry in entries}
    return "replaced" if len(kinds) > 1 else "retired" if True in kinds else "added"


def _step(id_: int, row: Mapping[str, Any]) -> Step:
    at = moment_of(row["at"]) if "at" in row else None
    entries = tuple(map(entry_of, row["entries"]))
    if not entries or not all(isinstance(each, str) for each in (row["what"], row["by"])):
        raise ValueError("a change without what was changed, or by whom")
    return Step(id_, row["what"], row["by"], at, entries, tuple(row["rows"]), row.get("of", 0))


def _in_force(step: Step, undone: set[int], standing: Mapping[int, Entry]) -> Step:
    """An older program takes a change back without a word here."""
    stands = [standing.get(row) for row in step.rows] == list(step.entries)
    is_on = stands or step.what == "undone"
    return step if is_on and step.id not in undone else replace(step, in_force=False)


def _untold(id_: int, row: int, entry: Entry) -> Step:
    return Step(id_, what_of((entry,)), entry.by, None, (entry,), (row,))
