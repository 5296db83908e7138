"""The list of scripts: for whom each is, which facts it may use, which rules it serves."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from followup.model import Role
from scripts_library.facts import Fact, fact
from scripts_library.words import languages

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Spec:
    """One script. `longest` is in characters, `says` are the facts every variant must hold, a `label` stands on a
    button."""

    id: str
    role: Role
    audience: str
    rules: tuple[int, ...]
    longest: int
    facts: tuple[Fact, ...]
    says: tuple[str, ...]
    rotates: str
    label: bool = False

    @property
    def langs(self) -> tuple[str, ...]:
        """The languages the script has to be written in."""
        return languages(self.audience)

    @property
    def fewest(self) -> int:
        """How many variants it has at least: nobody reads the same words twice, but a button stays what it is."""
        return 1 if self.label else 2


@cache
def load_catalogue() -> Mapping[str, Spec]:
    """Every script by id, in the order of the file."""
    tables = tomllib.loads((HERE / "catalogue.toml").read_text("utf-8"))
    return {script: _spec(script, table) for script, table in tables.items()}


def _spec(script: str, table: dict[str, Any]) -> Spec:
    return Spec(
        id=script,
        role=Role(table["role"]),
        audience=table["audience"],
        rules=tuple(table["rules"]),
        longest=table["longest"],
        facts=tuple(fact(name, declared) for name, declared in table["facts"].items()),
        says=tuple(table.get("says", ())),
        rotates=table.get("rotates", ""),
        label=table.get("label", False),
    )
