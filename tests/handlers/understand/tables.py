"""Reads the tables beside the tests: one message a line, under the `[section]` it belongs to."""

from collections.abc import Iterator
from pathlib import Path

TABLES = Path(__file__).parent / "tables"


def rows(name: str) -> Iterator[tuple[str, str]]:
    """(section, line) for every line of a table that is no comment; `@ ...` lines are sections too."""
    section = ""
    for line in (TABLES / name).read_text("utf-8").splitlines():
        if line.startswith(("[", "@")):
            section = line.strip("[]@ ")
        elif line and not line.startswith("#"):
            yield section, line
