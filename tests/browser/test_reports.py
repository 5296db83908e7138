"""The page of reports as people use it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.figures.definitions import FIGURES
from bot.shop_month import timeline
from handlers import order_changed
from tests.browser.chromium import PHONE, accessible
from tests.browser.tea import TeaShop, now


class MonthShop(TeaShop):
    """The tea shop with a month of orders behind it."""

    def fill(self) -> None:
        """As ever, and what the month says up to now."""
        super().fill()
        for event in timeline(60, 7, start=now() - timedelta(days=24), shop="tea"):
            at = event.order.observed_at
            if at < now():
                self.store.run(
                    lambda tx, event=event, at=at: order_changed.order_changed(event, tx, self.deps, at),
                    order_changed.wanted(event),
                )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TeaShop]:
    """A shop with figures."""
    with MonthShop(tmp_path_factory.mktemp("month")) as shop:
        yield shop


def _reports(shop: TeaShop, page: Page, who: str = "wang", more: str = "?period=30") -> Page:
    shop.login(page, who)
    page.goto(f"{shop.url}/console/reports{more}")
    expect(page.get_by_role("heading", name="Charts")).to_be_visible()
    return page


def test_figures_are_drawn_and_told(shop: TeaShop, page: Page) -> None:
    """Charts with their words, each figure with its meaning, and nothing serious for axe."""
    _reports(shop, page)
    expect(page.locator(".hf-chart svg").first).to_be_visible()
    expect(page.get_by_role("img", name=re.compile(r"^Matters begun and ended: "))).to_be_visible()
    rows = page.locator(".hf-table tbody tr")
    assert rows.count() >= len([figure for figure in FIGURES if not figure.shy])
    expect(rows.filter(has_text="Orders that were paid in this time.")).to_have_count(1)
    accessible(page)


def test_a_chart_has_its_table(shop: TeaShop, page: Page) -> None:
    """Opened by keyboard, with a row for each day."""
    _reports(shop, page)
    card = page.get_by_label("Orders paid and refunds asked", exact=True)
    fold = card.get_by_role("button", name=re.compile("As a table"))
    fold.focus()
    page.keyboard.press("Enter")
    expect(card.locator("tbody tr")).to_have_count(30)
    accessible(page)


def test_the_choice_stands_in_the_address(shop: TeaShop, page: Page) -> None:
    """Another period and cut change the address, and the address brings them back."""
    _reports(shop, page)
    page.get_by_label("Cut").click()
    page.get_by_role("option", name="by kind").click()
    page.wait_for_url(re.compile("by=kind"))
    page.get_by_label("Period").click()
    page.get_by_role("option", name="Other days").click()
    page.wait_for_url(re.compile(r"period=days.*since=\d{4}-\d\d-\d\d"))
    page.reload()
    expect(page.get_by_label("From")).to_be_visible()
    expect(page.get_by_text("All figures, by kind")).to_be_visible()


def test_days_the_wrong_way_round(shop: TeaShop, page: Page) -> None:
    """A sentence says what to do."""
    shop.login(page, "wang")
    page.goto(f"{shop.url}/console/reports?period=days&since=2026-02-02&until=2026-02-01")
    expect(page.get_by_role("alert").filter(has_text="The last day is before the first")).to_be_visible()


def test_an_agent_sees_his_own(shop: TeaShop, page: Page) -> None:
    """By agent, nobody else stands there, and the page says so."""
    _reports(shop, page, "li", "?period=30&by=agent")
    expect(page.get_by_text("only your own figures are listed")).to_be_visible()
    page.get_by_role("button", name=re.compile("All figures, by agent")).click()
    expect(page.get_by_role("columnheader", name="Wang")).to_have_count(0)


def test_a_report_is_downloaded(shop: TeaShop, page: Page, tmp_path: Path) -> None:
    """As CSV, with every figure that is shown."""
    _reports(shop, page)
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as waiting:
        page.get_by_role("menuitem", name="CSV").or_(page.get_by_text("CSV", exact=True)).first.click()
    waiting.value.save_as(tmp_path / "report.csv")
    rows = list(csv.reader((tmp_path / "report.csv").read_text("utf-8-sig").splitlines()))
    assert re.fullmatch(r"huifang-tea-[\d-]+-day\.csv", waiting.value.suggested_filename)
    assert {"conversations", "orders_paid", "closed"} <= {row[0] for row in rows}


def test_it_fits_a_telephone(shop: TeaShop, phone: Page) -> None:
    """Nothing sticks out to the side."""
    _reports(shop, phone)
    assert PHONE["width"] == phone.evaluate("document.documentElement.scrollWidth")
    accessible(phone)
