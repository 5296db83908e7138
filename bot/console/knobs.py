"""A slider with a field beside it for one option of the cadence: both can be reached by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from bot.cadence import Knob, NotReadable, Value, as_written
from bot.console.labels import Labels
from bot.console.simulating import Wish


class Slider:
    """One option: moved stop by stop, or typed as config.toml has it; `told` is called after every change."""

    def __init__(self, knob: Knob, wish: Wish, say: Labels, told: Callable[[], None]) -> None:
        self.knob, self.wish, self.say, self.told = knob, wish, say, told
        self.stops = knob.stops(wish.value(knob))
        self._draw()

    def _draw(self) -> None:
        name = self.say(f"knobs.{self.knob.id}")
        with ui.element("div").classes("hf-knob"):
            with ui.element("div"):
                ui.label(name)
                ui.label(self._hint()).classes("hf-muted hf-small")
            self.range = ui.element("input").props(f'type="range" min="0" max="{len(self.stops) - 1}" step="1"')
            self.range.props["aria-label"] = name
            self.range.on("input", self._moved, js_handler="(event) => emit(Number(event.target.value))")
            self.field = ui.input(value=self._text()).props("dense outlined").classes("hf-knob-field")
            self.field.props["input-style"] = "text-align: right"
            self.field.props["aria-label"] = f"{name}, {self.say(f'units.{self.knob.unit}')}"
            self.field.on("blur", self._typed).on("keydown.enter", self._typed)
            self.mark = ui.label().classes("hf-small")
        self._show()

    def _hint(self) -> str:
        now = self.say("now", value=as_written(self.knob.of(self.wish.present)))
        return now if self.knob.told else f"{now} · {self.say('not_told')}"

    def _text(self) -> str:
        return str(as_written(self.wish.value(self.knob)))

    def _moved(self, event: Any) -> None:
        """The slider stands at another stop."""
        place = event.args if isinstance(event.args, int) else 0
        self._set(self.stops[max(0, min(place, len(self.stops) - 1))])

    def _typed(self) -> None:
        """Somebody has typed a value."""
        if self.field.value == self._text():
            return
        try:
            value = self.knob.read(self.field.value or "")
        except NotReadable as error:
            self.mark.set_text(self.say(f"expected.{error.unit}"))
            self.mark.classes(replace="hf-small hf-bad").props('role="alert"')
            return
        if value not in self.stops:
            self.stops = self.knob.stops(value)
            self.range.props["max"] = len(self.stops) - 1
        self._set(value)

    def _set(self, value: Value) -> None:
        self.wish.set(self.knob, value)
        self._show()
        self.told()

    def _show(self) -> None:
        """Slider, field and mark say the same."""
        text = self._text()
        self.range.props["value"] = self.stops.index(self.wish.value(self.knob))
        self.range.props["aria-valuetext"] = text
        self.range.update()
        self.field.set_value(text)
        is_changed = self.knob in self.wish.values
        self.mark.set_text(self.say("is_changed") if is_changed else "")
        self.mark.classes(replace=f"hf-small {'hf-warn' if is_changed else 'hf-muted'}")
