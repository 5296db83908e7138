"""Whole walks through the served demo: a buyer in the web chat, the shop's people in the console, side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.demo.places import PLACES
from tests.browser.chromium import PHONE, SOON, Watched, accessible, watched
from tests.browser.demo import Demo

LANG = "zh-CN"
PLACE = PLACES[LANG]
PAID_LATER = PLACE.line("unpaid_order", "later")
WORDS_COME = 90_000  # milliseconds; twelve minutes of the demo are twelve seconds of ours on a quiet machine
THREAD = "/console/thread/demo/2001/unpaid_order"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all walks of this file, which follow one another."""
    with Demo(tmp_path_factory.mktemp("demo"), LANG) as demo:
        yield demo


@pytest.fixture(scope="module")
def owner(browser: Browser, demo: Demo) -> Iterator[Watched]:
    """The owner's browser, logged in by the link that the demo prints."""
    with watched(browser, locale=LANG) as desk:
        page = desk.page()
        page.goto(demo.console)
        page.get_by_role("button").first.click()
        page.wait_for_url(re.compile(r"/console/(?!login)"))
        page.close()
        yield desk


@pytest.fixture(scope="module")
def buyer(browser: Browser, demo: Demo) -> Iterator[Page]:
    """The buyer's telephone, with the link of his order."""
    with watched(browser, locale=LANG, viewport=PHONE, is_mobile=True, has_touch=True) as phone:
        page = phone.page()
        page.goto(demo.chat)
        yield page


def says(page: Page, text: str) -> None:
    """The buyer writes."""
    page.get_by_role("textbox").fill(text)
    page.get_by_role("textbox").press("Enter")


def test_the_buyer_is_asked_about_the_payment_and_puts_it_off(demo: Demo, owner: Watched, buyer: Page) -> None:
    """Opens the order link, is greeted and asked with buttons, answers "pay tomorrow"; the calendar shows it moved."""
    log = buyer.get_by_role("log")
    expect(log).to_contain_text(PLACE.parts["unpaid_order"].goods)
    expect(buyer.get_by_role("button", name="晚点再付")).to_be_visible(timeout=WORDS_COME)
    thread, calendar = owner.page(), owner.page()
    thread.goto(f"{demo.url}{THREAD}")
    planned = thread.get_by_role("listitem").filter(has_text="关单前提醒").filter(has_text="03-17")
    expect(planned.first).to_be_visible()
    before = planned.first.inner_text()
    says(buyer, PAID_LATER)
    expect(log).to_contain_text(PAID_LATER)
    expect(planned.first).not_to_have_text(before, timeout=SOON)
    calendar.goto(f"{demo.url}/console/calendar")
    wednesday = calendar.get_by_role("columnheader").filter(has_text="03-18")
    expect(wednesday).to_be_visible()
    before = wednesday.inner_text()
    says(buyer, "不好意思，后天上午十点付")
    expect(wednesday).not_to_have_text(before, timeout=SOON)
    calendar.get_by_role("button", name=re.compile("10")).first.wait_for()
    thread.close()
    calendar.close()


def test_an_agent_takes_the_task_and_answers_and_the_buyer_reads_it(demo: Demo, owner: Watched, buyer: Page) -> None:
    """The buyer asks for a person; the task comes up by itself, is taken and answered, and the buyer reads it."""
    desk = owner.page()
    desk.goto(f"{demo.url}/console/today")
    expect(desk.get_by_role("heading", level=1)).to_have_text("今天")
    says(buyer, "转人工")
    task = desk.locator(".hf-task", has_text="2001")
    expect(task).to_be_visible(timeout=SOON)
    task.get_by_role("button", name="接手").click()
    expect(task).to_contain_text("您在办", timeout=SOON)
    desk.goto(f"{demo.url}{THREAD}")
    desk.get_by_label("回复买家").fill("您好，我是店长，支付页面我帮您看一下。")
    desk.get_by_label("回复买家").press("Control+Enter")
    expect(buyer.get_by_role("log")).to_contain_text("我是店长", timeout=SOON)
    desk.close()


def test_the_time_can_be_held_and_moved_on_by_steps(demo: Demo, owner: Watched) -> None:
    """The clock in the header stands when it is held, and a step brings the next thing that happens."""
    page = owner.page()
    page.goto(f"{demo.url}/console/today")
    clock = page.locator(".hf-stage")
    hold = clock.get_by_role("button").first
    expect(hold).to_contain_text("pause")
    hold.click()
    expect(hold).to_contain_text("play_arrow")
    before = clock.inner_text()
    page.wait_for_timeout(3000)
    assert before == clock.inner_text()
    clock.get_by_role("button").nth(1).click()
    expect(clock).not_to_have_text(before, timeout=SOON)
    page.close()


def test_anybody_can_use_every_page(demo: Demo, owner: Watched, browser: Browser) -> None:
    """axe-core finds nothing serious in any page, and none of them scrolls sideways on a telephone."""
    cookies = owner.context.cookies()
    with watched(browser, locale=LANG, viewport=PHONE, is_mobile=True, has_touch=True) as phone:
        phone.context.add_cookies(cookies)
        page = phone.page()
        for name in ("today", "threads", "calendar", "scripts", "reports", "simulate", "settings"):
            page.goto(f"{demo.url}/console/{name}")
            page.get_by_role("heading", level=1).first.wait_for()
            page.wait_for_timeout(1000)
            accessible(page)
            assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), name
