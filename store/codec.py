"""Between the domain's dataclasses and rows: column order is field order, Money takes two columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from types import UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import orjson

from followup.model import EPOCH, Decision, Money, Reason

T = TypeVar("T")
Fn = Callable[[Any], Any]


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
    """Turns instances of one flat dataclass into tuples in column order and back."""

    def __init__(self, cls: type[T]) -> None:
        self.cls = cls
        self.columns: list[str] = []
        self._paths: list[str] = []
        self._encoders: list[tuple[int, Fn]] = []
        self._decoders: list[tuple[int, Fn]] = []
        self._money: int | None = None
        hints = get_type_hints(cls)
        for field in fields(cls):  # type: ignore[arg-type]
            self._add(field.name, _plain(hints[field.name]))
        self._get = attrgetter(*self._paths)

    def _add(self, name: str, kind: Any) -> None:
        if kind is Money:
            self._money = len(self.columns)
            self._encoders.append((len(self.columns), str))
            self.columns += [f"{name}_amount", f"{name}_currency"]
            self._paths += [f"{name}.amount", f"{name}.currency"]
            return
        at = len(self.columns)
        self.columns.append(name)
        is_enum = isinstance(kind, type) and issubclass(kind, Enum)
        self._paths.append(f"{name}._value_" if is_enum else name)
        if is_enum:
            self._decoders.append((at, kind._value2member_map_.__getitem__))
        elif kind is datetime:
            self._encoders.append((at, to_micros))
            self._decoders.append((at, from_micros))
        elif get_origin(kind) is tuple:
            self._encoders.append((at, " ".join))
            self._decoders.append((at, lambda text: tuple(text.split())))

    def encode(self, item: T) -> tuple[Any, ...]:
        """The row of an instance."""
        values = list(self._get(item))
        for at, fn in self._encoders:
            if values[at] is not None:
                values[at] = fn(values[at])
        return tuple(values)

    def decode(self, row: Sequence[Any]) -> T:
        """The instance of a row; columns after the last field are ignored."""
        values = list(row[: len(self.columns)])
        for at, fn in self._decoders:
            if values[at] is not None:
                values[at] = fn(values[at])
        if self._money is not None:
            at = self._money
            values[at : at + 2] = [Money(Decimal(values[at]), values[at + 1])]
        return self.cls(*values)


def _plain(kind: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        return next(arg for arg in get_args(kind) if arg is not type(None))
    return kind
