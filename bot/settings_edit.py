"""Edits the text of a TOML file: what is not named stays as it is written, comments and all."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, MutableMapping
from copy import deepcopy
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from bot.config_errors import Keys

BY_HAND = "it is laid out in a way that cannot be changed from here: edit it by hand"
_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?")
_WORD = re.compile(r'"[^"]*"|\'[^\']*\'|[\w-]+')
NAMED = ("shops", "shifts", "people", "channels", "alerts")
_IMPLIED: Mapping[str, tuple[str, ...]] = {"shops": ("shop",), "shifts": ("day",)}
"""Tables whose one default entry would be gone if another was written alone: it is written down too."""


def edited(text: str, changes: Mapping[Keys, object]) -> str:
    """The text with these options set, or taken out where the value is None. Raises ValueError for a text that cannot
    be edited; tomllib has the last word on what came of it."""
    meant = tomllib.loads(text)
    for keys, value in _with_implied(meant, changes).items():
        before = deepcopy(meant)
        _put(meant, keys, value)
        if meant != before:
            text = _one(text, keys, value, meant)
            meant = tomllib.loads(text)
    return text


def _one(text: str, keys: Keys, value: object, meant: dict[str, Any]) -> str:
    fit = [meant, *_as_good(meant, keys)]
    for edit in (_lines, _nodes, _on_top, _emptied):
        try:
            new = edit(text, keys, value)
            if tomllib.loads(new) in fit:
                return new
        except (TOMLKitError, ValueError, LookupError, TypeError, AttributeError):
            continue
    raise ValueError(BY_HAND)


def _as_good(meant: dict[str, Any], keys: Keys) -> Iterator[dict[str, Any]]:
    """A table of options that has none left may be gone as well; one that people named means something by itself."""
    if _found(meant, keys[:-1]) == {} and keys[-3:-2] != () and keys[-3] not in NAMED:
        without = deepcopy(meant)
        _put(without, keys[:-1], None)
        yield without


def _with_implied(table: dict[str, Any], changes: Mapping[Keys, object]) -> dict[Keys, object]:
    """The changes, behind the entries that are there by default only and are to stay."""
    stay: dict[Keys, object] = {}
    for keys, value in changes.items():
        for at, key in enumerate(keys[:-1]):
            names = _IMPLIED.get(key, ())
            if value is not None and names and keys[at + 1] not in names and not _found(table, keys[: at + 1]):
                stay |= {(*keys[: at + 1], name): {} for name in names}
    return {**stay, **changes}


def _found(table: Any, keys: Keys) -> Any:
    for key in keys:
        table = table.get(key) if isinstance(table, MutableMapping) else None
    return table


def _put(table: dict[str, Any], keys: Keys, value: object) -> None:
    if value is None and not isinstance(_found(table, keys[:-1]), dict):
        return
    for key in keys[:-1]:
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            raise ValueError(BY_HAND)  # noqa: TRY004 - it is the file that is wrong
    if value is None:
        table.pop(keys[-1], None)
    else:
        table[keys[-1]] = value


def _nodes(text: str, keys: Keys, value: object) -> str:
    document: Any = tomlkit.parse(text)
    table = document
    for key in keys[:-1]:
        if key not in table:
            is_super = isinstance(value, dict) or key != keys[-2]
            inline = isinstance(table, InlineTable)
            table[key] = tomlkit.inline_table() if inline else tomlkit.table(is_super_table=is_super)
        table = table[key]
    if value is None:
        del table[keys[-1]]
    else:
        table[keys[-1]] = _item(value, is_inline=isinstance(table, InlineTable))
    return tomlkit.dumps(document)


def _item(value: object, is_inline: bool) -> Any:
    if not isinstance(value, Mapping):
        return value
    table: Any = tomlkit.inline_table() if is_inline else tomlkit.table()
    table.update(value)
    return table


def _on_top(text: str, keys: Keys, value: object) -> str:
    """Where tables are written with dots alone, one more line of that kind."""
    return f"{'.'.join(keys)} = {tomlkit.item(_item(value, is_inline=True)).as_string()}\n{text}"


def _emptied(text: str, keys: Keys, value: object) -> str:
    """An entry that people named stays when its last option goes, as an empty table."""
    if value is not None:
        raise LookupError(keys)
    return _on_top(_nodes(text, keys, None), keys[:-1], {})


def _lines(text: str, keys: Keys, value: object) -> str:
    """A whole table is taken out by its lines: a comment behind its last option belongs to what follows."""
    if value is not None:
        raise LookupError(keys)
    kept: list[str] = []
    waiting: list[str] = []
    place, inside = -1, False
    for line in text.splitlines(keepends=True):
        if header := _HEADER.fullmatch(line.rstrip("\r\n")):
            inside = tuple(word.strip("\"'") for word in _WORD.findall(header[1]))[: len(keys)] == keys
            place = len(kept) if inside and place < 0 else place
            kept += [] if inside else waiting
            waiting = []
        if not inside:
            kept.append(line)
        elif not line.strip() or line.lstrip().startswith("#"):
            waiting.append(line)
        else:
            waiting = []
    if place < 0:
        raise LookupError(keys)
    kept += waiting
    if _found(tomllib.loads("".join(kept)), keys[:-1]) is None:
        kept.insert(place, f"[{'.'.join(keys[:-1])}]\n")
    return "".join(kept)
