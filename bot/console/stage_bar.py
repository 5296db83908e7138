"""The clock of a demo in the header: what time it is in the shop, faster, slower, on to the next thing."""

from __future__ import annotations

from nicegui import ui

from bot.console.desk import Desk, Stage, Visit

SPEEDS = (1, 60, 600, 3600)


def stage_bar(desk: Desk, visit: Visit) -> None:
    """Shows and moves the clock; a desk without one has no bar."""
    if desk.stage is not None:
        _Bar(desk, desk.stage, visit)


class _Bar:
    def __init__(self, desk: Desk, stage: Stage, visit: Visit) -> None:
        self._desk, self._stage, self._say = desk, stage, visit.labels("frame")
        self._zone = desk.zone(next(iter(desk.deps.policies)))
        self._speed = stage.speed or SPEEDS[1]
        with ui.row().classes("hf-stage no-wrap items-center").props(f'role="group" aria-label="{self._say("clock")}"'):
            self._time = ui.label().classes("hf-stage-time")
            self._go = ui.button(on_click=self._toggle).props("flat round dense")
            self._step = self._button("skip_next", "step", self._on)
            options = {speed: f"{speed}×" for speed in sorted({*SPEEDS, int(self._speed) or 1})}
            choice = ui.select(options, value=int(self._speed) or 1, on_change=lambda event: self._at(event.value))
            choice.props(f'dense borderless options-dense aria-label="{self._say("speed")}"').classes("hf-wide")
        self._show()
        ui.timer(0.5, self._show)

    def _button(self, icon: str, label: str, does: object) -> ui.button:
        button = ui.button(icon=icon, on_click=does).props("flat round dense")  # type: ignore[arg-type]
        return button.props(f'aria-label="{self._say(label)}"').tooltip(self._say(label))

    def _show(self) -> None:
        now, paused = self._desk.clock.now().astimezone(self._zone), self._stage.is_paused
        self._time.set_text(f"{now:%m-%d %H:%M}")
        if self._go.props.get("icon") != ("play_arrow" if paused else "pause"):
            self._go.props(
                f'icon={"play_arrow" if paused else "pause"} aria-label="{self._say("go" if paused else "pause")}"'
            )

    def _toggle(self) -> None:
        if self._stage.is_paused:
            self._stage.go(self._speed)
        else:
            self._speed = self._stage.speed or self._speed
            self._stage.pause()
        self._show()

    def _at(self, speed: float) -> None:
        self._speed = speed
        if not self._stage.is_paused:
            self._stage.go(speed)

    async def _on(self) -> None:
        """On to the next thing that happens."""
        self._step.disable()
        try:
            await self._stage.step()
        finally:
            self._step.enable()
            self._show()
