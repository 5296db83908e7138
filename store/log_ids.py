"""What a line of the log is about: the thread, and what else has an id, for as long as it is at hand.

It costs less than a microsecond, and nothing is rendered unless something is logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from contextvars import ContextVar, Token
from typing import Any

_AT_HAND: ContextVar[Mapping[str, str]] = ContextVar("at_hand", default={})  # noqa: B039 - it is never changed
_KEPT = "_ids_at_hand"
_STAMPS: dict[str, str | Callable[[], str]] = {}


class about:  # noqa: N801 - it reads as a word: `with about(thread=…)`
    """Every line logged within carries these ids, beside those around it; one that is empty changes nothing."""

    __slots__ = ("_at_hand", "_before")

    def __init__(self, **ids: str) -> None:
        self._at_hand: Mapping[str, str] = ids

    def __enter__(self) -> None:
        around = _AT_HAND.get()
        if around or "" in self._at_hand.values():
            self._at_hand = {**around, **{name: id_ for name, id_ in self._at_hand.items() if id_}}
        self._before: Token[Mapping[str, str]] = _AT_HAND.set(self._at_hand)

    def __exit__(self, _kind: object, error: BaseException | None, _where: object) -> None:
        if error is not None and self._at_hand and not hasattr(error, _KEPT):
            with suppress(AttributeError):  # some errors take no attributes
                setattr(error, _KEPT, self._at_hand)
        _AT_HAND.reset(self._before)


def at_hand() -> Mapping[str, str]:
    """The ids that a line logged here would carry; with `about(**…)` they go on in another thread."""
    return _AT_HAND.get()


def ids_of(error: BaseException) -> Mapping[str, str]:
    """The ids that were at hand where an error was raised, for who logs it further out."""
    found: Mapping[str, str] = getattr(error, _KEPT, {})
    return found


def stamp(**ids: str | Callable[[], str]) -> None:
    """Every line of this program carries these ids from now on; one that may change is asked for each time."""
    _STAMPS.update(ids)


def with_ids(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the ids to a line, for structlog; what the line says itself stays."""
    for name, id_ in _AT_HAND.get().items():
        event.setdefault(name, id_)
    for name, given in _STAMPS.items():
        if value := given if isinstance(given, str) else given():
            event.setdefault(name, value)
    return event
