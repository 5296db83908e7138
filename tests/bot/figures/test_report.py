"""From a ledger to figures: values, parts, people, and the comparison."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from bot.figures.comparing import conclusion, rows
from bot.figures.definitions import FIGURES
from bot.report.labels import LANGS
from followup.desk.people import Roster
from followup.model import TaskState
from store.figures import By
from tests.bot.figures.some import EN, ROSTER, ZH, Names, a_report, held_out
from tests.store.figures.ledger import tell
from tests.store.makers import NOON, a_task

DOCS = Path(__file__).parents[3] / "docs/figures.md"
MONDAY = "2026-03-02"


def test_the_week_in_figures(sqlite_url: str) -> None:
    """Each figure as it is worked out by hand."""
    report = a_report(sqlite_url)
    expected = {
        "conversations": 1,
        "reply_rate": 1.0,
        "first_person_median": 300.0,
        "first_bot_median": None,
        "orders_paid": 1,
        "average_order": Decimal("25.50"),
        "unpaid_reminded": 2,
        "unpaid_recovered": 1,
        "recovery_rate": 0.5,
        "recovered_value": Decimal("25.50"),
        "refund_rate": 0.0,
        "refund_took_median": None,
        "inquiry_paid": None,
        "clocks": 0.0,
        "clocks.logistics": 0.0,
        "verdict.sent": 2,
        "tasks_given": 1,
        "task_taken_median": 180.0,
        "opened": 2,
        "closed": 1,
    }
    assert expected == {name: report.value(name) for name in expected}


def test_a_day_without_anything_has_no_rates(sqlite_url: str) -> None:
    """Counts are nought, shares and times are not there: never nought by accident."""
    report = a_report(sqlite_url)
    tuesday = {line.figure.id: line.parts[1] for line in report.lines}
    assert (0, None, None, None) == tuple(
        tuesday[name] for name in ("conversations", "reply_rate", "first_person_p90", "average_order")
    )


def test_sorts_that_did_not_occur_are_not_shown(sqlite_url: str) -> None:
    """Of the clocks and verdicts only those that were counted."""
    shown = {line.figure.id for line in a_report(sqlite_url).lines}
    assert {"clocks", "verdict.sent"} <= shown
    assert set() == shown & {"clocks.refund", "verdict.capped"}


def test_one_person_is_one_column(sqlite_url: str) -> None:
    """A note under his name and a task under his id are both his; what nobody took stands last."""
    report = a_report(sqlite_url, By.AGENT)
    assert ("li", "") == report.parts
    assert ["小李", "nobody"] == [EN.part(part, By.AGENT) for part in report.parts]
    line = report.line("conversations")
    assert line is not None
    assert (1, 0) == line.parts


def test_the_bot_is_no_agent(sqlite_url: str) -> None:
    """What it closed itself is in the total, and stands in no person's column."""
    closed = a_task("t9", state=TaskState.DONE, closed_at=NOON, closed_by="huifang")
    report = a_report(sqlite_url, By.AGENT, lambda store: tell(store, closed))
    line = report.line("tasks_done")
    assert line is not None
    assert (("li", ""), 2) == (report.parts, line.total)


def test_what_has_no_agent_has_only_a_total(sqlite_url: str) -> None:
    """Nobody in particular is paid an order."""
    line = a_report(sqlite_url, By.AGENT).line("orders_paid")
    assert line is not None
    assert (1, (None, None)) == (line.total, line.parts)


class TestComparison:
    def test_none_without_a_group(self, sqlite_url: str) -> None:
        """Where nothing was held out there is nothing to compare."""
        assert a_report(sqlite_url).comparison is None

    @pytest.mark.parametrize(
        ("numbers", "said"),
        [
            ((20, 10, 20, 2), "Too few orders: at least 30 on each side are needed."),
            ((38, 20, 40, 19), "holds zero: nothing is proven yet"),
            ((58, 50, 60, 6), "which leaves out zero"),
        ],
        ids=["too few", "not sure", "sure"],
    )
    def test_what_may_be_concluded(self, sqlite_url: str, numbers: tuple[int, int, int, int], said: str) -> None:
        """Too few orders are told to be too few, a difference that may be chance is told to be no proof."""
        compared = a_report(sqlite_url, By.DAY, partial(held_out_of, numbers)).comparison
        assert compared is not None
        assert said in conclusion(compared, EN)

    def test_both_sides_with_their_costs(self, sqlite_url: str) -> None:
        """The rates stand side by side, and stops and anger are never left out."""
        compared = a_report(sqlite_url, By.DAY, partial(held_out_of, (39, 20, 40, 10))).comparison
        assert compared is not None
        assert [["照常提醒", "40", "20", "50.0%", "0", "0"], ["不提醒", "40", "10", "25.0%", "0", "0"]] == rows(
            compared, ZH
        )


def held_out_of(numbers: tuple[int, int, int, int], store: object) -> None:
    held_out(store, *numbers)  # type: ignore[arg-type]


class TestNames:
    @pytest.mark.parametrize("lang", LANGS)
    def test_every_figure_has_a_name(self, lang: str, sqlite_url: str) -> None:
        """In both languages of the agents, and its section too."""
        names, report = Names(lang, ROSTER), a_report(sqlite_url)
        assert all(names.figure(figure, report) and names.section(figure.section) for figure in FIGURES)

    def test_every_figure_is_defined(self) -> None:
        """docs/figures.md has a row for each id."""
        page = DOCS.read_text("utf-8")
        families = {"clocks.": "`clocks.<due>`", "verdict.": "`verdict.<verdict>`"}
        wanted = {
            next((row for begins, row in families.items() if each.id.startswith(begins)), f"`{each.id}`")
            for each in FIGURES
        }
        assert set() == {row for row in wanted if f"| {row} |" not in page}

    @pytest.mark.parametrize(
        ("seconds", "expected"),
        [(0, "0 秒"), (119, "119 秒"), (120, "2 分"), (7199, "120 分"), (9000, "2.5 小时"), (216_000, "2.5 天")],
    )
    def test_a_length_of_time_is_told_in_the_unit_that_suits_it(self, seconds: float, expected: str) -> None:
        """Seconds, minutes, and from two hours on one decimal."""
        assert expected == ZH.span(seconds)

    def test_weeks_days_and_kinds(self) -> None:
        """A day as people write it, a week by its Monday, a kind by its name, and what belongs to none."""
        told = [
            ZH.part(MONDAY, By.DAY),
            EN.part(MONDAY, By.WEEK),
            ZH.part("unpaid_order", By.KIND),
            EN.part("", By.KIND),
        ]
        assert ["3月2日", "from Mar 2", "未付款订单", "no matter"] == told

    def test_who_is_not_listed_keeps_his_name(self) -> None:
        """A name of the past is shown as it was written."""
        assert "old hand" == Names("en", Roster()).part("old hand", By.AGENT)
