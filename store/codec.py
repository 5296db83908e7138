"""Between the domain's dataclasses and rows: column order is field order, Money takes two columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from types import UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import orjson

from followup.model import EPOCH, Decision, Money, Reason

T = TypeVar("T")


def to_micros(at: datetime) -> int:
    """Microseconds since 1970; exact."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_micros(micros: int) -> datetime:
    """The aware UTC instant."""
    return EPOCH + timedelta(microseconds=micros)


def reasons_to_json(decision: Decision) -> str:
    """The checks of a decision as compact JSON: [check, passed, [[name, figure], …], until]."""
    rows = [(r.check, r.passed, r.facts, r.until and to_micros(r.until)) for r in decision.reasons]
    return orjson.dumps(rows).decode()


def reasons_from_json(text: str) -> tuple[Reason, ...]:
    """The checks as they were stored."""
    return tuple(
        Reason(check, passed, tuple((k, v) for k, v in facts), until and from_micros(until))
        for check, passed, facts, until in orjson.loads(text)
    )


class Codec(Generic[T]):
    """Turns instances of one flat dataclass into tuples in column order and back.

    The two functions are written out for each class, as `dataclasses` does: every row passes through them.
    """

    def __init__(self, cls: type[T]) -> None:
        self.columns: list[str] = []
        reads: list[str] = []
        writes: list[str] = []
        names: dict[str, Any] = {"cls": cls, "Money": Money, "Decimal": Decimal, "EPOCH": EPOCH, "micros": to_micros}
        names["since"] = timedelta
        hints = get_type_hints(cls)
        for field in fields(cls):  # type: ignore[arg-type]
            at = len(self.columns)
            columns, read, write = _terms(field.name, at, _plain(hints[field.name]), names)
            self.columns += columns
            reads += read
            writes.append(write)
        self.encode: Callable[[T], tuple[Any, ...]] = eval(f"lambda x: ({', '.join(reads)},)", names)  # noqa: S307
        self.decode: Callable[[Sequence[Any]], T] = eval(f"lambda r: cls({', '.join(writes)})", names)  # noqa: S307


def _terms(name: str, at: int, kind: Any, names: dict[str, Any]) -> tuple[list[str], list[str], str]:
    """The columns of a field, the expressions that read them from `x`, and the one that makes it of the row `r`."""
    value, cell = f"x.{name}", f"r[{at}]"
    if kind is Money:
        columns = [f"{name}_amount", f"{name}_currency"]
        return columns, [f"str({value}.amount)", f"{value}.currency"], f"Money(Decimal({cell}), r[{at + 1}])"
    if kind is bool:
        return [name], [f"int({value})"], f"bool({cell})"
    if kind is datetime:
        read = f"None if {value} is None else micros({value})"
        return [name], [read], f"None if {cell} is None else EPOCH + since(0, 0, {cell})"
    if get_origin(kind) is tuple and is_dataclass(get_args(kind)[0]):
        names[f"{name}_from"], names["json"] = _reader(get_args(kind)[0]), _to_json
        return [name], [f"json({value}) if {value} else ''"], f"{name}_from({cell}) if {cell} else ()"
    if get_origin(kind) is tuple:
        return [name], [f"' '.join({value})"], f"tuple({cell}.split())"
    if isinstance(kind, type) and issubclass(kind, Enum):
        names[kind.__name__] = kind._value2member_map_
        return [name], [f"{value}._value_"], f"{kind.__name__}[{cell}]"
    return [name], [value], cell


@lru_cache(maxsize=256)
def _to_json(items: tuple[Any, ...]) -> str:
    """The same answers stand under many messages, and taking them apart is slow."""
    return orjson.dumps([astuple(item) for item in items]).decode()


def _reader(cls: Any) -> Callable[[str], tuple[Any, ...]]:
    enums = [
        kind if isinstance(kind, type) and issubclass(kind, Enum) else None for kind in get_type_hints(cls).values()
    ]

    @lru_cache(maxsize=256)
    def read(text: str) -> tuple[Any, ...]:
        rows = orjson.loads(text)
        return tuple(cls(*(enum(v) if enum else v for enum, v in zip(enums, row, strict=True))) for row in rows)

    return read


def _plain(kind: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        return next(arg for arg in get_args(kind) if arg is not type(None))
    return kind
