"""Keys instead of the mouse: each page says which, and all are listed under "?"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from nicegui import ui

from bot.console.desk import Visit

SCRIPT = (Path(__file__).parent / "keys.js").read_text("utf-8")
Does = str | Callable[..., Any]


@cache
def script_url() -> str:
    """Where the script is served; another one has another address."""
    return f"/console/keys.js?v={sha256(SCRIPT.encode()).hexdigest()[:12]}"


def keys(bound: Mapping[str, tuple[str, Does]]) -> None:
    """Bind keys on this page, each with what it is called in the list under "?" and what it does:

    "next .row" and "previous .row" move the focus among what that selector finds, "focus .box" sets it, "click .save"
    presses it, all in the browser alone; a function is called on the server. Nothing happens while somebody types.
    """
    for key, (label, does) in bound.items():
        button = ui.element("button").classes("hidden").props('type="button" tabindex="-1" aria-hidden="true"')
        button.props["data-key"], button.props["data-label"] = key, label
        if isinstance(does, str):
            button.props["data-does"] = does
        else:
            button.on("click", does)


def help_dialog(visit: Visit) -> ui.dialog:
    """The list of all keys of this page; "?" opens it."""
    say, client = visit.labels("frame"), ui.context.client
    with ui.dialog().props(f'aria-label="{say("help")}"') as dialog, ui.card().classes("hf-keys"):
        with ui.element("h2").classes("text-h6 q-ma-none"):
            ui.label(say("help"))
        listed = ui.element("dl").classes("hf-keys-list")
        ui.button(say("close"), on_click=dialog.close).props("flat")

    def show() -> None:
        listed.clear()
        with listed:
            for element in list(client.elements.values()):
                if label := element.props.get("data-label"):
                    _line(str(element.props.get("data-key") or f"g {element.props.get('data-go')}"), str(label))
        dialog.open()

    keys({"?": (say("help"), show)})
    return dialog


def _line(key: str, label: str) -> None:
    with ui.element("dt"), ui.element("kbd"):
        ui.label(key)
    with ui.element("dd"):
        ui.label(label)
