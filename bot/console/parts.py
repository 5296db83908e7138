"""Small pieces that every page is made of, so that all look and read alike."""

from __future__ import annotations

from datetime import tzinfo

from nicegui import ui

from bot.console.desk import Visit
from followup.model import Instant

TONES = ("calm", "good", "warn", "bad", "info")
"""How something stands; style.css has a colour for each, with enough contrast in the light and in the dark."""


def chip(text: str, tone: str = "calm") -> ui.badge:
    """A word that says how something stands; `tone` is one of TONES."""
    if tone not in TONES:
        raise ValueError(f"expected one of {', '.join(TONES)}, got {tone!r}")
    return ui.badge(text, color=None).classes(f"hf-chip hf-chip-{tone}")


def heading(text: str, level: int = 2) -> ui.element:
    """A heading; the page's own is level 1."""
    size = {1: "text-h5", 2: "text-h6", 3: "text-subtitle1"}[level]
    with ui.element(f"h{level}").classes(f"{size} q-ma-none") as made:
        ui.label(text).classes("hf-inline")
    return made


def nothing(text: str) -> ui.label:
    """Said where a list is empty."""
    return ui.label(text).classes("hf-muted q-pa-md")


def when(at: Instant, zone: tzinfo, now: Instant) -> str:
    """A moment by the shop's clock: only what does not go without saying."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d %H:%M}"


def moment(at: Instant, zone: tzinfo, now: Instant) -> ui.label:
    """The same to be shown, with all that can be said of it where somebody points at it."""
    return (
        ui.label(when(at, zone, now)).classes("hf-moment").props(f'title="{at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"')
    )


def link(text: str, path: str) -> ui.element:
    """A link to a page of the console, such as "/console/threads"."""
    with ui.element("a").classes("hf-link") as made:
        made.props["href"] = path
        ui.label(text).classes("hf-inline")
    return made


def go(path: str) -> None:
    """Have the browser open a page of the console, such as "/console/threads"."""
    ui.navigate.to(path.removeprefix("/console"))


def told(text: str, tone: str = "good") -> None:
    """Say briefly what came of something; what went wrong stays longer."""
    is_bad = tone in ("bad", "warn")
    ui.notify(text, classes=f"hf-told hf-told-{tone}", timeout=8000 if is_bad else 3500, position="bottom")


async def confirm(visit: Visit, question: str, yes: str = "") -> bool:
    """Ask before something that is not easily undone; `yes` names what is done, such as "Send now"."""
    say = visit.labels("frame")
    with ui.dialog().props('role="alertdialog"') as dialog, ui.card():
        ui.label(question)
        with ui.row().classes("w-full justify-end"):
            ui.button(say("no"), on_click=lambda: dialog.submit(False)).props("flat autofocus")
            ui.button(yes or say("yes"), on_click=lambda: dialog.submit(True))
    try:
        return bool(await dialog)
    finally:
        if not dialog.is_deleted:
            dialog.delete()
