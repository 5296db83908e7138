"""What the documents of the routine call things, in one language; no code of ours is shown to people."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.desk import Words, words
from scripts_library.words import built_in


@dataclass(frozen=True)
class Names:
    """The names of one language: those of the desk, and the routine's own."""

    words: Words
    own: Mapping[str, Any]

    def __call__(self, name: str, /, **figures: object) -> str:
        """A single word with its figures."""
        return str(self.own[name]).format(**figures)

    def of(self, table: str, key: str) -> str:
        """What something of the routine's own tables is called; "" for nothing."""
        return str(self.own[table].get(key, key)) if key else ""

    def called(self, family: str, key: str) -> str:
        """What a branch, a remedy or a payer is called at the desk; "" for nothing."""
        return _scripts(self.words.lang, family).get(key, key) if key else ""

    def kind(self, kind: str) -> str:
        """What a kind of matter is called."""
        return self.words.name("kinds", kind)

    def cause(self, cause: str) -> str:
        """What a cause is called; one that nobody registered has words too."""
        return self.of("causes", cause) or self("no_cause")


@cache
def names(lang: str) -> Names:
    """The names of a language that agents read."""
    table = tomllib.loads((Path(__file__).parent / "labels.toml").read_text("utf-8"))
    return Names(words(lang), table[lang])


@cache
def _scripts(lang: str, family: str) -> Mapping[str, str]:
    found = ((script, texts) for (script, of, _), texts in built_in().items() if of == lang)
    return {id_.removeprefix(f"{family}."): texts[0] for id_, texts in found if id_.startswith(f"{family}.")}
