"""What the command line says to agents, in their language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.report.labels import labels
from scripts_library.words import built_in

SHARED = ("kinds", "states", "steps")
NAMED = {"remedies": "remedy.", "losses": "loss.", "clocks": "due."}


@dataclass(frozen=True)
class Words:
    """The sentences of one language."""

    lang: str
    table: Mapping[str, Any]

    def __call__(self, sentence: str, **figures: object) -> str:
        """A sentence with its figures filled in."""
        return str(self.table[sentence]).format(**figures)

    def name(self, of: str, key: str) -> str:
        """What a kind, state, outcome, reason and so on is called; the key itself where there is no name."""
        return str(self.table[of].get(key, key))

    def step(self, id_: str) -> str:
        """What a step is called; its id, which is that of its script, where it has no name."""
        return self.name("steps", id_)

    def chosen(self, of: str, key: str, figures: Mapping[str, object]) -> str:
        """The sentence for `key` that fits its first figure, else its plain one, else ""."""
        first = next(iter(figures), "")
        found = self.table[of].get(f"{key}.{first}") or self.table[of].get(key, "")
        return str(found).format(**figures)


@cache
def words(lang: str) -> Words:
    """The words of a language that agents read."""
    own = _tables()[lang]
    shared = {name: {**labels(lang)[name], **own.get(name, {})} for name in SHARED}
    return Words(lang, {**own, **shared, **{name: _named(lang, prefix) for name, prefix in NAMED.items()}})


def _named(lang: str, prefix: str) -> Mapping[str, str]:
    """What agents call something that has a script of its own."""
    found = ((script, texts) for (script, of, _), texts in built_in().items() if of == lang)
    return {script.removeprefix(prefix): texts[0] for script, texts in found if script.startswith(prefix)}


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
