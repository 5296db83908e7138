"""Reads the built-in words: one folder a language, buyers' words in `words/`, agents' in `agent_words/`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from followup.model import Segment

HERE = Path(__file__).parent
FOLDERS = {"buyer": HERE / "words", "agent": HERE / "agent_words"}
Key = tuple[str, str, Segment]


@cache
def built_in() -> dict[Key, tuple[str, ...]]:
    """The texts of every (script, language, segment) that the files hold."""
    texts: dict[Key, tuple[str, ...]] = {}
    for path in (path for folder in FOLDERS.values() for path in sorted(folder.glob("*/*.toml"))):
        for script, segments in tomllib.loads(path.read_text("utf-8")).items():
            for segment, variants in segments.items():
                texts[script, path.parent.name, Segment(segment)] = tuple(variants)
    return texts


@cache
def languages(audience: str) -> tuple[str, ...]:
    """The languages spoken to buyers or to agents: one for each folder."""
    return tuple(sorted(path.name for path in FOLDERS[audience].iterdir() if path.is_dir()))
