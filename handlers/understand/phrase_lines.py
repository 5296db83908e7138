"""Reads the phrases of the intents, to train from: one a line, `(a|b|)` for alternatives, `{food}` for any food."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import product
from math import prod
from pathlib import Path

import scripts_library
from followup.understood import Intent

FOLDER = Path(scripts_library.__path__[0]) / "phrases" / "intents"
NO_PHRASES = {"concepts", "slots", "emoji"}
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A line as it stands, what it means and the language it is in."""

    intent: Intent
    lang: str
    line: str


def phrases() -> Iterator[Phrase]:
    """All lines of all languages. Raises ValueError for an unknown intent or a line before any."""
    for file in sorted(FOLDER.glob("*.txt")):
        if file.stem in NO_PHRASES:
            continue
        intent = ""
        for line in file.read_text("utf-8").splitlines():
            if line.startswith("["):
                intent = line.strip("[] ")
            elif line and not line.startswith("#"):
                yield Phrase(Intent(intent), file.stem, line)


def wordings(line: str, most: int) -> list[str]:
    """The wordings a line stands for; of more than `most` a choice that is the same every time."""
    parts = [part.split("|") for part in line.replace(")", "(").split("(")]
    if "{" not in line and prod(map(len, parts)) <= most:
        return ["".join(each) for each in product(*parts)]
    chooser = random.Random(zlib.crc32(line.encode()))  # noqa: S311 (a choice, no secret)
    found = {_wording(parts, at, chooser) for at in range(4 * most)}
    return sorted(found, key=lambda each: zlib.crc32(each.encode()))[:most]


def _wording(parts: list[list[str]], at: int, chooser: random.Random) -> str:
    chosen = "".join(part[(at + chooser.randrange(len(part))) % len(part)] for part in parts)
    return _SLOT.sub(lambda slot: chooser.choice(_slots()[slot[1]]), chosen)


@cache
def _slots() -> dict[str, list[str]]:
    """What each `{food}` stands for."""
    lines = (each.partition(": ") for each in (FOLDER / "slots.txt").read_text("utf-8").splitlines())
    return {name: words.split(", ") for name, colon, words in lines if colon and name[0] != "#"}


def digest() -> str:
    """Tells one state of the phrases, slots and concepts from another."""
    return sha256(b"\0".join(file.read_bytes() for file in sorted(FOLDER.glob("*.txt")))).hexdigest()[:16]
