"""docs/rules.md tells for every shop rule what carries it out, and what it cites is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.cli import app
from scripts_library.catalogue import load_catalogue

ROOT = Path(__file__).parent.parent
NUMBERS = [number for number in range(1, 121) if number != 103]
"""The manuals have no rule 103."""
_ROW = re.compile(r"\| (\d+) \| ([^|]+) \| ([^|]+) \|[^|]*\|")
_CITED = re.compile(r"`([^`]+)`")
_NOT_BY_THE_BOT = ("A person:", "Not done:", "Refused:")

COMMANDS = {f"huifang {each.name}" for each in app.registered_commands} | {
    f"huifang {each.name}" for each in app.registered_groups
}
ROWS = {
    int(row[1]): row for row in map(_ROW.fullmatch, (ROOT / "docs/rules.md").read_text("utf-8").splitlines()) if row
}


def test_every_rule_has_one_row_in_order() -> None:
    """No rule is left out, none told twice."""
    told = re.findall(r"^\| (\d+) \|", (ROOT / "docs/rules.md").read_text("utf-8"), re.MULTILINE)
    assert [str(number) for number in NUMBERS] == told


@pytest.mark.parametrize("number", NUMBERS)
def test_what_a_row_cites_exists(number: int) -> None:
    """Each cited file is in the project, each cited script in the catalogue; a rule without any says why."""
    carried_out = ROWS[number][3]
    cited = _CITED.findall(carried_out)
    missing = [name for name in cited if not _exists(name)]
    assert [] == missing
    assert cited or carried_out.startswith(_NOT_BY_THE_BOT)


def test_every_rule_that_a_script_serves_cites_words_or_code() -> None:
    """A script that says it serves a rule is no surprise to the table: that rule is carried out by something."""
    served = {number for spec in load_catalogue().values() for number in spec.rules}
    assert set() == {number for number in served if not _CITED.findall(ROWS[number][3])}


def _exists(name: str) -> bool:
    if "/" in name or name.endswith((".py", ".toml", ".md")):
        return (ROOT / name).exists()
    if name.endswith(".*"):
        return any(script.startswith(name[:-1]) for script in load_catalogue())
    return name in load_catalogue() or name in COMMANDS
