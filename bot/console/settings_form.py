"""A form over options of config.toml: fields with what they mean, what was changed, and saving it after a look."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from bot import settings_file
from bot.config import Config, ConfigError
from bot.config_errors import Keys
from bot.console.desk import Desk, Visit
from bot.console.parts import chip, heading, told
from bot.console.sessions import did
from bot.settings_fields import Field
from bot.settings_meaning import meaning, name
from bot.settings_written import Changed, differences

_MISTAKE = re.compile(r"^(?:.*?:(?:\d+:)? )?([\w-]+(?:\.[\w-]+)+): (.*)$")
Saved = Callable[[str], Awaitable[None]]
"""What is done once all is saved; it is given the label of what came of it."""


class Form:
    """The fields of one page, over the file as it stood when it was shown (`seen`)."""

    def __init__(self, desk: Desk, visit: Visit, config: Config, seen: str, may: bool, saved: Saved) -> None:
        self.desk, self.visit, self.config, self.seen, self.may, self.saved = desk, visit, config, seen, may, saved
        self.say = visit.labels("settings")
        self.inputs: dict[Keys, tuple[Field, Any]] = {}
        self.group: ui.expansion | None = None
        self._groups: dict[Keys, ui.expansion | None] = {}

    def draw(self, field: Field) -> None:
        """One field with its name and what it means."""
        with ui.element("div").classes("hf-field"):
            label = name(field.keys, self.visit.lang)
            box = self._input(field, label)
            box.on_value_change(self._count)
            box.set_enabled(self.may)
            self.inputs[field.keys], self._groups[field.keys] = (field, box), self.group
            ui.label(meaning(field.keys, self.visit.lang)).classes("hf-muted hf-meaning")

    def _input(self, field: Field, label: str) -> Any:
        match field.kind:
            case "switch":
                return ui.switch(label, value=bool(field.value))
            case "choice":
                known = dict.fromkeys((*field.choices, str(field.value)))
                options = {each: self._called(each) for each in known}
                return ui.select(options, value=str(field.value), label=label).props("outlined dense options-dense")
            case "many":
                value = [str(each) for each in field.value] if isinstance(field.value, list) else []
                options = {each: each for each in dict.fromkeys((*field.choices, *value))}
                box = ui.select(options, value=value, label=label, multiple=True, new_value_mode="add-unique")
                return box.props("outlined dense use-chips options-dense")
            case "whole" | "number":
                return ui.input(label, value=str(field.value)).props("outlined dense inputmode=decimal")
            case _:
                return ui.input(label, value=str(field.value)).props("outlined dense")

    def _called(self, value: str) -> str:
        """A value in words, with how the file writes it behind."""
        known = self.say.table["values"].get(value or "none")
        return f"{known} ({value})" if known and value else known or value

    def changes(self) -> dict[Keys, object]:
        """What is other than when it was shown, as the file writes it."""
        now = {keys: _typed(field, box.value) for keys, (field, box) in self.inputs.items()}
        return {keys: value for keys, value in now.items() if value != self.inputs[keys][0].value}

    def buttons(self) -> None:
        """Look at the changes and save them; or drop them."""
        if not self.may:
            ui.label(self.say("look_only")).classes("hf-muted")
            return
        with ui.row().classes("hf-save items-center"):
            self.button = ui.button(self.say("review", count=0), on_click=self.review).classes("hf-review")
            self.button.set_enabled(False)

    def _count(self) -> None:
        count = len(self.changes())
        self.button.set_text(self.say("review", count=count))
        self.button.set_enabled(count > 0)

    async def review(self) -> None:
        """Show what the changes of the fields come to."""
        await self.propose(self.changes())

    async def propose(self, changes: Mapping[Keys, object]) -> None:
        """Show what these changes come to, and save them if he wants; mistakes stand at their fields."""
        if not changes or not self.may:
            return
        self._clear()
        try:
            _, config = await asyncio.to_thread(settings_file.planned, self.desk.file, changes)
        except ConfigError as error:
            self._mistakes(str(error))
            return
        changed = differences(self.config, config)
        if await self._agreed(changed, config):
            await self._save(changes, changed)

    async def _agreed(self, changed: list[Changed], config: Config) -> bool:
        say = self.say
        later = {each.keys for each in settings_file.at_the_start(self.config, config)}
        with ui.dialog().props(f'aria-label="{say("differences")}"') as dialog, ui.card().classes("hf-differences"):
            heading(say("differences"))
            with ui.element("ul").classes("hf-list"):
                for each in changed:
                    with ui.element("li"):
                        self._difference(each, each.keys in later)
            with ui.row().classes("full-width justify-end"):
                ui.button(say("cancel"), on_click=lambda: dialog.submit(False)).props("flat")
                ui.button(say("save"), on_click=lambda: dialog.submit(True)).props("autofocus").classes("hf-do-save")
        try:
            return bool(await dialog)
        finally:
            if not dialog.is_deleted:
                dialog.delete()

    def _difference(self, one: Changed, is_later: bool) -> None:
        say = self.say
        with ui.row().classes("items-center"):
            ui.label(name(one.keys, self.visit.lang)).classes("text-weight-medium")
            ui.label(one.option).classes("hf-code hf-muted")
            if is_later:
                chip(say("at_the_start"), "warn")
        ui.label(say("old_new", old=self._written(one.old), new=self._written(one.new)))

    def _written(self, value: object) -> str:
        if value is None:
            return self.say("not_there")
        if isinstance(value, bool):
            return self.say("yes" if value else "no")
        if isinstance(value, list):
            return ", ".join(map(str, value)) or self.say("empty")
        return str(value) or self.say("empty")

    async def _save(self, changes: Mapping[Keys, object], changed: list[Changed]) -> None:
        try:
            config = await asyncio.to_thread(settings_file.change, self.desk.file, changes, self.seen)
        except settings_file.FileChanged:
            told(self.say("file_changed"), "bad")
            return
        except ConfigError as error:
            self._mistakes(str(error))
            return
        later = settings_file.apply(self.desk, config)
        for each in changed:
            await did(self.desk, self.visit, "settings.save", each.option)
        await self.saved("saved_later" if later else "saved")

    def _clear(self) -> None:
        for _, box in self.inputs.values():
            if hasattr(box, "error"):
                box.error = None

    def _mistakes(self, sentences: str) -> None:
        """Each sentence at its field; what has none is said aloud."""
        for line in sentences.splitlines():
            match = _MISTAKE.match(line)
            keys = tuple(match[1].split(".")) if match else ()
            _, box = self.inputs.get(keys, (None, None))
            if box is not None and hasattr(box, "error") and match:
                box.error = match[2]
                if group := self._groups[keys]:
                    group.open()
            else:
                told(line, "bad")


def _typed(field: Field, value: Any) -> object:
    """What stands in a field, as the file writes it; what is no number stays as it was typed, to be refused."""
    if field.kind in ("whole", "number"):
        try:
            return int(value) if field.kind == "whole" or float(value).is_integer() else float(value)
        except (TypeError, ValueError, OverflowError):
            return str(value or "")
    if field.kind == "many":
        return sorted(map(str, value or []))
    return value if field.kind == "switch" else str(value or "")
