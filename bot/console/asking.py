"""Dialogs in which somebody fills in what an act needs, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from bot.console.labels import Labels


@dataclass(frozen=True)
class Field:
    """Something to fill in: a text, or one of `choices` (their names by their ids), of which one has to be chosen."""

    label: str
    value: str = ""
    choices: Mapping[str, str] | None = None
    kind: str = "text"


async def ask(room: ui.element, say: Labels, title: str, *fields: Field) -> list[str] | None:
    """What somebody fills in; None if he would rather not, or is asked something already: he pressed a button twice.
    Dialogs stand in `room`, which nothing redraws; `say` knows "cancel" and "choose"."""
    if room.default_slot.children:
        return None
    inputs: list[Any] = []
    with _dialog(room, title) as dialog:

        def finish() -> None:
            wrong = [each for each in inputs if not each.validate()]
            if not wrong:
                dialog.submit([str(each.value or "") for each in inputs])

        inputs += [_input(field, say, finish) for field in fields]
        _buttons(say("cancel"), lambda: dialog.submit(None), title, finish)
    given: list[str] | None = await dialog
    _gone(dialog, room)
    return given


async def sure(room: ui.element, say: Labels, title: str, text: str, yes: str) -> bool:
    """Whether he wants it all the same."""
    with _dialog(room, title) as dialog:
        ui.label(text).classes("ht-words")
        _buttons(say("cancel"), lambda: dialog.submit(False), yes, lambda: dialog.submit(True))
    given = bool(await dialog)
    _gone(dialog, room)
    return given


def _gone(dialog: ui.dialog, room: ui.element) -> None:
    """The dialog stands elsewhere on the page, and something for it in the room; both go with the page."""
    if not dialog.is_deleted:
        dialog.delete()
        room.clear()


@contextmanager
def _dialog(room: ui.element, title: str) -> Iterator[ui.dialog]:
    with room, ui.dialog() as dialog, ui.card().classes("ht-dialog"):
        dialog.props["aria-label"] = title
        with ui.element("h2").classes("text-h6 q-ma-none"):
            ui.label(title)
        yield dialog


def _buttons(no: str, cancel: Callable[[], object], yes: str, finish: Callable[[], object]) -> None:
    with ui.row().classes("justify-end full-width"):
        ui.button(no, on_click=cancel).props("flat no-caps")
        ui.button(yes, on_click=finish).props("unelevated no-caps")


def _input(field: Field, say: Labels, enter: Callable[[], None]) -> Any:
    """The element for a field, as wide as its dialog; Enter in a text is as good as the button."""
    made: Any
    if field.choices is not None:
        made = ui.select(dict(field.choices), label=field.label, validation={say("choose"): bool})
        made.set_value(field.value if field.value in field.choices else None)
        return made.classes("full-width").props("outlined dense")
    if field.kind == "textarea":
        made = ui.textarea(field.label, value=field.value).classes("full-width")
        return made.props("outlined autofocus autogrow")
    made = ui.input(field.label, value=field.value).classes("full-width").props("outlined dense")
    if field.kind == "datetime-local":
        return made.props("type=datetime-local stack-label")
    return made.on("keydown.enter", enter).props("autofocus")
