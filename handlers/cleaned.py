"""Events with texts that every database can store and nobody chokes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, cast

from followup.ports import Unparseable
from followup.split import storable

T = TypeVar("T")
LONGEST, LONGEST_ID = 20_000, 500
CUT = " […]"
_IDS = frozenset({"shop", "channel", "address", "external_id", "recalled"})
_KINDS: dict[str, type] = {"str": str, "int": int, "bool": bool}


def cleaned(item: T) -> T:
    """The same event, or part of one, without zero bytes and halves of pairs; a text of more than 20,000 characters
    is cut, with a mark (its raw event keeps it whole).

    Raises Unparseable for an id or address that is longer than any index takes, and for what is no text or number
    where it should be.
    """
    changed = {}
    for name, kind, value in zip(*_values_of(item), strict=True):
        if kind is not None and type(value) is not kind:
            raise Unparseable(f"{name} is no {kind.__name__}")
        if name in _IDS and len(value) > LONGEST_ID:
            raise Unparseable(f"{name} has {len(value)} characters")
        clean = _clean(value)
        if clean is not value:
            changed[name] = clean
    return cast(T, replace(cast(Any, item), **changed)) if changed else item


def clean_text(text: str) -> str:
    """The text as it can be stored, and not too long."""
    if len(text) > LONGEST:
        text = text[: LONGEST - len(CUT)] + CUT
    return storable(text)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, tuple) and value:
        items = tuple(cleaned(item) if is_dataclass(item) else item for item in value)
        return value if items == value else items
    return value


def _values_of(item: Any) -> tuple[tuple[str, ...], tuple[type | None, ...], tuple[Any, ...]]:
    names, kinds, get = _fields(item.__class__)
    return names, kinds, get(item)


@cache
def _fields(cls: Any) -> tuple[tuple[str, ...], tuple[type | None, ...], Callable[[object], tuple[Any, ...]]]:
    names = tuple(field.name for field in fields(cls))
    return names, tuple(_KINDS.get(str(field.type)) for field in fields(cls)), attrgetter(*names)
