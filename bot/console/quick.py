"""What makes NiceGUI quick enough for a loop that buyers' messages wait for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import MethodType
from typing import Any

from nicegui import helpers

_asked = helpers.expects_arguments


def quicken() -> None:
    """Of three methods of each element NiceGUI asks whether they expect arguments, by their signature: half of the
    time in which a page is built. From now on it asks once of each method."""
    helpers.expects_arguments = expects_arguments


def expects_arguments(func: Callable[..., Any]) -> bool:
    """Whether it has to be given any; the same for whatever object a method is of."""
    return _of_method(func.__func__) if isinstance(func, MethodType) else _asked(func)


@lru_cache(maxsize=512)
def _of_method(func: Callable[..., Any]) -> bool:
    return _asked(MethodType(func, object()))
