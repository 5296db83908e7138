"""Writes configurations and reads what is said about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import ConfigError, load


def write(folder: Path, text: str) -> Path:
    """A config.toml of this text."""
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return path


def refusal(path: Path) -> list[str]:
    """What `load` says about a file, line by line, without the folder."""
    with pytest.raises(ConfigError) as caught:
        load(path)
    return str(caught.value).replace(f"{path.parent}/", "").splitlines()
