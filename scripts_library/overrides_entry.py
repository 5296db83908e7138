"""One line of the file of the shop's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from followup.model import Segment
from scripts_library.words import Key


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


def row_of(entry: Entry) -> dict[str, Any]:
    """An entry as the file keeps it."""
    row = {"script": entry.script, "lang": entry.lang, "variant": entry.variant, "by": entry.by}
    if entry.retired:
        return row
    until = {"until": entry.until.isoformat()} if entry.until else {}
    return {**row, "segment": entry.segment.value, "text": entry.text, **until}


def entry_of(row: Mapping[str, Any]) -> Entry:
    """The entry that the file keeps so. Raises KeyError and ValueError for any other row."""
    segment = Segment(row.get("segment", "new"))
    until = moment_of(row["until"]) if "until" in row else None
    texts = [row["script"], row["lang"], row["variant"], row["by"], row.get("text", "")]
    if not all(isinstance(each, str) for each in texts):
        raise ValueError("script, lang, variant, by and text are texts")
    script, lang, variant, by, text = texts
    return Entry(script, lang, segment, variant, by, text, until)


def moment_of(written: Any) -> datetime:
    """An aware moment as the file keeps it. Raises ValueError and TypeError."""
    found = datetime.fromisoformat(written)
    if found.tzinfo is None:
        raise ValueError(f"{written}: a moment without its zone")
    return found
