"""Reports: the key figures of a shop as charts and tables (rule 100), with the time before beside them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from nicegui import ui

from bot.console.charts import Words, breath, chart, dress, folded
from bot.console.desk import Desk, Visit
from bot.console.downloads import FORMS, file_name
from bot.console.figure_charts import Charts
from bot.console.figure_rows import Teller
from bot.console.figures import PERIODS, BadDays, Choice, Found, chosen, found, his, shops_seen
from bot.console.frame import page
from bot.console.labels import Labels
from bot.console.parts import heading, nothing
from bot.console.sessions import did
from bot.console.tables import table
from bot.figures import comparing
from bot.figures.names import NONE, Names
from bot.figures.report import Report
from bot.routine.names import names as routine_names
from followup.desk.people import Rank
from followup.model import Money
from scripts_library.localise import money
from store.figures import By

SECOND = timedelta(seconds=1)


@page("/reports", "reports")
async def reports(
    desk: Desk, visit: Visit, shop: str = "", period: str = "", since: str = "", until: str = "", by: str = ""
) -> None:
    """The figures that the address asks for."""
    dress()
    say = visit.labels("reports")
    heading(say("title"), 1)
    if not shops_seen(desk, visit):
        nothing(say("no_shop"))
        return
    _Reports(desk, visit, say, chosen(desk, visit, shop, period, since, until, by)).draw()


class _Reports:
    """One open page: what is chosen, and where the figures stand."""

    def __init__(self, desk: Desk, visit: Visit, say: Labels, choice: Choice) -> None:
        self.desk, self.visit, self.say, self.choice = desk, visit, say, choice
        self.names = Names(visit.lang, desk.deps.roster)
        self.shown: Found | None = None
        self._reading: asyncio.Task[None] | None = None

    def draw(self) -> None:
        """The choices, and beneath them the figures as soon as they are counted."""
        self._choices()
        self.waits = ui.row().props('role="status"').classes("items-center")
        with self.waits:
            ui.spinner(size="md").props('aria-hidden="true"')
            ui.label(self.say("reading"))
        self.place = ui.column().classes("full-width").style("gap: 12px")
        ui.timer(0, self.refresh, once=True)

    async def refresh(self) -> None:
        """Count what is chosen now; what was asked for before is not shown any more."""
        if self._reading is not None:
            self._reading.cancel()
        reading = self._reading = asyncio.create_task(self._read())
        await asyncio.wait({reading})
        if not reading.cancelled():
            reading.result()

    async def _read(self) -> None:
        self.waits.set_visibility(True)
        try:
            told = his(await found(self.desk, self.choice), self.visit, self.desk.deps.roster)
        except BadDays as error:
            self._say_instead(str(error))
            return
        except Exception:
            self._say_instead("broken")
            raise
        self.shown = told
        self.waits.set_visibility(False)
        self.place.clear()
        with self.place:
            await _Told(self.desk, self.visit, self.say, self.names, told).draw()

    def _say_instead(self, word: str) -> None:
        self.shown = None
        self.waits.set_visibility(False)
        self.place.clear()
        with self.place:
            ui.label(self.say(word)).props('role="alert"').classes("hf-bad")

    async def choose(self, **what: object) -> None:
        """Another choice, kept in the address."""
        self.choice = replace(self.choice, **what)  # type: ignore[arg-type]
        self.days.set_visibility(self.choice.period == "days")
        if self.choice.period == "days" and not self.choice.since:
            self._suggest()
        ui.navigate.history.replace(self.choice.url)
        await self.refresh()

    def _suggest(self) -> None:
        """The last week, to begin with."""
        today = self.desk.clock.now().astimezone(self.desk.zone(self.choice.shop)).date()
        self.since.value, self.until.value = (today - timedelta(days=6)).isoformat(), today.isoformat()
        self.choice = replace(self.choice, since=self.since.value, until=self.until.value)

    def _choices(self) -> None:
        say, choice = self.say, self.choice
        with ui.row().classes("items-end full-width").style("gap: 12px"):
            shops = shops_seen(self.desk, self.visit)
            if len(shops) > 1:
                ui.select(shops, value=choice.shop, label=say("shop"), on_change=lambda e: self.choose(shop=e.value))
            periods = {name: say(f"periods.{name}") for name in PERIODS}
            ui.select(
                periods, value=choice.period, label=say("period"), on_change=lambda e: self.choose(period=e.value)
            ).style("min-width: 9em")
            self._days()
            cuts = {by.value: say(f"cuts.{by}") for by in By}
            ui.select(
                cuts, value=choice.by.value, label=say("cut"), on_change=lambda e: self.choose(by=By(e.value))
            ).style("min-width: 8em")
            self._downloads()

    def _days(self) -> None:
        with ui.row().classes("items-end").style("gap: 12px") as self.days:
            self.since = ui.input(self.say("since"), value=self.choice.since).props("type=date stack-label")
            self.until = ui.input(self.say("until"), value=self.choice.until).props("type=date stack-label")
            ui.button(
                self.say("show"),
                on_click=lambda: self.choose(since=self.since.value or "", until=self.until.value or ""),
            ).props("outline no-caps")
        self.days.set_visibility(self.choice.period == "days")

    def _downloads(self) -> None:
        with ui.button(self.say("download"), icon="download").props("outline no-caps"), ui.menu().props("auto-close"):
            for ending in FORMS:
                ui.menu_item(ending.upper(), on_click=lambda ending=ending: self.download(ending))

    async def download(self, ending: str) -> None:
        """What is shown, as a file."""
        if self.shown is None:
            return
        kind, make = FORMS[ending]
        made = await asyncio.to_thread(make, self.shown.report, self.names)
        await did(self.desk, self.visit, "report_downloaded", self.choice.shop)
        ui.download.content(made, file_name(self.shown.report, ending), kind)


@dataclass(frozen=True)
class _Told:
    """Draws what was found."""

    desk: Desk
    visit: Visit
    say: Labels
    names: Names
    found: Found

    @property
    def report(self) -> Report:
        return self.found.report

    async def draw(self) -> None:
        """Figures that say most, charts, the comparison group, losses and causes, every figure."""
        teller = Teller(self.found, self.names, self.say)
        self._period()
        self._tiles(teller)
        heading(self.say("charts"), 2)
        words = Words(self.say("as_table"), self.say("part"), self.say("nothing"))
        with ui.element("div").classes("hf-charts"):
            drawn = self.report if self.report.parts else self.found.daily
            for each in Charts(drawn, self.names, self.say):
                chart(each, words)
                await breath()
        for part in (self._held_out, self._causes, self._losses):
            part()
            await breath()
        await self._figures(teller)

    def _period(self) -> None:
        scope = self.report.scope
        at = f"{scope.now.astimezone(scope.zone):%Y-%m-%d %H:%M}"
        ui.label(self.say("as_of", days=self.names.period(self.report), at=at)).classes("hf-muted")
        first, last = _days(self.found.before)
        ui.label(self.say("compared_with", days=f"{first} – {last}")).classes("hf-muted")
        if scope.by is By.AGENT and self.visit.person.rank < Rank.SUPERVISOR:
            ui.label(self.say("own_only")).classes("hf-muted")

    def _tiles(self, teller: Teller) -> None:
        with ui.element("div").classes("hf-tiles"):
            for name, value, change in teller.tiles():
                with ui.element("div").classes("hf-surface"):
                    ui.label(value).classes("hf-tile-value")
                    ui.label(name)
                    ui.label(change).classes("hf-muted")

    def _held_out(self) -> None:
        heading(self.say("held_out"), 2)
        compared = self.report.comparison
        if compared is None:
            nothing(self.say("no_held_out"))
            return
        ui.label(comparing.conclusion(compared, self.names))
        table(self.say("held_out"), comparing.columns(self.names), comparing.rows(compared, self.names))

    def _causes(self) -> None:
        """Where it went wrong, as the digest tells it (rules 44, 102)."""
        heading(self.say("causes"), 2)
        if self.found.causes.is_empty:
            nothing(self.say("no_causes"))
            return
        said = routine_names(self.visit.lang)
        heads = [self.say(word) for word in ("cause", "kind", "count", "before", "granted", "settle")]
        rows = [
            [
                said.cause(line.cause),
                said.kind(line.kind),
                f"{line.matters:,}",
                f"{line.before:,}",
                _sum(line.granted, self.visit.lang) or NONE,
                self.names.span(line.settle.total_seconds()) if line.settle else NONE,
            ]
            for line in self.found.causes.lines
        ]
        table(self.say("causes"), heads, rows)
        for line in self.found.causes.lines:
            for goods, count in line.goods if line.matters > 1 else ():
                ui.label(self.say("goods", cause=said.cause(line.cause), goods=goods, n=count)).classes("hf-muted")

    def _losses(self) -> None:
        """What was lost, damaged or late, by sort (rule 82)."""
        heading(self.say("losses"), 2)
        lost = self.found.losses
        if not lost:
            nothing(self.say("no_losses"))
            return
        said = routine_names(self.visit.lang)
        counts, amounts = Counter(each.what.value for each in lost), [each.amount for each in lost if each.amount]
        ui.label(self.say("sum", n=len(lost), money=_sum(amounts, self.visit.lang) or NONE))
        rows = [
            [
                said.of("loss", what),
                f"{count:,}",
                _sum([each.amount for each in lost if each.what.value == what and each.amount], self.visit.lang)
                or NONE,
            ]
            for what, count in counts.most_common()
        ]
        table(self.say("losses"), [self.say("kind"), self.say("count"), self.say("units.money")], rows)

    async def _figures(self, teller: Teller) -> None:
        heading(self.say("figures"), 2)
        for section, rows in teller.sections():
            heading(section, 3)
            table(section, teller.heads(), rows)
            await breath()
        report = self.report
        _all(teller, self.say("all_parts", by=self.say(f"cuts.{report.scope.by}")), report)
        if self.found.daily is not report:
            _all(teller, self.say("all_parts", by=self.say("cuts.day")), self.found.daily)
        ui.label(self.names("ripe", hours=int(report.scope.within.total_seconds() // 3600))).classes("hf-muted")
        ui.label(self.say("definitions_in")).classes("hf-muted")


def _all(teller: Teller, title: str, report: Report) -> None:
    folded(title, lambda: table(title, *teller.parts(report)))


def _days(report: Report) -> tuple[date, date]:
    scope = report.scope
    return scope.since.astimezone(scope.zone).date(), (scope.until - SECOND).astimezone(scope.zone).date()


def _sum(amounts: Sequence[Money], lang: str) -> str:
    """The sums by currency; "" of none."""
    sums: dict[str, Decimal] = {}
    for each in amounts:
        sums[each.currency] = sums.get(each.currency, Decimal(0)) + each.amount
    return " + ".join(money(Money(amount, currency), lang) for currency, amount in sorted(sums.items()))
