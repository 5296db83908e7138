"""The start page in a browser: what needs a person, acted on by mouse and keyboard, live."""

from __future__ import annotations

import re
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from followup.events import OrderChanged
from tests.browser.chromium import SOON, accessible
from tests.browser.tea import TeaShop

_numbers = count(100)


@pytest.fixture
def today(shop: TeaShop, page: Page) -> Page:
    """The start page of an agent."""
    shop.login(page, "li").goto(f"{shop.url}/console/today")
    return page


def asked(shop: TeaShop, words: str = "I want to talk to a person please") -> str:
    """A buyer with an unpaid order needs a person; returns his order."""
    number = next(_numbers)
    shop.happens(OrderChanged(shop.order(number)))
    shop.says(number, words)
    return str(7000 + number)


def test_the_console_begins_with_it(shop: TeaShop, page: Page) -> None:
    """Whoever opens the console sees what needs him."""
    shop.login(page, "li").goto(f"{shop.url}/console/")
    page.wait_for_url(re.compile("/console/today"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    expect(page).to_have_title("Today · Huifang")


@pytest.mark.parametrize(("width", "least"), [(1280, 32), (390, 44)])
def test_buttons_are_large_enough_to_hit(shop: TeaShop, today: Page, width: int, least: int) -> None:
    """Of a task on the start page, and on the page of its thread."""
    order = asked(shop)
    today.set_viewport_size({"width": width, "height": 844})
    measure = "all => Math.min(...all.map(each => each.getBoundingClientRect().height).filter(Boolean))"
    expect(today.locator(".hf-task").first).to_be_visible()
    assert least <= today.locator(".hf-act").evaluate_all(measure)
    today.goto(f"{shop.url}/console/thread/tea/{order}/unpaid_order")
    expect(today.get_by_role("heading", level=1)).to_be_visible()
    if width == 390:
        today.get_by_role("tab", name="To do").click()
    expect(today.locator(".ht-side .ht-acts .q-btn").first).to_be_visible()
    assert least <= today.locator(".ht-acts .q-btn").evaluate_all(measure)


def test_nothing_serious_is_found_by_axe(shop: TeaShop, today: Page) -> None:
    """In the light and in the dark."""
    expect(today.locator(".hf-task").first).to_be_visible()
    accessible(today)
    today.emulate_media(color_scheme="dark")
    today.reload()
    expect(today.locator(".hf-task").first).to_be_visible()
    accessible(today)


def test_a_new_task_shows_within_a_second_and_is_taken_and_done(shop: TeaShop, today: Page) -> None:
    """Without a reload; taken it is his, done it is gone, and the bot says so each time."""
    expect(today.locator(".hf-task").first).to_be_visible()
    order = asked(shop)
    task = today.locator(".hf-task", has_text=f"order {order}")
    expect(task).to_be_visible(timeout=SOON)
    expect(task).to_contain_text("Nobody has it")
    task.get_by_role("button", name="Take").click()
    expect(task).to_contain_text("Yours", timeout=SOON)
    task.get_by_role("button", name="Done").click()
    expect(task).to_have_count(0, timeout=SOON)


def test_it_is_worked_with_the_keyboard_alone(shop: TeaShop, today: Page) -> None:
    """j and k move, a takes, l puts off, e is done, Enter opens the thread."""
    order = asked(shop)
    task = today.locator(".hf-task", has_text=f"order {order}")
    expect(task).to_be_visible(timeout=SOON)
    for _ in range(today.locator(".hf-task").count()):
        today.keyboard.press("j")
        if task.locator(":focus").count():
            break
    expect(task.locator("a")).to_be_focused()
    today.keyboard.press("a")
    expect(task).to_contain_text("Yours", timeout=SOON)
    expect(task.locator("a")).to_be_focused()
    today.keyboard.press("l")
    later = today.get_by_role("dialog")
    later.get_by_role("button", name="In 1 hour").click()
    expect(later).to_have_count(0)
    task.locator("a").focus()
    today.keyboard.press("Enter")
    today.wait_for_url(re.compile(rf"/console/thread/tea/{order}/unpaid_order"))


def test_a_count_opens_its_list(shop: TeaShop, today: Page) -> None:
    """What the bot did is counted by step; the count leads to those messages alone."""
    shop.rests()
    today.reload()
    counted = today.locator(".hf-count", has_text="Unpaid order · Help after ordering")
    times = int((counted.locator(":scope > :last-child").text_content() or "").strip("×"))
    counted.get_by_role("link").click()
    today.wait_for_url(re.compile("step=unpaid.help"))
    lines = today.locator("section", has_text="What the bot did today").locator(".hf-line")
    expect(lines).to_have_count(times)
    expect(lines.first).to_contain_text("Help after ordering")


def test_what_was_held_back_says_why(shop: TeaShop, today: Page) -> None:
    """In a sentence, with a way to its thread."""
    held = today.locator("section", has_text="What it held back, and why")
    line = held.locator(".hf-line", has_text="7011")
    expect(line).to_contain_text("no longer needed: paid")
    expect(line.get_by_role("link")).to_have_attribute("href", re.compile("/console/thread/"))


def test_on_a_telephone_nothing_sticks_out(shop: TeaShop, phone: Page) -> None:
    """The page is as wide as the telephone, and a task can be done there."""
    shop.login(phone, "li").goto(f"{shop.url}/console/today?whose=nobodys")
    expect(phone.locator(".hf-task").first).to_be_visible()
    assert 390 == phone.evaluate("document.documentElement.scrollWidth")
    accessible(phone)
