"""The page of simulations as people use it: an export, a slider, both sides, and the change saved."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.shop_month import write_export
from tests.browser.chromium import PHONE, accessible
from tests.browser.tea import TeaShop

HELP, CALL = "Help offered so long after ordering", "Last call so long after that"
SLOW = 60_000


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A month of a shop as its platform exports it."""
    write_export(tmp_path / "orders <b>.csv", 80, 7)
    return tmp_path / "orders <b>.csv"


def _simulate(shop: TeaShop, page: Page, who: str = "wang") -> Page:
    shop.login(page, who)
    page.goto(f"{shop.url}/console/simulate")
    expect(page.get_by_role("slider", name=HELP)).to_be_visible()
    return page


def _upload(page: Page, *paths: Path) -> None:
    page.get_by_label("An export to upload").click()
    page.locator("input[type=file]").set_input_files([str(path) for path in paths])
    for path in paths:
        expect(page.get_by_role("button", name=f"Remove {path.name}")).to_be_visible()


def _slide(page: Page, name: str, key: str, times: int) -> str:
    """Move a slider by keyboard; what it says then."""
    slider = page.get_by_role("slider", name=name)
    slider.focus()
    before = slider.get_attribute("aria-valuetext")
    for _ in range(times):
        page.keyboard.press(key)
    expect(slider).not_to_have_attribute("aria-valuetext", before or "")
    expect(page.get_by_label(f"{name}, length of time")).to_have_value(
        re.compile(slider.get_attribute("aria-valuetext") or "")
    )
    return slider.get_attribute("aria-valuetext") or ""


def _compare(page: Page) -> Locator:
    page.get_by_role("button", name="Compare").click()
    table = page.get_by_role("region", name="Side by side")
    expect(table).to_be_visible(timeout=SLOW)
    return table


def _row(table: Locator, name: str) -> list[str]:
    cells = table.locator("tr").filter(has_text=name).first.locator("td")
    return cells.all_inner_texts()


def test_an_export_is_compared_and_the_change_saved(shop: TeaShop, page: Page, export: Path) -> None:
    """Upload, slide by keyboard, see both sides and the orders that differ, save: the file and the program have it."""
    _simulate(shop, page)
    _upload(page, export)
    value = _slide(page, HELP, "ArrowRight", 8)
    table = _compare(page)
    before, after, difference = _row(table, "messages said")
    assert int(after) - int(before) == int(difference.replace("−", "-")) < 0
    order = page.get_by_role("button", name=re.compile(r"Order \d+ · .* · 1 → 0")).first
    order.click()
    expect(page.locator(".hf-line-sent").first).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Save the change").click()
    expect(page.get_by_text(f"Over these orders, {before} messages become {after}")).to_be_visible()
    page.get_by_role("button", name="Save, from now on").click()
    expect(page.get_by_text("this cadence holds from now on")).to_be_visible()
    config = tomllib.loads((shop.folder / "config.toml").read_text("utf-8"))
    assert value == config["shops"]["tea"]["unpaid_order"]["help_after"]
    page.reload()
    expect(page.get_by_role("slider", name=HELP)).to_have_attribute("aria-valuetext", value)


def test_the_program_goes_by_it(shop: TeaShop, page: Page) -> None:
    """A saved cadence holds for the next simulation without a restart, which then finds no difference."""
    _simulate(shop, page)
    page.get_by_label("An invented month").click()
    page.get_by_label("Orders (10 to 5000)").fill("20")
    page.get_by_label(f"{CALL}, length of time").fill("1d6h")
    page.keyboard.press("Enter")
    _compare(page)
    page.get_by_role("button", name="Save the change").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Save, from now on").click()
    expect(page.get_by_text("now 1d6h")).to_be_visible()


def test_what_was_not_compared_is_not_saved(shop: TeaShop, page: Page) -> None:
    """After another move it has to be compared again."""
    _simulate(shop, page)
    page.get_by_label("An invented month").click()
    page.get_by_label("Orders (10 to 5000)").fill("20")
    _slide(page, HELP, "ArrowLeft", 1)
    _compare(page)
    _slide(page, HELP, "ArrowLeft", 1)
    page.get_by_role("button", name="Save the change").click()
    expect(page.get_by_role("alert").filter(has_text="compare again, then save")).to_be_visible()
    expect(page.get_by_role("button", name="Save, from now on")).to_have_count(0)


def test_an_agent_compares_but_does_not_save(shop: TeaShop, page: Page) -> None:
    """He is told who can; the report is his to download."""
    _simulate(shop, page, "li")
    page.get_by_label("An invented month").click()
    page.get_by_label("Orders (10 to 5000)").fill("20")
    _slide(page, HELP, "ArrowLeft", 1)
    _compare(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the report").click()
    assert "huifang-simulate-tea.html" == waiting.value.suggested_filename
    page.get_by_role("button", name="Save the change").click()
    expect(page.get_by_role("alert").filter(has_text="Only a supervisor or the owner")).to_be_visible()


def test_a_file_that_is_no_export(shop: TeaShop, page: Page, tmp_path: Path) -> None:
    """A kind sentence, with its own name."""
    photo = tmp_path / "photo.csv"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    _simulate(shop, page)
    _upload(page, photo)
    page.get_by_role("button", name="Compare").click()
    told = page.get_by_role("alert").filter(has_text="This file cannot be read.")
    expect(told).to_contain_text("photo.csv", timeout=SLOW)
    expect(page.get_by_role("button", name="Compare")).to_be_enabled()


def test_rows_that_cannot_be_read(shop: TeaShop, page: Page, export: Path) -> None:
    """They are told with line and column, as text, and the others take part."""
    export.write_bytes(export.read_bytes() + "<img src=x onerror=alert(1)>,坏\n".encode("gbk"))
    _simulate(shop, page)
    _upload(page, export)
    _compare(page)
    expect(page.get_by_text("1 rows could not be read")).to_be_visible()
    expect(page.get_by_text(re.compile(r"orders <b>\.csv, line 82"))).to_be_visible()


def test_cancelling(shop: TeaShop, page: Page) -> None:
    """It stops at once, says so, and can be begun again."""
    _simulate(shop, page)
    page.get_by_label("An invented month").click()
    page.get_by_label("Orders (10 to 5000)").fill("5000")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert").filter(has_text="Cancelled.")).to_be_visible()
    expect(page.get_by_role("button", name="Compare")).to_be_enabled()


def test_a_value_that_cannot_be_read(shop: TeaShop, page: Page) -> None:
    """It is said beside its field, and nothing is changed."""
    _simulate(shop, page)
    page.get_by_label(f"{HELP}, length of time").fill("soon")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Write it as 15m, 24h or 1d12h.")).to_be_visible()
    expect(page.get_by_text("Nothing changed yet")).to_be_visible()


def test_it_fits_a_telephone(shop: TeaShop, phone: Page) -> None:
    """Sliders and fields too."""
    _simulate(shop, phone)
    assert PHONE["width"] == phone.evaluate("document.documentElement.scrollWidth")
    accessible(phone)
