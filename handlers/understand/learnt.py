"""Phrases that an agent corrected: what this shop's buyers mean by them, laid over what ships."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from followup.understood import Intent
from handlers.understand.features import fold
from handlers.understand.normalise import normalise

ALIKE = 90
SHORTEST_ALIKE = 5


@dataclass(frozen=True, slots=True)
class Lesson:
    """A learnt text, as it is compared, and its intent."""

    text: str
    intent: Intent


class Learnt:
    """The lessons of one shop. A later lesson about the same words replaces an earlier one."""

    def __init__(self, lessons: Iterable[tuple[str, Intent]] = ()) -> None:
        self._intents = {key(text): intent for text, intent in lessons}

    def __bool__(self) -> bool:
        return bool(self._intents)

    def nearest(self, folded: str) -> Lesson | None:
        """The lesson with the same words; for texts of five characters or more, one that differs by a slip."""
        text = fold(folded)
        if text in self._intents:
            return Lesson(text, self._intents[text])
        if len(text) < SHORTEST_ALIKE:
            return None
        found = process.extractOne(text, self._intents.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
        return Lesson(found[0], self._intents[found[0]]) if found and len(found[0]) >= SHORTEST_ALIKE else None


def key(text: str) -> str:
    """How a text is compared."""
    return fold(normalise(text))
