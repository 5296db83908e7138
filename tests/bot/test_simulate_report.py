"""The page that a shop owner decides on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from bot.report.charts import nice, timeline
from bot.report.conversations import conversations
from bot.report.figures import GROUPS, by_period, figures
from bot.report.labels import LANGS, labels
from bot.shop_month import timeline as month
from bot.simulate import Simulation, simulate
from bot.simulate_facts import UNDATED
from bot.simulate_read import Rejected
from bot.simulate_report import render
from followup.events import OrderChanged
from followup.kinds import KINDS
from followup.model import State, Verdict
from followup.ports import BadRow
from tests.bot.simulate_deps import deps
from tests.followup.makers import an_order

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=y>"
VOID = {"meta", "link", "rect", "line", "path", "br", "img"}


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(month(300, 3, shop="shop"), deps())


def _page(simulation: Simulation, lang: str = "en", rejected: Rejected | None = None) -> str:
    return render(simulation, figures(simulation), rejected or Rejected(), "shop", lang)


class _Tags(HTMLParser):
    """Collects every tag with its attributes, and checks that tags close in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert tag == self.open.pop()


@pytest.mark.parametrize("lang", LANGS)
def test_it_needs_nothing_else(simulation: Simulation, lang: str) -> None:
    """No script, no address, nothing to fetch; every tag is closed."""
    page = _page(simulation, lang)
    tags = _Tags(page)
    assert [] == tags.open
    assert set() == {tag for tag, _ in tags.seen} & {"script", "img", "iframe", "object", "base", "form"}
    assert {None, "data:,"} == {attrs.get("src", attrs.get("href")) for _, attrs in tags.seen}
    assert [] == re.findall(r"https?:|url\(|@import", page)


def test_everything_from_outside_is_escaped() -> None:
    """Hostile buyers, goods, ids and rows are text, not markup."""
    order = replace(an_order(), observed_at=UNDATED, goods=EVIL, buyer_name=EVIL, buyer=EVIL, id=EVIL)
    rejected = Rejected(1, [(EVIL, BadRow(2, EVIL, EVIL, EVIL))])
    page = _page(simulate([OrderChanged(order)], deps()), rejected=rejected)
    assert {"script", "img"}.isdisjoint(tag for tag, _ in _Tags(page).seen)
    assert "&lt;script&gt;" in page


def test_a_simulation_of_nothing() -> None:
    """No orders, no charts, no error."""
    assert [] == _Tags(_page(simulate([], deps()))).open


@pytest.mark.parametrize("lang", LANGS)
def test_labels_are_complete(lang: str) -> None:
    """Every kind, state and verdict has its words, and both languages have the same ones."""
    words = labels(lang)
    assert set(KINDS) == set(words["kinds"])
    assert {state.value for state in State} == set(words["states"])
    assert {verdict.value for verdict in Verdict} - {"sent"} == set(words["verdicts"]) == set(words["meanings"])
    assert _names(labels("en")) == _names(words)


def _names(table: Mapping[str, Any]) -> set[str]:
    return {f"{name}.{key}" for name, value in table.items() for key in (value if isinstance(value, dict) else "-")}


def test_samples_cover_every_outcome(simulation: Simulation) -> None:
    """Each kind shows each of its outcomes, in the order of time, and the same ones every time."""
    talks = conversations(simulation, "en")
    outcomes = {(kind, state) for kind, states in figures(simulation).outcomes.items() for state in states}
    assert outcomes == {(talk.thread.kind, talk.thread.state.value) for talk in talks}
    assert all([line.at for line in talk.lines] == sorted(line.at for line in talk.lines) for talk in talks)
    assert talks == conversations(simulation, "en")


def test_bars_stand_on_the_zero_line() -> None:
    """What was said goes up, what was not goes down, on one scale."""
    slots = {1: Counter(sent=10, postponed=4, dropped=6), 2: Counter[str]()}
    chart = timeline(slots, str, GROUPS, labels("en"), 2)
    sent, postponed, dropped = chart.bars
    assert (50.0, 0.0, 50.0) == (chart.zero, sent.y, sent.height)
    assert (50.0, 20.0, 70.0, 30.0) == (postponed.y, postponed.height, dropped.y, dropped.height)
    assert (("1", "10", "4", "6"), ("2", "0", "0", "0")) == chart.rows


@pytest.mark.parametrize(("length", "bars"), [(0, 0), (70, 70), (71, 11), (500, 18), (3000, 9)])
def test_a_long_time_has_few_bars(length: int, bars: int) -> None:
    """Days become weeks and more, and no message is lost from the chart."""
    days = {date(2020, 1, 1) + timedelta(days=n): Counter(sent=1) for n in range(length)}
    periods = by_period(days, 70)
    assert (bars, length) == (len(periods), sum(counted["sent"] for counted in periods.values()))


@pytest.mark.parametrize(("least", "expected"), [(0, 1), (1, 1), (3, 5), (11, 20), (26, 50), (501, 1000)])
def test_nice_steps(least: float, expected: int) -> None:
    """Axes count in 1, 2, 5, 10, …"""
    assert expected == nice(least)
