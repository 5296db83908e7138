"""A dialog that asks for one word."""

from __future__ import annotations

from nicegui import ui

from bot.console.desk import Visit
from bot.console.parts import heading


async def ask(visit: Visit, title: str, label: str) -> str:
    """The word that was typed, "" if none was."""
    say = visit.labels("settings")
    with ui.dialog().props(f'aria-label="{title}"') as dialog, ui.card():
        heading(title)
        box = ui.input(label).props("outlined dense autofocus")
        box.on("keydown.enter", lambda: dialog.submit(box.value))
        with ui.row().classes("full-width justify-end"):
            ui.button(say("cancel"), on_click=lambda: dialog.submit("")).props("flat")
            ui.button(say("add"), on_click=lambda: dialog.submit(box.value))
    try:
        return str(await dialog or "").strip()
    finally:
        if not dialog.is_deleted:
            dialog.delete()
