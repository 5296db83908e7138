"""Lists on a page that change in place: only what is new or another is drawn, so that scroll, focus and folds stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from nicegui import ui

T = TypeVar("T")


class Keyed(Generic[T]):
    """The items of a list inside an element, each in an element of its own, known by its key."""

    def __init__(
        self,
        inside: ui.element,
        draw: Callable[[T], None],
        key: Callable[[T], str],
        tag: str = "div",
        classes: str = "",
    ) -> None:
        self._inside, self._draw, self._key, self._tag, self._classes = inside, draw, key, tag, classes
        self._shown: dict[str, tuple[T, ui.element]] = {}

    def show(self, items: Sequence[T]) -> None:
        """Show these, in this order."""
        wanted = {self._key(item): item for item in items}
        for gone in [key for key in self._shown if key not in wanted]:
            self._shown.pop(gone)[1].delete()
        for index, (key, item) in enumerate(wanted.items()):
            element = self._drawn(key, item)
            if self._inside.default_slot.children[index] is not element:
                element.move(self._inside, index)

    def _drawn(self, key: str, item: T) -> ui.element:
        known = self._shown.get(key)
        if known is not None and known[0] == item:
            return known[1]
        if known is None:
            with self._inside:
                element = ui.element(self._tag).classes(self._classes)
        else:
            element = known[1]
            element.clear()
        with element:
            self._draw(item)
        self._shown[key] = (item, element)
        return element


class Redrawn(Generic[T]):
    """A part of a page that is drawn anew whenever what it shows is another."""

    def __init__(self, inside: ui.element, draw: Callable[[T], None]) -> None:
        self._inside, self._draw = inside, draw
        self._shown: list[T] = []

    def show(self, what: T) -> None:
        """Show this."""
        if self._shown == [what]:
            return
        self._shown = [what]
        self._inside.clear()
        with self._inside:
            self._draw(what)
