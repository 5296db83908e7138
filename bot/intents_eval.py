"""Scores the understanding of buyers on labelled messages."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from followup.understood import Intent, Understood
from handlers.understand import prepare
from handlers.understand.intent_names import intent_named

Understands = Callable[[str, datetime, ZoneInfo, str], Understood]
Mapping = dict[str, tuple[Intent, ...]]
NOW = datetime(2026, 3, 11, 6, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
FIRST = 3


class BadFile(ValueError):
    """A file that cannot be scored, and why, as one sentence."""


@dataclass(frozen=True, slots=True)
class Row:
    """A message, the intents its label stands for, those that count as right too, and the label's first intent."""

    text: str
    label: frozenset[Intent]
    right: frozenset[Intent]
    name: Intent

    @property
    def has_intent(self) -> bool:
        """Whether anything but OTHER is expected."""
        return self.label != {Intent.OTHER}


@dataclass(frozen=True, slots=True)
class Scored:
    """A row and what was understood."""

    row: Row
    heard: Understood

    @property
    def hit(self) -> bool:
        return self.heard.likeliest in self.row.right

    @property
    def in_first(self) -> bool:
        return self.hit or any(each.intent in self.row.right for each in self.heard.candidates[:FIRST])

    @property
    def acted(self) -> bool:
        """Whether the bot would act alone."""
        return self.heard.sure and self.heard.intent is not Intent.OTHER

    @property
    def acted_right(self) -> bool:
        return self.acted and self.heard.intent in self.row.right


@dataclass(frozen=True, slots=True)
class Score:
    """All rows, scored; the figures are shares from 0 to 1 (0 where there is nothing to divide by)."""

    all: tuple[Scored, ...]

    @property
    def meant(self) -> list[Scored]:
        """The rows whose label is not OTHER."""
        return [each for each in self.all if each.row.has_intent]

    @property
    def accuracy(self) -> float:
        return share(each.hit for each in self.meant)

    @property
    def top3(self) -> float:
        return share(each.in_first for each in self.meant)

    @property
    def precision(self) -> float:
        """Of all the bot would act on, rows of OTHER included, how much is right."""
        return share(each.acted_right for each in self.all if each.acted)

    @property
    def coverage(self) -> float:
        return share(each.acted for each in self.meant)

    def of(self, intent: Intent) -> list[Scored]:
        """The rows of one intent."""
        return [each for each in self.all if each.row.name is intent]

    def mistaken(self, intent: Intent) -> Counter[Intent]:
        """What messages of an intent were taken for instead."""
        return Counter(each.heard.likeliest for each in self.of(intent) if not each.hit)


def share(hits: Iterator[bool]) -> float:
    """The share of True, rounded to four places."""
    found = list(hits)
    return round(sum(found) / len(found), 4) if found else 0.0


def score(rows: Sequence[Row], understands: Understands) -> Score:
    """Understands every row as the running bot does."""
    found = []
    for row in rows:
        prepare(row.text)
        found.append(Scored(row, understands(row.text, NOW, ZONE, "")))
    return Score(tuple(found))


def read_map(file: Path) -> tuple[Mapping, list[str]]:
    """What foreign labels stand for, and the rows put aside, each with its line. Raises BadFile."""
    mapping, bad = {}, []
    for line, row in _table(file, ("theirs", "ours")):
        try:
            mapping[_key(row["theirs"])] = _intents(row["ours"])
        except ValueError as error:
            bad.append(f"{file}, line {line}: {error}")
    return mapping, bad


def read_rows(file: Path, mapping: Mapping) -> tuple[list[Row], list[str]]:
    """The labelled messages, and what was put aside, each with its line. Raises BadFile."""
    rows, bad = [], []
    for line, row in _table(file, ("text", "label")):
        try:
            label = _intents(row["label"] if row["text"].strip() else "", mapping)
        except ValueError as error:
            bad.append(f"{file}, line {line}: {error}")
            continue
        also: list[Intent] = []
        for each in filter(str.strip, row.get("alt_label", "").split("|")):
            try:
                also += _intents(each, mapping)
            except ValueError as error:
                bad.append(f"{file}, line {line}: the alternative only: {error}")
        rows.append(Row(row["text"], frozenset(label), _with_alike(frozenset([*label, *also])), label[0]))
    return rows, bad


def _with_alike(right: frozenset[Intent]) -> frozenset[Intent]:
    # CONFIRMED ("it is solved") is a finer ACKNOWLEDGEMENT that label sets of others do not have.
    return right | {Intent.CONFIRMED} if Intent.ACKNOWLEDGEMENT in right else right


def _intents(names: str, mapping: Mapping | None = None) -> tuple[Intent, ...]:
    """What a label stands for: as it is mapped, else ids or names of ours with `|` between them."""
    if found := (mapping or {}).get(_key(names)):
        return found
    parts = [each for each in names.split("|") if each.strip()]
    if not parts:
        raise ValueError("the text or the label is empty")
    return tuple(intent for each in parts for intent in (mapping or {}).get(_key(each)) or (intent_named(each),))


def _key(label: str) -> str:
    return label.strip().casefold()


def _table(file: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(_text(file).splitlines(keepends=True))
    try:
        names = [(each or "").strip().casefold() for each in reader.fieldnames or []]
        if missing := [each for each in columns if each not in names]:
            raise BadFile(f"{file} has no column {' and no column '.join(missing)}: expected {', '.join(columns)}")
        reader.fieldnames = names
        for row in reader:
            yield reader.line_num, {name: value or "" for name, value in row.items() if isinstance(name, str)}
    except csv.Error as error:
        raise BadFile(f"{file} is no CSV that can be read: {error}") from None


def _text(file: Path) -> str:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise BadFile(f"{file} cannot be read: {error.strerror}") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(f"{file} is neither UTF-8 nor GB18030 text")
