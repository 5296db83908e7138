"""The calendar in a browser: what is planned moves when a buyer speaks, and when a person moves it."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from followup.events import OrderChanged
from tests.browser.chromium import SOON, accessible
from tests.browser.tea import TeaShop, now

ZONE = ZoneInfo("Asia/Shanghai")
_numbers = count(200)


def tomorrow() -> date:
    """By the clock of the shop."""
    return now().astimezone(ZONE).date() + timedelta(days=1)


def planned(shop: TeaShop, says: str = "I will pay tomorrow at 10 am") -> tuple[int, str]:
    """A buyer who said when he will pay: the number of his chat, and his order."""
    number = next(_numbers)
    shop.happens(OrderChanged(shop.order(number)))
    if says:
        shop.says(number, says)
    return number, str(7000 + number)


def opened(shop: TeaShop, page: Page, hour: int = 10, view: str = "day") -> Page:
    """The calendar with an hour of tomorrow opened."""
    at = datetime.combine(tomorrow(), time(hour), ZONE).astimezone(ZoneInfo("UTC"))
    query = f"on={tomorrow()}&view={view}&at={at:%Y-%m-%dT%H:%MZ}"
    shop.login(page, "li").goto(f"{shop.url}/console/calendar?{query}")
    expect(page.get_by_role("heading", level=2)).to_contain_text(f"{hour:02}:00–{hour + 1:02}:00")
    return page


def line(page: Page, order: str) -> Locator:
    """The planned touch of an order in the opened hour."""
    return page.locator(".hf-touch", has_text=f"order {order}")


@pytest.mark.parametrize("view", ["week", "day"])
def test_nothing_serious_is_found_by_axe(shop: TeaShop, page: Page, view: str) -> None:
    """In the light and in the dark."""
    _, order = planned(shop)
    opened(shop, page, view=view)
    expect(line(page, order)).to_be_visible()
    accessible(page)
    page.emulate_media(color_scheme="dark")
    page.reload()
    expect(line(page, order)).to_be_visible()
    accessible(page)


def test_a_step_moves_when_the_buyer_says_when_he_pays(shop: TeaShop, page: Page) -> None:
    """It stands where it was planned, and within a second of his words where he asked for it, without a reload."""
    number, order = planned(shop)
    page = opened(shop, page)
    expect(line(page, order)).to_contain_text(re.compile("[Gg]oes at"))
    shop.says(number, "sorry, I will pay tomorrow at 3 pm")
    expect(line(page, order)).to_have_count(0, timeout=SOON)
    page.get_by_role("button", name=re.compile(r" 15:00, \d+ planned")).click()
    expect(line(page, order)).to_be_visible(timeout=SOON)
    assert "at=" in page.url


def test_a_person_moves_it_by_keyboard(shop: TeaShop, page: Page) -> None:
    """j goes to it, m asks for the time by the shop's clock, Enter moves it there."""
    _, order = planned(shop)
    page = opened(shop, page)
    line(page, order).get_by_role("link").focus()
    page.keyboard.press("m")
    asked = page.get_by_label("Move to (Asia/Shanghai)")
    expect(asked).to_be_focused()
    asked.fill(f"{tomorrow()}T16:30")
    asked.press("Enter")
    expect(line(page, order)).to_have_count(0, timeout=SOON)
    page = opened(shop, page, 16)
    expect(line(page, order)).to_contain_text(re.compile("[Gg]oes at"))


def test_a_person_skips_it(shop: TeaShop, page: Page) -> None:
    """Asked whether he is sure; then it is planned no more."""
    _, order = planned(shop)
    page = opened(shop, page)
    line(page, order).get_by_role("button", name="Skip").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Skip").click()
    expect(line(page, order)).to_have_count(0, timeout=SOON)


def test_a_person_sends_it_now(shop: TeaShop, page: Page) -> None:
    """Politeness still decides, and the answer says what came of it."""
    _, order = planned(shop)
    page = opened(shop, page)
    line(page, order).get_by_role("button", name="Send now").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Send now").click()
    expect(page.locator(".hf-told")).to_be_visible()


def test_a_week_begins_on_monday_and_is_turned_with_the_arrows(shop: TeaShop, page: Page) -> None:
    """Today is marked; the days stand in the address."""
    shop.login(page, "li").goto(f"{shop.url}/console/calendar")
    heads = page.locator(".hf-week thead a")
    expect(heads).to_have_count(7)
    expect(heads.first).to_contain_text("Mon")
    today = now().astimezone(ZONE).date()
    expect(page.locator(".hf-week [aria-current=date]")).to_contain_text(f"{today:%m-%d}")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(f"on={today + timedelta(days=7)}"))
    expect(page.locator(".hf-week thead a").first).to_contain_text("Mon")
    page.keyboard.press("t")
    page.wait_for_url(re.compile(r"/console/calendar\?view=week$"))


def test_on_a_telephone_a_day_is_a_list(shop: TeaShop, phone: Page) -> None:
    """As wide as the telephone, with the days of the week as links and an hour that opens."""
    _, order = planned(shop)
    shop.login(phone, "li").goto(f"{shop.url}/console/calendar?on={tomorrow()}")
    expect(phone.locator(".hf-week")).to_be_hidden()
    phone.get_by_role("button", name=re.compile(r" 10:00, \d+ planned")).click()
    expect(line(phone, order)).to_be_visible()
    assert 390 == phone.evaluate("document.documentElement.scrollWidth")
    accessible(phone)
