"""The folder of reports: one a shop, its files for nobody else to read."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

PRIVATE = 0o600


def keep(folder: Path, name: str, text: str) -> Path:
    """Write a file whole or not at all, readable by its owner alone; one of that name is written anew."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with NamedTemporaryFile("w", encoding="utf-8", dir=folder, prefix=".", delete=False) as file:
        file.write(text)
    os.chmod(file.name, PRIVATE)
    os.replace(file.name, path)
    return path
