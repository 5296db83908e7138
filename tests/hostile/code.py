"""Looks through the program's own code for calls and imports of certain names."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "handlers", "scheduler", "scripts_library", "followup", "store")


@cache
def sources() -> dict[str, str]:
    """Every module by its path."""
    files = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in files}


def callers(names: Collection[str]) -> set[str]:
    """The modules that call one of these names, whatever stands before it: `loads` finds `json.loads(`."""
    called = re.compile(rf"(?<!def )(?<![\w])(?:{'|'.join(map(re.escape, names))})\(")
    return {path for path, text in sources().items() if called.search(text)}


def importers(*packages: str) -> set[str]:
    """The modules that import one of these packages, anywhere in their code."""
    either = "|".join(map(re.escape, packages))
    imported = re.compile(rf"^\s*(?:from|import)\s+(?:{either})(?![\w])", re.MULTILINE)
    return {path for path, text in sources().items() if imported.search(text)}
