"""The words of the console itself: `<page>.toml` in here, a table for each language of the agents."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Labels:
    """The words of one page in one language."""

    table: Mapping[str, Any]

    def __call__(self, label: str, **figures: object) -> str:
        """A label with its figures filled in; `a.b` is `b` in the table `a`. Raises KeyError for an unknown one."""
        found: Any = self.table
        for key in label.split("."):
            found = found[key]
        return str(found).format(**figures)


@cache
def labels(page: str, lang: str) -> Labels:
    """The words of a page."""
    tables = tomllib.loads((Path(__file__).parent / f"{page}.toml").read_text("utf-8"))
    return Labels(tables[lang])
