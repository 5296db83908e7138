"""Small pieces that every page is made of, so that all look and read alike."""

from __future__ import annotations

from datetime import tzinfo

from nicegui import ui

from followup.model import Instant

TONES = {"calm": "grey-8", "good": "green-9", "warn": "orange-10", "bad": "red-9", "info": "blue-9"}
"""Colours with enough contrast for white letters."""


def chip(text: str, tone: str = "calm") -> ui.badge:
    """A word that says how something stands; `tone` is one of TONES."""
    return ui.badge(text, color=TONES[tone]).classes("q-pa-xs")


def heading(text: str, level: int = 2) -> ui.html:
    """A heading; the page's own is level 1."""
    size = {1: "text-h5", 2: "text-h6", 3: "text-subtitle1"}[level]
    with ui.element(f"h{level}").classes(f"{size} q-ma-none") as made:
        ui.label(text)
    return made  # type: ignore[return-value]


def nothing(text: str) -> ui.label:
    """Said where a list is empty."""
    return ui.label(text).classes("text-grey-8 q-pa-md")


def when(at: Instant, zone: tzinfo, now: Instant) -> str:
    """A moment by the shop's clock: only what does not go without saying."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d %H:%M}"
