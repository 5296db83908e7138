"""Finding which of several names a text begins with: people and causes are named in the middle of a command."""

from __future__ import annotations

from collections.abc import Mapping

from followup.desk.command_names import MARKS, folded


def first_named(text: str, names: Mapping[str, str]) -> tuple[str, str]:
    """What the longest of `names` at the beginning of the text stands for, and the words behind it; "" and the whole
    text if it begins with none. A name of letters ends where its word does, a Chinese one may be followed at once."""
    line = text.strip().lstrip("@＠").strip()
    found = max((name for name in names if name and _begins(line, name)), key=len, default="")
    return (names[found], line[len(found) :].strip(MARKS)) if found else ("", text.strip())


def _begins(line: str, name: str) -> bool:
    if folded(line[: len(name)]) != folded(name):
        return False
    behind = line[len(name) :][:1]
    return not behind or not behind.isalnum() or not (name[-1].isascii() and behind.isascii())
