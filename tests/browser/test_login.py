"""Logging in and out in a browser, and what stands around every page."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.chromium import Watched, accessible
from tests.browser.tea import LOGIN, TeaShop

GOOD = "correct horse battery"
INSIDE = re.compile(r"/console/(?!login)")


def link_for(shop: TeaShop, who: str) -> str:
    """The link that the command line prints."""
    found = LOGIN.search(shop.type_in("console", "invite", who))
    assert found
    return found[0]


def test_from_the_link_to_a_password(shop: TeaShop, visit: Watched) -> None:
    """Wang comes by a link, chooses a password under her name, leaves, and comes back to the page she asked for."""
    page = visit.page()
    page.goto(link_for(shop, "wang"))
    accessible(page)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(INSIDE)
    page.get_by_role("button", name="My account").click()
    page.get_by_text("Set password").click()
    page.get_by_label("New password").fill(GOOD)
    page.get_by_label("The same again").fill(GOOD)
    accessible(page)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(INSIDE)
    page.get_by_role("button", name="My account").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(re.compile("/console/login"))
    page.goto(f"{shop.url}/console/threads")
    page.get_by_label("Your name").fill("wang")
    page.get_by_label("Password").fill("wrong wrong wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("This is not the right name or password.")
    page.get_by_label("Your name").fill("wang")
    page.get_by_label("Password").fill(GOOD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{shop.url}/console/threads")
    visit.forgive("401")


def test_logged_out_elsewhere(shop: TeaShop, visit: Watched) -> None:
    """Within a second or so an open page is gone, whoever ended the session."""
    page = shop.login(visit.page(), "chen")
    page.goto(f"{shop.url}/console/today")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    shop.type_in("console", "sessions", "--end", "chen")
    page.wait_for_url(re.compile("/console/login"))


def test_language_and_colours_are_kept(shop: TeaShop, page: Page) -> None:
    """Chosen once, they hold for every page; the language is that of the document too."""
    page.goto(link_for(shop, "chen"))
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(INSIDE)
    page.get_by_role("button", name="My account").click()
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("body")).to_have_class(re.compile("body--dark"))
    page.get_by_role("button", name="My account").click()
    page.get_by_text("中文", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.goto(f"{shop.url}/console/threads")
    expect(page.locator("body")).to_have_class(re.compile("body--dark"))
    expect(page.get_by_role("navigation", name="导航")).to_contain_text("今天")
    page.get_by_role("button", name="我的账号").click()
    page.get_by_text("跟随设备").click()
    page.get_by_role("button", name="我的账号").click()
    page.get_by_text("English", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "en-US")


def test_keys_lead_everywhere(shop: TeaShop, page: Page) -> None:
    """ "?" lists them, "g" and a letter go there, and while one types they are letters."""
    shop.login(page).goto(f"{shop.url}/console/today")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Threads")
    accessible(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url(f"{shop.url}/console/threads")
    expect(page.get_by_role("link", name="Threads")).to_have_attribute("aria-current", "page")
    field = page.locator("main input").first
    field.fill("")
    field.press_sequentially("g t ?")
    expect(field).to_have_value("g t ?")


def test_the_first_stop_skips_the_navigation(shop: TeaShop, page: Page) -> None:
    """Who uses the keyboard comes to the page itself with two keys."""
    shop.login(page).goto(f"{shop.url}/console/today")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()


def test_on_a_phone(shop: TeaShop, phone: Page) -> None:
    """The navigation is behind a button, and nothing is wider than the screen."""
    shop.login(phone).goto(f"{shop.url}/console/today")
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    assert 390 == phone.evaluate("document.documentElement.scrollWidth")
    phone.get_by_role("button", name="Navigation").click()
    phone.get_by_role("link", name="Threads").click()
    phone.wait_for_url(f"{shop.url}/console/threads")
    accessible(phone)


def test_the_connection_is_lost_and_back(shop: TeaShop, visit: Watched) -> None:
    """The page says so in the reader's language, and goes on by itself."""
    page = shop.login(visit.page())
    page.goto(f"{shop.url}/console/today")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    shop.stop()
    banner = page.get_by_text("Connection lost.")
    expect(banner).to_be_visible()
    shop.start()
    expect(banner).to_be_hidden(timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for words in ("WebSocket", "ERR_CONNECTION_REFUSED", "Failed to load resource"):
        visit.forgive(words)
