"""What NiceGUI asks of each element is asked once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from nicegui import helpers
from nicegui.helpers import functions
from nicegui.observables import ObservableList

from bot.console import quick


class Button:
    """Something with methods of all sorts."""

    def plain(self) -> None: ...
    def given(self, event: object) -> None: ...
    def maybe(self, event: object = None) -> None: ...
    def many(self, *events: object, **more: object) -> None: ...

    @classmethod
    def of_class(cls) -> None: ...


MADE = Button()
HANDLERS: list[Callable[..., Any]] = [
    MADE.plain,
    MADE.given,
    MADE.maybe,
    MADE.many,
    Button.of_class,
    Button.given,
    lambda: None,
    lambda event: event,
    partial(MADE.given, 1),
]


@pytest.mark.parametrize("handler", HANDLERS)
def test_it_answers_as_nicegui_does(handler: Callable[..., Any]) -> None:
    """For methods and for everything else, the first time and later."""
    expected = functions.expects_arguments(handler)
    assert expected is quick.expects_arguments(handler)
    assert expected is quick.expects_arguments(handler)


def test_a_method_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many objects there are of its class."""
    asked: list[object] = []

    class Row:
        def changed(self) -> None: ...

    monkeypatch.setattr(quick, "_asked", lambda func: asked.append(func) or functions.expects_arguments(func))
    monkeypatch.setattr(helpers, "expects_arguments", helpers.expects_arguments)
    quick.quicken()
    for _ in range(3):
        ObservableList([], on_change=Row().changed)
    assert 1 == len(asked)
