"""The options of a table of config.toml as fields to fill in: of which kind each is, and what may be chosen."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from bot.config_errors import Keys
from bot.settings_written import OF_DAYS, as_written
from scripts_library.words import languages


@dataclass(frozen=True, slots=True)
class Field:
    """One option: `kind` is "switch", "choice", "many", "whole", "number" or "text"; `choices` are the values of a
    choice, or the usual ones of many."""

    keys: Keys
    kind: str
    value: object
    default: object
    choices: tuple[str, ...] = ()


def fields(table: BaseModel, at: Keys, known: Mapping[str, tuple[str, ...]]) -> Iterator[Field]:
    """The options that stand in this table itself, in their order; `known` are the choices of those that name people,
    shops or channels."""
    for name, info in type(table).model_fields.items():
        value = getattr(table, name)
        if isinstance(value, (BaseModel, dict)):
            continue
        shown = "" if name in OF_DAYS and not value else as_written(value)
        kind, choices = _kind(name, info.annotation, shown, known)
        yield Field((*at, name), kind, shown, as_written(info.default), choices)


def tables(table: BaseModel, at: Keys) -> Iterator[tuple[Keys, BaseModel]]:
    """The tables in this one, with their places; tables that people name are none of them."""
    for name in type(table).model_fields:
        if isinstance(value := getattr(table, name), BaseModel):
            yield (*at, name), value


def _kind(
    name: str, annotation: Any, value: object, known: Mapping[str, tuple[str, ...]]
) -> tuple[str, tuple[str, ...]]:
    if isinstance(value, bool):
        return "switch", ()
    if isinstance(value, list):
        return "many", known.get(name, ())
    if choices := tuple(dict.fromkeys(_choices(annotation))) or known.get(name, ()):
        return "choice", choices
    if name == "lang":
        return "choice", languages("buyer")
    if isinstance(value, int):
        return ("whole" if annotation is int else "number"), ()
    return ("number" if isinstance(value, float) else "text"), ()


def _choices(annotation: Any) -> Iterator[str]:
    """The values of a Literal or an Enum, also inside a union."""
    origin = get_origin(annotation)
    if origin is Literal:
        yield from map(str, get_args(annotation))
    elif origin is Annotated:
        yield from _choices(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for each in get_args(annotation):
            yield from _choices(each)
    elif isinstance(annotation, type) and issubclass(annotation, StrEnum):
        yield from (each.value for each in annotation)
