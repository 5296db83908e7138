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
_WORD = re.compile(r'"[^"]*"|\'[^\']*\'|[\w-]+')
_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?")
_OPTION = re.compile(r"\s*([^=#]+?)\s*=")
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


def _keys(detail: ErrorDetails) -> Keys:
    keys = tuple(str(part) for part in detail["loc"] if part != "[key]")
    option = detail.get("ctx", {}).get("option")
    return (*keys, option) if option else keys


def _sentence(detail: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(_keys(detail), model)
    if kind == "wrong":
        return str(context["sentence"])
    if kind in ("model_type", "dict_type"):
        return f"expected a table, found {_shown(detail['input'])}"
    what = (
        context["what"]
        if kind == "expected"
        else _EXPECTED.get(kind, detail["msg"]).format(**context).replace("'", '"')
    )
    return f"expected {what}, found {_shown(detail['input'])}"


def _unknown(keys: Keys, model: type[BaseModel]) -> str:
    known = sorted(_known(keys[:-1], model))
    near = difflib.get_close_matches(keys[-1], known, 1)
    if near:
        return f'there is no such option; did you mean "{near[0]}"?'
    return f"there is no such option; here are {', '.join(known)}"


def _known(keys: Keys, model: Any) -> list[str]:
    if not keys:
        return [name for name, field in model.model_fields.items() if not field.exclude]
    table = model.model_fields[keys[0]].annotation
    tables = get_args(table)  # of shops by id
    return _known(keys[2:], tables[1]) if tables else _known(keys[1:], table)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= 60 else shown[:57] + "..."
