"""The page of reports without a browser: what is chosen, read, kept, told and downloaded."""

from __future__ import annotations

import asyncio
import csv
import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.app import App, bootstrap
from bot.config import load
from bot.console import figures as module
from bot.console.charts import Chart, Series
from bot.console.desk import Desk, Visit
from bot.console.downloads import FORMS, file_name
from bot.console.figure_charts import Charts
from bot.console.figure_rows import Teller
from bot.console.figures import BadDays, Choice, Found, Kept, chosen, found, his, shops_seen
from bot.console.labels import labels
from bot.console.live import Live
from bot.console.presence import Presence
from bot.console.tables import name_with, spark
from bot.figures.definitions import FIGURES
from bot.figures.names import Names
from bot.shop_month import timeline
from followup.desk.people import Person, Rank
from followup.model import Task, TaskState
from handlers import order_changed
from scheduler.clock import FakeClock
from store.figures import By

SAY = labels("reports", "en")
NOON = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
TODAY = date(2026, 3, 20)
CONFIG = """\
[database]
url = "sqlite:///{folder}/huifang.db"

[agents]
lang = "en"
[agents.people.li]
name = "Li <b>"
[agents.people.mei]
[agents.people.wang]
rank = "supervisor"
shops = ["tea"]

[shops.tea]
[shops.tea.unpaid_order]
hold_out = 30
[shops.abroad]
platform = "independent"
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A month of a shop up to NOON, and a task of two people."""
    folder = tmp_path_factory.mktemp("reports")
    (folder / "config.toml").write_text(CONFIG.format(folder=folder), "utf-8")
    app = bootstrap(load(folder / "config.toml"), clock=FakeClock(NOON), speaking=False)
    for event in timeline(120, 7, start=NOON - timedelta(days=25), shop="tea"):
        at = event.order.observed_at
        if at < NOON:
            app.store.run(
                lambda tx, event=event, at=at: order_changed.order_changed(event, tx, app.deps, at),
                order_changed.wanted(event),
            )
    for number, who in enumerate(("li", "li", "mei")):
        at = NOON - timedelta(hours=5 + number)
        task = Task(f"t{number}", "tea", "", "angry", "", at, state=TaskState.DONE, closed_at=at, closed_by=who)
        task = replace(task, assignee=who)
        app.store.run(lambda tx, task=task: tx.save(task))
    yield app
    app.close()


@pytest.fixture
def desk(app: App) -> Desk:
    """Its desk."""
    return Desk(app.config, None, app.store, app.deps, app.clock, Live.__new__(Live), Presence())


def _visit(who: str, rank: Rank = Rank.AGENT, *shops: str) -> Visit:
    return Visit(Person(who, rank=rank, shops=frozenset(shops)), "en")


def _told(of: Found, desk: Desk) -> Teller:
    return Teller(of, Names("en", desk.deps.roster), SAY)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice("tea", "today"), (TODAY, TODAY)),
        (Choice("tea", "7"), (date(2026, 3, 14), TODAY)),
        (Choice("tea", "30"), (date(2026, 2, 19), TODAY)),
        (Choice("tea", "month"), (date(2026, 3, 1), TODAY)),
        (Choice("tea", "days", "2026-01-02", "2026-01-03"), (date(2026, 1, 2), date(2026, 1, 3))),
    ],
)
def test_periods_are_days(choice: Choice, expected: tuple[date, date]) -> None:
    """Both ends are counted in."""
    assert expected == choice.days(TODAY)


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [
        ("", "2026-01-01", "days_wrong"),
        ("x", "y", "days_wrong"),
        ("0001-01-01", "0001-01-02", "days_wrong"),
        ("2026-01-02", "2026-01-01", "days_backwards"),
        ("2024-01-01", "2026-01-01", "days_many"),
    ],
)
def test_days_that_cannot_be_counted(since: str, until: str, why: str) -> None:
    """Each has its own sentence."""
    with pytest.raises(BadDays, match=why):
        Choice("tea", "days", since, until).days(TODAY)
    assert SAY(why)


@given(*[st.text(max_size=12)] * 5)
def test_any_address_shows_something(shop: str, period: str, since: str, until: str, by: str) -> None:
    """Whatever stands in an address, a choice comes of it whose own address means the same."""
    desk: Any = type("D", (), {"deps": type("P", (), {"policies": {"tea": None, "abroad": None}})})
    choice = chosen(desk, _visit("li"), shop, period, since, until, by)
    assert choice.shop in ("tea", "abroad")
    assert choice.url.startswith("/console/reports?")
    assert choice.by in By


def test_only_own_shops_are_offered(desk: Desk) -> None:
    """Who works for one shop sees that one."""
    assert ["abroad", "tea"] == shops_seen(desk, _visit("li"))
    assert ["tea"] == shops_seen(desk, _visit("wang", Rank.SUPERVISOR, "tea"))
    assert "tea" == chosen(desk, _visit("wang", Rank.SUPERVISOR, "tea"), "abroad", "7", "", "", "day").shop


async def test_the_time_before_is_as_long(desk: Desk) -> None:
    """A week is compared with the week before it, and drawn by its own days."""
    told = await found(desk, Choice("tea", "7"))
    assert told.report.scope.since == told.before.scope.until
    assert (7, 7) == (len(told.report.parts), len(told.before.parts))
    assert told.daily is told.report


async def test_a_day_is_drawn_with_its_week(desk: Desk) -> None:
    """One day alone has no trend."""
    told = await found(desk, Choice("tea", "today"))
    assert (1, 1, 7) == (len(told.report.parts), len(told.before.parts), len(told.daily.parts))


async def test_results_are_kept_for_a_minute(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for the same reads nothing anew; who asks for something else does; a failure is not kept."""
    kept: Kept[int] = Kept()
    asked: list[int] = []

    async def make() -> int:
        asked.append(1)
        if len(asked) == 2:
            raise FileNotFoundError
        return len(asked)

    assert [1, 1] == list(await asyncio.gather(kept.get("a", make), kept.get("a", make)))
    with pytest.raises(FileNotFoundError):
        await kept.get("b", make)
    assert 3 == await kept.get("b", make)
    monkeypatch.setattr(module, "KEEP", 0.0)
    assert [4, 5] == [await kept.get("c", make), await kept.get("c", make)]


async def test_one_page_that_closes_leaves_the_reading_to_others() -> None:
    """It goes on for who waits for the same."""
    kept: Kept[str] = Kept()
    goes_on = asyncio.Event()

    async def make() -> str:
        await goes_on.wait()
        return "read"

    first, second = (asyncio.create_task(kept.get("a", make)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    goes_on.set()
    assert "read" == await second


async def test_an_agent_sees_no_figures_of_others(desk: Desk) -> None:
    """His own beside the shop's totals; in whatever form they are downloaded. A supervisor sees all."""
    told = await found(desk, Choice("tea", "7", by=By.AGENT))
    own, all_ = his(told, _visit("li"), desk.deps.roster), his(told, _visit("wang", Rank.SUPERVISOR), desk.deps.roster)
    assert ("li",) == own.report.parts
    assert {"li", "mei"} <= set(all_.report.parts)
    line = own.report.line("tasks_done")
    assert line is not None
    assert (3, (2,)) == (line.total, line.parts)
    assert all(len(line.parts) == 1 for line in own.report.lines)
    names = Names("en", desk.deps.roster)
    for ending in ("csv", "html", "json"):
        assert "mei" not in FORMS[ending][1](own.report, names).decode("utf-8-sig")
        assert "mei" in FORMS[ending][1](all_.report, names).decode("utf-8-sig")


async def test_who_has_no_figures_sees_the_totals(desk: Desk) -> None:
    """Nobody else's stand in their place."""
    told = his(await found(desk, Choice("tea", "7", by=By.AGENT)), _visit("nobody"), desk.deps.roster)
    assert () == told.report.parts
    assert 3 == told.report.value("tasks_done")


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
async def test_every_figure_is_there_with_what_it_means(desk: Desk, lang: str) -> None:
    """Name, unit and definition; shy ones as soon as there is something of them."""
    told = await found(desk, Choice("tea", "30"))
    teller = Teller(told, Names(lang, desk.deps.roster), labels("reports", lang))
    for figure in FIGURES:
        assert teller.name(figure)
        assert "{" not in teller.definition(figure)
        assert 5 == len(teller.row(figure))
    shown = [row for _, rows in teller.sections() for row in rows]
    assert len([figure for figure in FIGURES if not figure.shy]) <= len(shown) <= len(FIGURES)
    assert len(teller.heads()) == len(shown[0])


async def test_changes_have_their_sign(desk: Desk) -> None:
    """Counts in percent, shares in points, nothing where there was nothing before."""
    told = await found(desk, Choice("tea", "7"))
    teller = _told(told, desk)
    by_id = {figure.id: figure for figure in FIGURES}
    now, before = (report.value("orders_paid") for report in (told.report, told.before))
    assert now is not None
    assert before
    assert f"{float(now) / float(before) - 1:+.0%}" == teller.change(by_id["orders_paid"])
    assert teller.change(by_id["refund_rate"]).endswith(" points")
    assert "–" == teller.change(by_id["first_person_median"])


async def test_charts_and_their_tables_say_the_same(desk: Desk) -> None:
    """Each row of a table has the slot and as many values as there are rows of bars."""
    told = await found(desk, Choice("tea", "30"))
    made = list(Charts(told.report, Names("en", desk.deps.roster), SAY))
    assert len(made) >= 6
    for each in made:
        assert each.title in each.told
        for slot, row in zip(each.slots, each.rows(), strict=True):
            assert slot == row[0]
            assert len(row) == len(each.heads("part")) == 1 + len(each.series)
        options = each.options()
        assert [list(one.values) for one in each.series] == [one["data"] for one in options["series"]]
        assert options["aria"]["enabled"]
    paid = next(each for each in made if each.title == SAY("orders"))
    assert sum(value or 0 for value in paid.series[0].values) == told.report.value("orders_paid")


def test_a_chart_tells_sums_and_spans() -> None:
    """Who cannot see it hears them."""
    bars = Chart("Said", ("a", "b"), (Series("sent", (1, 2)), Series("held", (None, 4))))
    lines = replace(bars, lines=True)
    assert "Said: sent 3, held 4" == bars.told
    assert "Said: sent 1–2, held 4–4" == lines.told
    assert [["a", "1", "–"], ["b", "2", "4"]] == bars.rows()
    assert Chart("x", (), (Series("sent", ()),)).is_empty


@given(st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), max_size=40))
def test_a_small_line_stays_in_its_frame(values: list[float | None]) -> None:
    """Whatever the values, and with gaps."""
    drawn = spark(values, "told")
    known = [value for value in values if value is not None]
    assert bool(drawn) == (len(known) >= 2)
    for part in str(drawn).split('points="')[1:]:
        for point in part.split('"')[0].split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= 100
            assert 1.9 <= y <= 22.1


def test_what_comes_from_outside_is_escaped() -> None:
    """Names of people stand in tables as text."""
    assert "<b>" not in name_with("<b>", "<i>")
    assert "&lt;i&gt;" in spark([1, 2], "<i>")


async def test_downloads_hold_the_same_figures(desk: Desk) -> None:
    """XLSX, CSV and JSON agree with the report, and no name is a formula."""
    told, names = await found(desk, Choice("tea", "7")), Names("en", desk.deps.roster)
    report = told.report
    sheet = load_workbook(BytesIO(FORMS["xlsx"][1](report, names))).active
    rows = list(csv.reader(StringIO(FORMS["csv"][1](report, names).decode("utf-8-sig"))))
    plain = json.loads(FORMS["json"][1](report, names))
    paid = report.value("orders_paid")
    assert {paid} == {
        next(row[2].value for row in sheet.iter_rows() if row[0].value == "orders_paid"),  # type: ignore[union-attr]
        next(int(row[3]) for row in rows if row[0] == "orders_paid"),
        next(each["total"] for each in plain["figures"] if each["id"] == "orders_paid"),
    }
    assert len(report.lines) + 1 == len(rows)
    assert "huifang-tea-2026-03-14-2026-03-20-day.csv" == file_name(report, "csv")


def test_labels_cover_what_can_be_chosen() -> None:
    """Each period, cut and unit has its words in both languages."""
    tables = tomllib.loads(Path(module.__file__).with_name("labels").joinpath("reports.toml").read_text("utf-8"))
    for table in tables.values():
        assert set(module.PERIODS) == set(table["periods"])
        assert {by.value for by in By} == set(table["cuts"])
        assert {figure.unit.value for figure in FIGURES} == set(table["units"])
