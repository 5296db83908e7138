"""What came of a comparison, drawn: figures and charts of both sides, the orders that differ, saving."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import orjson
from nicegui import ui

from bot.cadence import Knob, Value
from bot.comparing import Differing, Measure, Unit
from bot.comparing_job import Outcome
from bot.config import ConfigError
from bot.console.charts import Chart, Series, Words, breath, chart, folded
from bot.console.desk import Desk, Visit
from bot.console.labels import Labels
from bot.console.parts import heading, nothing
from bot.console.sessions import did
from bot.console.simulating import Wish, may_save, save
from bot.console.tables import table
from bot.report.compared import Names, as_json, rows
from bot.report.conversations import Line
from bot.report.figures import by_period

DAYS, AT_ONCE = 70, 20


@dataclass(frozen=True)
class Compared:
    """The results of one comparison; `values` are those it was made with, `saved` is called once they are saved."""

    desk: Desk
    visit: Visit
    say: Labels
    wish: Wish
    values: Mapping[Knob, Value]
    outcome: Outcome
    report: str
    saved: Callable[[], None]

    @property
    def names(self) -> Names:
        return Names(self.visit.lang)

    async def draw(self) -> None:
        """Everything, what matters most first."""
        top = heading(self.say("results"), 2)
        ui.run_javascript(f"document.getElementById('{top.html_id}').scrollIntoView({{block: 'center'}})")
        self._told()
        names, compared = self.names, self.outcome.comparison
        table(self.say("results"), self._heads(), rows(list(compared.measures()), names))
        self._actions()
        with ui.element("div").classes("hf-charts"):
            words = Words(self.say("as_table"), names("figure"), self.say("nothing"))
            for each in (self._steps(), self._days(), self._hours(), self._held()):
                chart(each, words)
                await breath()
        await self._orders()

    def _heads(self) -> list[str]:
        return [self.names(word) for word in ("figure", "before", "after", "difference")]

    def _told(self) -> None:
        """What the figures rest on: rows that could not be read, and what was assumed."""
        for sentence in self.outcome.assumed:
            ui.label(sentence).classes("hf-muted")
        if not self.outcome.rejected:
            return
        with ui.element("section").classes("hf-surface hf-box"):
            ui.label(self.say("rejected", n=f"{self.outcome.rejected:,}")).classes("hf-warn")
            for row in self.outcome.first:
                where = self.say("bad_line", file=row.file, line=row.line, column=row.column)
                ui.label(f"{where} {self.say('bad_value', value=row.value, expected=row.expected)}").classes("hf-small")
            if self.outcome.rejected > len(self.outcome.first):
                ui.label(self.say("more_bad", n=self.outcome.rejected - len(self.outcome.first))).classes("hf-small")

    def _actions(self) -> None:
        with ui.row().classes("items-center").style("gap: 12px"):
            ui.button(self.say("save"), icon="save", on_click=self._ask).props("no-caps").set_enabled(bool(self.values))
            ui.button(self.say("report"), icon="download", on_click=self._page).props("no-caps outline")
            ui.button("JSON", icon="download", on_click=self._json).props("no-caps outline")

    def _page(self) -> None:
        ui.download.content(self.report.encode(), f"huifang-simulate-{self.wish.shop}.html", "text/html")

    def _json(self) -> None:
        told = orjson.dumps(as_json(self.outcome.comparison), option=orjson.OPT_INDENT_2)
        ui.download.content(told, f"huifang-simulate-{self.wish.shop}.json", "application/json")

    def _steps(self) -> Chart:
        return self._chart(self.names("steps"), self.outcome.comparison.table("steps"), "steps")

    def _held(self) -> Chart:
        return self._chart(self.names("held"), self.outcome.comparison.table("held"), "held")

    def _hours(self) -> Chart:
        return self._chart(self.names("by_hour"), self.outcome.comparison.table("hours"), "hours")

    def _days(self) -> Chart:
        """By day, or by so many days that there is room for them."""
        measures = self.outcome.comparison.table("days")
        before, after = (
            by_period({date.fromisoformat(each.id): Counter(n=int(side or 0)) for each, side in sides}, DAYS)
            for sides in ([(each, each.before) for each in measures], [(each, each.after) for each in measures])
        )
        joined = [Measure(day.isoformat(), Unit.COUNT, before[day]["n"], after[day]["n"]) for day in before]
        return self._chart(self.names("by_day"), joined, "days")

    def _chart(self, title: str, measures: list[Measure], of: str) -> Chart:
        names = self.names
        slots = tuple(names.key(of, each.id) for each in measures)
        sides = (tuple(each.before for each in measures), tuple(each.after for each in measures))
        changes = tuple(names.difference(each) for each in measures)
        series = tuple(Series(names(word), side) for word, side in zip(("before", "after"), sides, strict=True))
        return Chart(title, slots, series, more=((names("difference"), changes),))

    async def _orders(self) -> None:
        """The orders that differ, a few at a time."""
        compared = self.outcome.comparison
        heading(self.names("orders"), 2)
        if not compared.differing:
            nothing(self.names("none_differ"))
            return
        ui.label(self.names("differing", n=f"{compared.differing:,}"))
        if compared.differing > len(compared.orders):
            ui.label(self.names("first_of", n=len(compared.orders))).classes("hf-muted")
        place = ui.column().classes("full-width").style("gap: 4px")
        more = ui.button(self.say("more_orders")).props("no-caps flat")
        shown = 0

        async def show() -> None:
            nonlocal shown
            first, shown = shown, shown + AT_ONCE
            more.set_visibility(shown < len(compared.orders))
            with place:
                for order in compared.orders[first:shown]:
                    self._order(order)
                    await breath()

        more.on_click(show)
        await show()

    def _order(self, order: Differing) -> None:
        before, after = order.messages
        title = " · ".join(filter(None, (f"{self.names('order')} {order.order_id}", order.buyer)))
        folded(f"{title} · {before} → {after}", lambda: self._stories(order)).classes("hf-surface")

    def _stories(self, order: Differing) -> None:
        with ui.element("div").classes("hf-stories"):
            for word, lines in (("before", order.before), ("after", order.after)):
                with ui.element("section"):
                    heading(self.names(word), 3)
                    for line in lines:
                        _line(line)
                    if not lines:
                        nothing(self.names("nothing_told"))

    def _ask(self) -> None:
        """What would be saved, and what it does, before it is."""
        say, names = self.say, self.names
        with ui.dialog() as dialog, ui.card().style("max-width: min(720px, 95vw); width: 100%"):
            dialog.props["aria-label"] = say("save")
            heading(say("save_title", shop=self.wish.shop), 2)
            if dict(self.wish.values) != dict(self.values):
                ui.label(say("compare_again")).props('role="alert"').classes("hf-warn")
            elif not may_save(self.desk, self.visit, self.wish.shop):
                ui.label(say("not_yours")).props('role="alert"').classes("hf-warn")
            else:
                heads = [names("option"), names("before"), names("after")]
                table(say("changed"), heads, self.wish.changes(say))
                first = next(self.outcome.comparison.measures())
                figures = (names.value(first.before, first.unit), names.value(first.after, first.unit))
                ui.label(say("messages", before=figures[0], after=figures[1], difference=names.difference(first)))
                self._confirm(dialog)
            ui.button(say("back"), on_click=dialog.close).props("flat no-caps")
        dialog.open()

    def _confirm(self, dialog: ui.dialog) -> None:
        wrong = ui.label().props('role="alert"').classes("hf-bad")

        async def confirmed() -> None:
            if not button.enabled:
                return
            button.disable()
            if why := await self._save():
                wrong.set_text(why)
                button.enable()
                return
            ui.notify(self.say("saved"), type="positive")
            dialog.close()
            self.saved()

        button = ui.button(self.say("save_now"), icon="save", on_click=confirmed).props("no-caps")

    async def _save(self) -> str:
        """Save what was compared, wherever the sliders stand by now; returns why it could not be."""
        wish = replace(self.wish, values=dict(self.values))
        if not may_save(self.desk, self.visit, wish.shop):
            return self.say("not_yours")
        try:
            await save(self.desk, wish)
        except ConfigError as error:
            return str(error)
        await did(self.desk, self.visit, "cadence", f"{wish.shop}: {_told(wish.changes(self.say))}")
        return ""


def _told(changes: tuple[tuple[str, str, str], ...]) -> str:
    return "; ".join(f"{name} {was} → {becomes}" for name, was, becomes in changes)


def _line(line: Line) -> None:
    with ui.element("div").classes(f"hf-line hf-line-{line.side}"):
        ui.label(f"{line.when} · {line.title}").classes("hf-muted hf-small")
        if line.text:
            ui.label(line.text)
