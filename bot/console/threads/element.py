"""The list of threads as an element of the page: the browser draws it from data (`thread_list.js`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from nicegui import ui
from nicegui.element import Element

Option = tuple[str, str]


class ThreadList(Element, component="thread_list.js"):
    """`filters` are selects by name, with their label and options; `words` are those of `labels/threads.toml`.

    It says `went` (an address was asked for), `act` (something is to be done with threads), and `shown` (what was held
    back under somebody's hand is seen now).
    """

    def __init__(
        self, fresh: Mapping[str, Any], words: Mapping[str, Any], filters: Sequence[tuple[str, str, Sequence[Option]]]
    ) -> None:
        super().__init__()
        ui.add_head_html(f"<style>{_style()}</style>")
        self.props["say"] = dict(words)
        self.props["filters"] = [{"name": name, "label": label, "options": options} for name, label, options in filters]
        self._fresh = ""
        self.show(fresh)

    def show(self, fresh: Mapping[str, Any]) -> None:
        """Show this; nothing is sent if it is shown already."""
        text = json.dumps(fresh, ensure_ascii=False, separators=(",", ":"))
        if text != self._fresh:
            self._fresh = self.props["fresh"] = text


@cache
def _style() -> str:
    return (Path(__file__).parent / "thread_list.css").read_text("utf-8")
