"""The files beside the database that name a buyer who is forgotten: cleaned, deleted, or left to a person."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from html import unescape
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

from bot.backup.archive import BROKEN
from bot.config import Config
from bot.learnt_phrases import beside
from bot.orders.csv_table import encoding_of
from bot.routine.files import PICTURE, PRIVATE, is_ours
from store.him import Him

NAMES = Callable[[str], bool]
LINES = (".jsonl", ".ndjson", ".csv", ".tsv", ".txt")
IMPORTED = ("done", "unreadable")
WORKBOOK_MOST = 1 << 28


@dataclass
class Cleaned:
    """Files of which his lines are gone, files that are gone, and files that a person has to look at."""

    lines: list[Path] = field(default_factory=list)
    deleted: list[Path] = field(default_factory=list)
    by_hand: list[Path] = field(default_factory=list)


def clean(config: Config, him: Him) -> Cleaned:
    """Take a buyer out of what was imported and reported. Raises OSError."""
    done = Cleaned()
    for path in _imports(config.orders.folder, him.shop):
        _clean_import(path, him.is_named_in, done)
    for path in _files(config.reports.folder / him.shop):
        if is_ours(path.name) and path.suffix != PICTURE and _names_him(path, him.is_named_in):
            path.unlink(missing_ok=True)
            done.deleted.append(path)
    for path in (config.scripts.overrides, beside(config.scripts.overrides)):
        if path.is_file() and _names_him(path, him.is_named_in):
            done.by_hand.append(path)
    return done


def _clean_import(path: Path, names: NAMES, done: Cleaned) -> None:
    """What was imported stands in the database: lines that name him go, and a file without plain lines goes whole. One
    that was not imported yet brings no name back, but a person should know; so of one that nobody can read."""
    says = _says(path)
    if says is not None and not any(map(names, says)):
        return
    if says is None or path.parent.name not in IMPORTED:
        done.by_hand.append(path)
    elif path.suffix.lower() in LINES and (text := _text_of(path)) and _is_plain(text[0], names):
        _rewrite(path, [line for line in _lines(text[0]) if not names(line)], text[1])
        done.lines.append(path)
    else:
        path.unlink(missing_ok=True)
        done.deleted.append(path)


def _is_plain(text: str, names: NAMES) -> bool:
    """Whether each of his rows is one line: a quoted cell of several lines would be cut in two."""
    return all(line.count('"') % 2 == 0 for line in _lines(text) if names(line))


def _lines(text: str) -> list[str]:
    """The lines as an import sees them: what else may end one (U+2028) stands within a cell."""
    return list(StringIO(text, newline=""))


def _rewrite(path: Path, lines: list[str], encoding: str) -> None:
    partial = path.with_name(f".partial-{path.name}"[:200])
    with open(os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, PRIVATE), "wb") as file:
        file.write("".join(lines).encode(encoding))
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def _names_him(path: Path, names: NAMES) -> bool:
    """Whether a file names him; what nobody can read may."""
    says = _says(path)
    return says is None or any(map(names, says))


def _says(path: Path) -> list[str] | None:
    """The texts of a file; None if nobody can read it."""
    if path.suffix.lower() == ".xlsx":
        return _cells(path)
    text = _text_of(path)
    return None if text is None else [text[0], text[0].replace("\\", "")]


def _cells(path: Path) -> list[str] | None:
    """The texts of a workbook; None if it cannot be opened, or becomes too large."""
    try:
        with ZipFile(path) as packed:
            sheets = [info for info in packed.infolist() if info.filename.endswith(".xml")]
            if sum(info.file_size for info in sheets) > WORKBOOK_MOST:
                return None
            return [unescape(re.sub(r"<[^>]*>", "\n", packed.read(info).decode("utf-8", "replace"))) for info in sheets]
    except (*BROKEN, RuntimeError):
        return None


def _text_of(path: Path) -> tuple[str, str] | None:
    """What a file says, and in which encoding, as its import finds it; None for one that is not all in that."""
    held = path.read_bytes()
    encoding = encoding_of(held)
    with suppress(UnicodeError):
        return held.decode(encoding), encoding
    return None


def _imports(folder: Path, shop: str) -> list[Path]:
    """What was imported for a shop: a shop without others has its files in the folder itself as well."""
    shared = [path for each in ("", *IMPORTED) for path in (folder / each).glob("*")]
    return [*_files(folder / shop), *sorted(path for path in shared if path.is_file() and not path.is_symlink())]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
