"""Reads a review: which causes its words speak of, what hints at bad intent, what kind of follow-up it is.

Advisory: words are looked for, nothing is understood. They stand in scripts_library/phrases/reviews, a file a language,
and those of all languages are looked for, because buyers mix them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import scripts_library
from followup.causes import Cause
from followup.reviews.read import FollowUp, Found, Malice, Read, Said
from handlers.understand.normalise import normalise

LONGEST = 2000


def read_review(text: str, is_follow_up: bool = False) -> Read:
    """What the text speaks of; of causes equally often named the more specific comes first."""
    plain = normalise(text[:LONGEST])
    causes = sorted(_causes(plain), key=lambda found: -len(found.words))
    kind = _follow_up(plain, bool(causes)) if is_follow_up else FollowUp.NONE
    return Read(tuple(causes), tuple(_hints(plain)), kind)


def read_chat(messages: Iterable[str]) -> Said:
    """What the buyer's own messages in chat tell of bad intent."""
    texts = list(messages)
    return Said(len(texts), tuple(hint for text in texts for hint in _hints(normalise(text[:LONGEST]))))


def _causes(plain: str) -> Iterator[Found]:
    for cause in _words("causes"):
        words = tuple(dict.fromkeys(_in(plain, "causes", cause)))
        if words:
            yield Found(Cause(cause), words)


def _hints(plain: str) -> Iterator[tuple[Malice, str]]:
    for kind in _words("malice"):
        words = next(_in(plain, "malice", kind), "")
        if words:
            yield Malice(kind), words


def _follow_up(plain: str, speaks_of_goods: bool) -> FollowUp:
    for kind in _words("follow_up"):
        if next(_in(plain, "follow_up", kind), ""):
            return FollowUp(kind)
    return FollowUp.GENUINE if speaks_of_goods or len(plain) > 12 else FollowUp.OFF_TOPIC


def _in(plain: str, table: str, key: str) -> Iterator[str]:
    """The words of every language that stand in the text, in the order of the text."""
    return (found[0].strip() for words in _words(table)[key] for found in words.finditer(plain))


@cache
def _words(table: str) -> dict[str, tuple[re.Pattern[str], ...]]:
    folder = Path(scripts_library.__path__[0]) / "phrases" / "reviews"
    files = [tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))]
    return {key: tuple(re.compile(file[table][key]) for file in files) for key in files[0][table]}
