"""The list of scripts: for whom each is, which facts it may use, which rules it serves."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
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
    button.

    `grants` names the fact of money that these words promise: they are said only of what was granted (rules 10, 75).
    `promises` names the moment by which they promise a word: it opens a clock (rule 119).
    """

    id: str
    role: Role
    audience: str
    rules: tuple[int, ...]
    longest: int
    facts: tuple[Fact, ...]
    says: tuple[str, ...]
    rotates: str
    label: bool = False
    grants: str = ""
    promises: str = ""

    @property
    def langs(self) -> tuple[str, ...]:
        """The languages the script has to be written in."""
        return languages(self.audience)

    @property
    def scripts(self) -> tuple[str, ...]:
        """The facts that are scripts: said in the words of the one they name."""
        return tuple(fact.name for fact in self.facts if fact.type == "script")

    @property
    def fewest(self) -> int:
        """How many variants it has at least: nobody reads the same words twice, but a button stays what it is."""
        return 1 if self.label else 2


@cache
def load_catalogue() -> Mapping[str, Spec]:
    """Every script by id, in the order of the files."""
    return {spec.id: spec for path in sorted((HERE / "catalogue").glob("*.toml")) for spec in _specs(path)}


def subjects() -> Mapping[str, tuple[str, ...]]:
    """The ids of the scripts of each subject, which is one file, in its order."""
    paths = sorted((HERE / "catalogue").glob("*.toml"))
    return {path.stem: tuple(spec.id for spec in _specs(path)) for path in paths}


def _specs(path: Path) -> Iterator[Spec]:
    """The scripts of one file; its table `*` holds what is the same for all of them."""
    tables = tomllib.loads(path.read_text("utf-8"))
    shared = tables.pop("*", {})
    return (_spec(script, shared | table) for script, table in tables.items())


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
        grants=table.get("grants", ""),
        promises=table.get("promises", ""),
    )
