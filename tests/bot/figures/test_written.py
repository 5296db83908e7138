"""The report as a page, as a workbook and as JSON."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from bot.figures.as_json import as_json
from bot.figures.names import Names
from bot.figures.page import render, write_page
from bot.figures.sheet import write_sheet
from followup.desk.people import Person, Roster
from store.figures import By
from tests.bot.figures.some import EN, ROSTER, ZH, a_report
from tests.bot.figures.test_report import held_out_of


class TestPage:
    @pytest.mark.parametrize("names", [EN, ZH], ids=["en", "zh-CN"])
    def test_it_needs_nothing_else(self, sqlite_url: str, names: Names) -> None:
        """No address, no script: nothing is fetched. Light and dark, and made for a phone too."""
        page = render(a_report(sqlite_url), names)
        assert [] == re.findall(r"(?:https?:)?//\w|<script|<link[^>]+stylesheet|@import|url\(", page)
        assert "prefers-color-scheme: dark" in page
        assert '<meta name="viewport" content="width=device-width' in page
        assert f'<html lang="{names.lang}">' in page

    def test_charts_are_drawn_of_the_figures(self, sqlite_url: str) -> None:
        """One conversation that was answered is one bar, with its words under the pointer."""
        page = render(a_report(sqlite_url), EN)
        assert "<title>Mar 2 · answered 1</title>" in page
        assert 3 == page.count('<svg viewBox="0 0 100 100"')

    def test_what_people_are_called_is_no_html(self, sqlite_url: str) -> None:
        """Names from outside are escaped."""
        report = a_report(sqlite_url, By.AGENT)
        page = render(report, Names("en", _all_called("<script>x</script>")))
        assert "&lt;script&gt;x" in page
        assert "<script" not in page

    def test_the_comparison_is_on_it(self, sqlite_url: str) -> None:
        """Its conclusion stands above its table."""
        page = render(a_report(sqlite_url, By.DAY, partial(held_out_of, (58, 50, 60, 6))), EN)
        assert page.index("leaves out zero") < page.index("<td>not reminded</td>")

    def test_it_is_for_its_owner_alone(self, sqlite_url: str, tmp_path: Path) -> None:
        """Figures of a shop are nobody else's."""
        write_page(tmp_path / "r.html", a_report(sqlite_url), EN)
        assert "0o100600" == oct((tmp_path / "r.html").stat().st_mode)


class TestSheet:
    def test_numbers_are_numbers(self, sqlite_url: str, tmp_path: Path) -> None:
        """A count, a share, a length of time and an amount can be reckoned with; what is not there is an empty cell."""
        write_sheet(tmp_path / "r.xlsx", a_report(sqlite_url), EN)
        sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["day"]
        cells = {row[0].value: row[2] for row in sheet.iter_rows(min_row=2)}
        assert (2, 0.5, 25.5, None) == tuple(
            cells[name].value for name in ("opened", "recovery_rate", "average_order", "inquiry_paid")
        )
        assert timedelta(minutes=5) == cells["first_person_median"].value
        assert "0.0%" == cells["recovery_rate"].number_format

    def test_no_name_is_a_formula(self, sqlite_url: str, tmp_path: Path) -> None:
        """A person who is called =HYPERLINK(1) is a text."""
        write_sheet(tmp_path / "r.xlsx", a_report(sqlite_url, By.AGENT), Names("en", _all_called("=HYPERLINK(1)")))
        sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["agent"]
        assert ("'=HYPERLINK(1)", "s") == (sheet["D1"].value, sheet["D1"].data_type)

    def test_the_comparison_has_a_sheet(self, sqlite_url: str, tmp_path: Path) -> None:
        """Both sides with their numbers."""
        write_sheet(tmp_path / "r.xlsx", a_report(sqlite_url, By.DAY, partial(held_out_of, (39, 20, 40, 10))), EN)
        sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["comparison"]
        assert [("reminded as ever", 40, 20), ("not reminded", 40, 10)] == [
            tuple(cell.value for cell in row[:3]) for row in sheet.iter_rows(min_row=2, max_row=3)
        ]


class TestJson:
    def test_ids_units_and_plain_values(self, sqlite_url: str) -> None:
        """What a program needs: which figure, in which unit, of which part; nothing is text but money."""
        told = as_json(a_report(sqlite_url))
        figures = {each["id"]: each for each in told["figures"]}
        assert ("2026-03-02T00:00:00+08:00", "day", 7) == (told["from"], told["by"], len(told["parts"]))
        assert {"id": "recovery_rate", "section": "unpaid", "unit": "share", "total": 0.5} == {
            key: figures["recovery_rate"][key] for key in ("id", "section", "unit", "total")
        }
        assert ("25.50", 300.0, None) == tuple(
            figures[name]["total"] for name in ("average_order", "first_person_median", "first_bot_median")
        )
        assert (None, "docs/figures.md") == (told["comparison"], told["definitions"])

    def test_the_comparison_with_its_interval(self, sqlite_url: str) -> None:
        """Both groups whole, and the difference only where there are enough orders."""
        told = as_json(a_report(sqlite_url, By.DAY, partial(held_out_of, (39, 20, 40, 10))))["comparison"]
        assert {"orders": 40, "paid": 10, "opted_out": 0, "angry": 0} == told["held_out"]
        assert (0.25, 30) == (told["difference"]["value"], told["least"])


def _all_called(name: str) -> Roster:
    people = {id_: Person(id_, name) for id_ in ROSTER.people}
    return Roster(people)
