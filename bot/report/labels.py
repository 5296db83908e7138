"""The report's own words, in the agents' languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LANGS = ("zh-CN", "en")


@cache
def labels(lang: str) -> Mapping[str, Any]:
    """The words of one language: single ones by name, and tables for kinds, steps, verdicts and so on."""
    table: Mapping[str, Any] = _tables()[lang]
    return table


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "labels.toml").read_text("utf-8"))
