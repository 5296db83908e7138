"""Says what is wrong in config.toml: the file, the line, the option, what was expected and what was found."""

from __future__ import annotations

import difflib
import json
import re
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Keys = tuple[str, ...]
TYPED = "channels"
_WORD = re.compile(r'"[^"]*"|\'[^\']*\'|[\w-]+')
_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?")
_OPTION = re.compile(r"\s*([^=#]+?)\s*=")
_OF_TELEGRAM = ("agents_group", "buyers")
_WHOLE = {"missing", "model_type", "dict_type", "model_attributes_type", "union_tag_invalid", "union_tag_not_found"}
_EXPECTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text in quotes",
    "path_type": "a path in quotes",
    "too_short": "at least one",
    "literal_error": "one of {expected}",
    "enum": "one of {expected}",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
}


class ConfigError(ValueError):
    """The configuration cannot be used; the message has one line for each mistake."""


class Mistakes:
    """Collects what is wrong in one file and says it in the order of its lines."""

    def __init__(self, path: Path | None, text: str = "") -> None:
        self._file, self._text = str(path or "configuration"), text
        self._found: list[tuple[int, str]] = []

    def add(self, keys: Keys, sentence: str, line: int | None = None) -> None:
        """Note a mistake at an option or table; its line is looked up unless given."""
        line = line or line_of(self._text, keys) or 0
        place = f"{self._file}:{line}: " if line else f"{self._file}: "
        self._found.append((line, place + (".".join(keys) + ": " if keys else "") + sentence))

    def add_all(self, error: ValidationError, model: type[BaseModel]) -> None:
        """Note everything that the models found."""
        for detail in error.errors(include_url=False):
            self.add(_keys(detail), _sentence(detail, model))

    def error(self) -> ConfigError:
        """All of them as one error."""
        return ConfigError("\n".join(sentence for _, sentence in sorted(self._found)))

    def __bool__(self) -> bool:
        return bool(self._found)


def options_of(error: ValidationError) -> list[Keys] | None:
    """The options that models found fault with; None if one is missing, or a whole table is none."""
    details = error.errors(include_url=False)
    if any(each["type"] in _WHOLE or "[key]" in each["loc"] for each in details):
        return None
    return [_keys(each) for each in details]


def take_out(table: dict[str, Any], keys: Keys) -> None:
    """Take an option out of its table; of an item of a list the whole list."""
    for key in keys[:-1]:
        if not isinstance(inner := table.get(key), dict):
            table.pop(key, None)
            return
        table = inner
    table.pop(keys[-1], None)


def line_of(text: str, keys: Keys) -> int | None:
    """The line, from 1, where TOML sets `keys`, or where the nearest table around it begins."""
    table: Keys = ()
    depth, nearest = 0, None
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line):
            here = table = _split(header[1])
        elif option := _OPTION.match(line):
            here = table + _split(option[1])
        else:
            continue
        common = min(len(here), len(keys))
        if common > depth and here[:common] == keys[:common]:
            depth, nearest = common, number
    return nearest


def _split(dotted: str) -> Keys:
    return tuple(word.strip("\"'") for word in _WORD.findall(dotted))


def _loc(detail: ErrorDetails) -> Keys:
    return tuple(str(part) for part in detail["loc"] if part != "[key]")


def _keys(detail: ErrorDetails) -> Keys:
    keys = _loc(detail)
    if keys[:1] == (TYPED,):  # between a channel's name and its option stands its type
        keys = (*keys[:2], *keys[3:])
    context = detail.get("ctx", {})
    option = context.get("option") or context.get("discriminator", "").strip("'")
    return (*keys, option) if option else keys


def _sentence(detail: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(_loc(detail), model)
    if kind == "wrong":
        return str(context["sentence"])
    if kind == "missing":
        return "this option has to be set"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        found = _shown(detail["input"]["type"]) if "tag" in context else "none"
        return f"expected one of {_types(model)}, found {found}"
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"expected a table, found {_shown(detail['input'])}"
    what = (
        context["what"]
        if kind == "expected"
        else _EXPECTED.get(kind, detail["msg"]).format(**context).replace("'", '"')
    )
    return f"expected {what}, found {_shown(detail['input'])}"


def _unknown(keys: Keys, model: type[BaseModel]) -> str:
    if keys[0] == TYPED and keys[-1] in _OF_TELEGRAM:
        return 'only a channel of type "telegram" can have a group of your people'
    known = sorted(_known(keys[:-1], model))
    near = difflib.get_close_matches(keys[-1], known, 1)
    if near:
        return f'there is no such option; did you mean "{near[0]}"?'
    return f"there is no such option; here are {', '.join(known)}"


def _known(loc: Keys, model: Any) -> list[str]:
    if not loc:
        return [field.alias or name for name, field in model.model_fields.items() if not field.exclude]
    table = _field(loc[0], model)
    tables = get_args(table)  # of shops or channels, by their names
    if not tables:
        return _known(loc[1:], table)
    return _known(loc[3:], _by_type(model)[loc[2]]) if loc[0] == TYPED else _known(loc[2:], tables[1])


def _field(name: str, model: Any) -> Any:
    return next(field.annotation for own, field in model.model_fields.items() if name in (own, field.alias))


def _by_type(model: Any) -> dict[str, Any]:
    """The tables of channels by their type."""
    union = get_args(get_args(_field(TYPED, model))[1])[0]
    return {get_args(_field("type", table))[0]: table for table in get_args(union)}


def _types(model: Any) -> str:
    *some, last = (f'"{type_}"' for type_ in _by_type(model))
    return f"{', '.join(some)} or {last}"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= 60 else shown[:57] + "..."
