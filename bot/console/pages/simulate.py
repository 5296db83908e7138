"""Simulate: the same orders with the present cadence and with another, side by side, before the other is saved."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui
from nicegui.events import MultiUploadEventArguments

from bot.cadence import GROUPS, KNOBS
from bot.comparing_job import MOST_KNOWN
from bot.config import ConfigError
from bot.console.charts import breath, dress, folded
from bot.console.compared import Compared
from bot.console.desk import Desk, Visit
from bot.console.figures import shops_seen
from bot.console.frame import page
from bot.console.knobs import Slider
from bot.console.labels import Labels
from bot.console.parts import heading, nothing
from bot.console.sessions import did
from bot.console.simulating import LARGEST, MOST_FILES, CannotRun, Failed, Wish, present, run
from store.console.simulate import how_many

SOURCES = ("known", "upload", "month")
OPEN = ("quiet_hours", "unpaid_order")
LONGEST = 400
"""So much is shown of what is wrong with a file."""


@page("/simulate", "simulate")
async def simulate(desk: Desk, visit: Visit, shop: str = "") -> None:
    """Two cadences of one shop."""
    dress()
    say = visit.labels("simulate")
    heading(say("title"), 1)
    shops = shops_seen(desk, visit)
    if not shops:
        nothing(say("no_shop"))
        return
    name = shop if shop in shops else shops[0]
    try:
        config, seen = await present(desk)
    except ConfigError as error:
        ui.label(str(error)).props('role="alert"').classes("hf-bad")
        return
    if name not in config.shops:
        nothing(say("no_shop"))
        return
    wish = Wish(name, config.shops[name], seen)
    await _Page(desk, visit, say, wish, await desk.read_of((name,), how_many, name)).draw(shops)


class _Page:
    """One open page."""

    def __init__(self, desk: Desk, visit: Visit, say: Labels, wish: Wish, known: int) -> None:
        self.desk, self.visit, self.say, self.wish, self.known = desk, visit, say, wish, known
        self.sliders: list[Slider] = []
        self._running: asyncio.Task[None] | None = None
        ui.context.client.on_delete(self.close)

    async def draw(self, shops: list[str]) -> None:
        """Orders, cadence, and what comes of it."""
        ui.label(self.say("lead")).classes("hf-muted")
        if len(shops) > 1:
            ui.select(
                shops, value=self.wish.shop, label=self.say("shop"), on_change=lambda e: self._other_shop(e.value)
            ).style("min-width: 12em")
        heading(self.say("which_orders"), 2)
        with ui.element("div").classes("hf-surface hf-box"):
            self._orders()
        heading(self.say("cadence"), 2)
        ui.label(self.say("cadence_how")).classes("hf-muted")
        for group in GROUPS:
            await self._group(group)
        self._start()
        self.place = ui.column().classes("full-width").style("gap: 12px")

    def _other_shop(self, shop: str) -> None:
        ui.run_javascript(f"location.href = '/console/simulate?shop=' + encodeURIComponent({shop!r})")

    def _orders(self) -> None:
        say, wish = self.say, self.wish
        names = {source: f"sources.{source}" for source in SOURCES}
        if self.known > MOST_KNOWN:
            names["known"] = "sources.newest"
        options = {source: say(name, n=f"{self.known:,}", most=f"{MOST_KNOWN:,}") for source, name in names.items()}
        self.source = ui.radio(options, value=wish.source, on_change=lambda e: self._choose(e.value))
        with ui.column().style("gap: 8px") as self.upload:
            self._upload()
        with ui.row().style("gap: 12px") as self.month:
            ui.number(say("orders"), value=wish.orders, min=10, max=5000, precision=0).bind_value(wish, "orders")
            ui.number(say("seed"), value=wish.seed, precision=0).bind_value(wish, "seed")
        self._choose(wish.source)
        with folded_row(say("more")):
            for label, name in (("since", "since"), ("until", "until")):
                ui.input(say(label)).props("type=date stack-label").bind_value(wish, name)
            for label, name in (("asked", "asked"), ("settled", "settled")):
                ui.input(say(label), placeholder="24h").props("stack-label").style("min-width: 16em").bind_value(
                    wish, name
                )
        ui.label(say("assume_how")).classes("hf-muted hf-small")

    def _choose(self, source: str) -> None:
        self.wish.source = source
        self.upload.set_visibility(source == "upload")
        self.month.set_visibility(source == "month")

    def _upload(self) -> None:
        say = self.say
        ui.label(say("upload_how")).classes("hf-muted")
        self.picker = (
            ui.upload(
                label=say("choose_files"),
                multiple=True,
                auto_upload=True,
                max_file_size=LARGEST,
                max_total_size=LARGEST,
                max_files=MOST_FILES,
                on_multi_upload=self._uploaded,
                on_rejected=lambda: self._warn("too_large_files"),
            )
            .props('accept=".csv,.xlsx,.jsonl,.ndjson,.txt"')
            .style("display: none")  # its own controls have no names; the button below presses its field
        )
        press = f"() => document.querySelector('#{self.picker.html_id} input[type=file]').click()"
        ui.button(say("choose_files"), icon="upload_file").props("no-caps outline").on("click", js_handler=press)
        self.files = ui.column().style("gap: 4px").props('role="status"')

    async def _uploaded(self, event: MultiUploadEventArguments) -> None:
        """Keep files under names of ours; their own are only shown."""
        self.told.set_text("")
        try:
            for file in event.files:
                await file.save(await self.wish.files.next(file.name, file.size()))
        except CannotRun as error:
            self._warn(error.word)
        self.picker.reset()
        self._list()

    def _list(self) -> None:
        self.files.clear()
        with self.files:
            for path, shown in zip(self.wish.files.paths, self.wish.files.shown, strict=True):
                with ui.row().classes("items-center").style("gap: 4px"):
                    ui.label(shown)
                    remove = ui.button(icon="close", on_click=lambda path=path: self._drop(path))
                    remove.props("flat round dense").props["aria-label"] = self.say("remove", name=shown)

    def _drop(self, path: Any) -> None:
        self.wish.files.drop(path)
        self._list()

    async def _group(self, group: str) -> None:
        label = self.say(f"groups.{group or 'shop'}")
        if group not in OPEN:
            folded(label, lambda: self._knobs(group)).classes("hf-surface")
            return
        with ui.expansion(label, value=True).props("dense").classes("full-width hf-surface"):
            await self._knobs(group)

    async def _knobs(self, group: str) -> None:
        for knob in KNOBS:
            if knob.group == group:
                self.sliders.append(Slider(knob, self.wish, self.say, self._changed))
                await breath()

    def _changed(self) -> None:
        """Another value: what was compared is not what would be saved any more."""
        n = len(self.wish.values)
        self.count.set_text(self.say("changes", n=n) if n else self.say("no_changes"))

    def _start(self) -> None:
        say = self.say
        with ui.row().classes("items-center").style("gap: 12px"):
            self.begin = ui.button(say("compare"), icon="science", on_click=self.start).props("no-caps")
            self.stop = ui.button(say("cancel"), icon="stop", on_click=self.cancel).props("no-caps outline")
            self.count = ui.label().classes("hf-muted").props('role="status"')
        with ui.column().classes("full-width").style("gap: 4px") as self.waits:
            self.bar = ui.linear_progress(0, show_value=False).props('rounded aria-label=""')
            self.bar.props["aria-label"] = say("progress")
            self.stage = ui.label().props('role="status"')
        self.told = ui.label().props('role="alert"').classes("hf-bad")
        self._changed()
        self._wait(False)

    def _wait(self, is_waiting: bool) -> None:
        self.begin.set_enabled(not is_waiting)
        self.stop.set_visibility(is_waiting)
        self.waits.set_visibility(is_waiting)

    def _warn(self, word: str, sentence: str = "") -> None:
        self.told.set_text(f"{self.say(word)} {sentence[:LONGEST]}".strip())

    async def start(self) -> None:
        """Compare, aside, until it is done or somebody cancels; pressed twice it begins once."""
        if self._running is not None and not self._running.done():
            return
        self.told.set_text("")
        self.place.clear()
        self._hear({"stage": "reading", "rows": 0})
        self._wait(True)
        self._running = asyncio.create_task(self._compare())
        await asyncio.wait({self._running})
        self._running.result()

    def cancel(self) -> None:
        """Stop it; the process ends with it."""
        if self._running is not None:
            self._running.cancel()

    def close(self) -> None:
        """The page is gone: so is what it began, and what was uploaded to it."""
        self.cancel()
        self.wish.files.clear()

    async def _compare(self) -> None:
        values = dict(self.wish.values)
        try:
            outcome, report = await run(self.desk, self.visit, self.wish, self._hear, self.say)
        except CannotRun as error:
            self._warn(error.word, error.sentence)
        except Failed as error:
            self._warn(f"failed.{error.why}", error.sentence)
        except asyncio.CancelledError:
            self._warn("cancelled")
        else:
            await did(self.desk, self.visit, "simulated", self.wish.shop)
            with self.place:
                await Compared(self.desk, self.visit, self.say, self.wish, values, outcome, report, self._saved).draw()
        finally:
            self._wait(False)

    def _hear(self, said: dict[str, Any]) -> None:
        stage = said["stage"]
        part = float(said.get("part", 0.0))
        self.bar.set_value({"reading": 0.02, "before": 0.05 + part * 0.45, "after": 0.5 + part * 0.45}.get(stage, 0.97))
        self.stage.set_text(self.say(f"stages.{stage}", n=f"{said.get('rows', 0):,}"))

    def _saved(self) -> None:
        """The present cadence is another now."""
        ui.run_javascript("setTimeout(() => location.reload(), 1500)")


def folded_row(label: str) -> ui.row:
    """A folded row of fields."""
    with ui.expansion(label).props("dense").classes("full-width"):
        return ui.row().style("gap: 12px")
