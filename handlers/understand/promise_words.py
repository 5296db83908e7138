"""The words of our own people's promises: scripts_library/promises, one file a language, compiled when first needed."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

import scripts_library
from handlers.understand.phrases import LANGUAGES, expand
from handlers.understand.time_words import NAMED, Words, finder, number

_FOLDER = Path(scripts_library.__path__[0]) / "promises"
_US, _OTHERS, _YOU = "us", "others", "you"


@dataclass(frozen=True, slots=True)
class PromiseWords:
    """How one language promises a time: what is ours to do, and what is nobody's promise.

    `subject` finds who acts; where `implied` is true it is us if nobody is named. `unless` opens a condition, `bare` is
    all of a clause that holds a time and nothing else, `tag` a question that only asks for agreement.
    """

    implied: bool
    noon: time
    clause: re.Pattern[str]
    before: re.Pattern[str]
    cut: re.Pattern[str]
    reword: tuple[tuple[re.Pattern[str], str], ...]
    subject: re.Pattern[str]
    acts: re.Pattern[str]
    never: re.Pattern[str]
    unless: re.Pattern[str]
    ask: re.Pattern[str]
    tag: re.Pattern[str]
    bare: re.Pattern[str]
    span: Words
    end: Words
    numbers: dict[str, int]

    def count(self, word: str) -> int:
        """The number that a word stands for."""
        return self.numbers.get(word) or number(word)

    def plain(self, clause: str) -> str:
        """The clause without what only looks like a subject, a time or a condition."""
        for said, meant in self.reword:
            clause = said.sub(meant, clause)
        return self.cut.sub(" ", clause)

    def are_a_promise(self, clause: str) -> bool:
        """Whether a clause, with `_` for its time, says that we do something for the buyer by then."""
        return not self.never.search(clause) and bool(self.acts.search(clause)) and self._is_ours(clause)

    def _is_ours(self, clause: str) -> bool:
        """The time goes with who is named last before it, else with who is named first after it."""
        at = clause.find(NAMED)
        named = [(found.start(), found.lastgroup) for found in self.subject.finditer(clause)]
        before = [who for start, who in named if start < at]
        after = [who for start, who in named if start >= at]
        who = before[-1] if before else next(iter(after), "")
        return who == _US or (not who and self.implied)


@cache
def promise_words(lang: str) -> PromiseWords | None:
    """The words of a language; None for one in which nobody has written any."""
    path = _FOLDER / f"{lang}.toml"
    return _compiled(lang, tomllib.loads(path.read_text("utf-8"))) if path.exists() else None


def _compiled(lang: str, table: dict[str, Any]) -> PromiseWords:
    words = {**LANGUAGES[lang]["word"], **table["word"]}

    def any_of(*patterns: str) -> re.Pattern[str]:
        return re.compile(expand("|".join(f"(?:{each})" for each in patterns), words))

    def entries(kind: str) -> Words:
        return finder(lang, [{**each, "match": expand(each["match"], words)} for each in table[kind]])

    whose = (f"(?P<{who}>{'|'.join(table[who])})" for who in (_US, _OTHERS, _YOU))
    return PromiseWords(
        implied=table["implied"],
        noon=time.fromisoformat(table["noon"]),
        clause=any_of(",", r":(?!\d)", *table.get("clause", ())),
        before=any_of(table["before"]),
        cut=any_of(*table["cut"]),
        reword=tuple((any_of(said), meant) for said, meant in table["reword"]),
        subject=re.compile(expand("|".join(whose), words)),
        acts=any_of(*table["acts"]),
        never=any_of(*table["not"]),
        unless=any_of(*table["if"]),
        ask=any_of(*table["ask"]),
        tag=any_of(table["tag"]),
        bare=any_of(table["bare"]),
        span=entries("span"),
        end=entries("end"),
        numbers=table["number"],
    )
