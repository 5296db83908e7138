"""What is done on a thread's page in a browser: a case and its money, a chat without a matter, a matter as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from followup.events import OrderChanged
from followup.model import Status
from tests.browser.chromium import accessible, watched
from tests.browser.tea import TeaShop, now
from tests.browser.test_thread import opened

DAY = timedelta(days=1)
CASE = "tea/7031/after_sales"


@pytest.fixture
def other(browser: Browser) -> Iterator[Page]:
    """A second desk."""
    with watched(browser) as made:
        yield made.page()


def asked(page: Page, name: str) -> Locator:
    """The dialog that a button opens; pressed twice it opens one."""
    page.get_by_role("button", name=name, exact=True).first.dblclick()
    dialog = page.get_by_role("dialog", name=name)
    expect(dialog).to_have_count(1)
    return dialog


def chosen(dialog: Locator, label: str, name: str) -> None:
    """One of several."""
    dialog.get_by_label(label).first.click()
    dialog.page.get_by_role("option", name=name).first.click()


def done(dialog: Locator, name: str, *words: str) -> None:
    """The dialog's own button, and what the page answers."""
    dialog.get_by_role("button", name=name).click()
    expect(dialog).to_have_count(0)
    for each in words:
        expect(dialog.page.locator(".q-notification", has_text=each).first).to_be_visible()


def offered(page: Page, amount: str) -> None:
    """A supervisor offers a coupon; what and for what have to be chosen."""
    dialog = asked(page, "Offer a compensation")
    dialog.get_by_role("button", name="Offer a compensation").click()
    expect(dialog.get_by_text("Please choose one")).to_have_count(2)
    chosen(dialog, "What", "a coupon")
    chosen(dialog, "For", "damaged")
    dialog.get_by_label("Amount").fill(amount)
    done(dialog, "Offer a compensation", "a supervisor's to approve")


def test_a_chat_without_a_matter(shop: TeaShop, page: Page) -> None:
    """Today's task leads to it: the buyer's words, orders and scripts; an answer goes, and nothing is left to do."""
    shop.login(page)
    page.goto(f"{shop.url}/console/today")
    page.get_by_role("link", name=re.compile("buyer10 · Chat without a matter")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Carla He · Chat without a matter")
    expect(page.get_by_role("log")).to_contain_text("I want to talk to a person please")
    expect(page.get_by_text("7010", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Put into the box").first).to_be_visible()
    for name in ("Flag", "Resolve", "Make a pack"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    accessible(page)
    page.keyboard.press("e")
    expect(page.get_by_text("Li has it", exact=True)).to_be_visible()
    page.get_by_label("Answer the buyer").fill("I am here, what can I do for you?")
    page.get_by_label("Answer the buyer").press("Control+Enter")
    expect(page.locator(".ht-agent", has_text="what can I do")).to_contain_text("Agent Li")
    expect(page.get_by_text("Nothing is to be done.")).to_be_visible()


def test_money_for_a_case(shop: TeaShop, page: Page, other: Page) -> None:
    """Words of a broken cup begin a case; what a supervisor asks for another refuses with a reason, then approves; an
    agent may not. The remedy moves the case on, and the pack of it is saved."""
    shop.happens(OrderChanged(shop.order(31, Status.SIGNED, 4 * DAY, shipped_at=now() - 3 * DAY)))
    shop.says(31, "The cup arrived broken")
    case = opened(shop, page, CASE, "wang").locator("section", has=page.get_by_role("heading", name="After-sales case"))
    expect(case).to_contain_text("2/6 verify")
    offered(page, "15")
    boss = opened(shop, other, CASE, "chen")
    dialog = asked(boss, "Refuse")
    dialog.get_by_label("Reason").fill("too much")
    done(dialog, "Refuse", "refused, and Wang learns why")
    expect(case).to_contain_text("not granted")
    offered(page, "16")
    boss.get_by_role("button", name="Approve").click()
    expect(boss.locator(".q-notification", has_text="approved, as Wang asked")).to_be_visible()
    expect(case).to_contain_text("¥16.00 · damaged but usable · granted")
    dialog = asked(page, "Decide the remedy")
    chosen(dialog, "Remedy", "sending it again")
    done(dialog, "Decide the remedy", "sending it again it is")
    expect(case).to_contain_text("5/6 follow through")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Make a pack").click()
    assert "evidence-7031.zip" == saved.value.suggested_filename
    with ZipFile(saved.value.path()) as pack:
        assert "transcript.html" in pack.namelist()


def test_a_matter_as_a_whole(shop: TeaShop, page: Page) -> None:
    """Flagged, resolved with its cause, opened again, paused and let go on, and given to a colleague."""
    opened(shop, page, "tea/7003/unpaid_order")
    chips = page.locator(".ht-chips")
    dialog = asked(page, "Flag")
    dialog.get_by_label("Reason").fill("wants a bow")
    done(dialog, "Flag", "wants a bow · Li")
    expect(chips).to_contain_text("yellow flag")
    dialog = asked(page, "Resolve")
    chosen(dialog, "The real cause", "the quality")
    done(dialog, "Resolve", "Solved; cause")
    page.get_by_role("button", name="Open again").click()
    expect(chips).to_contain_text("Li has it")
    page.get_by_role("button", name="Pause the bot").click()
    expect(chips).to_contain_text("The bot is paused")
    page.get_by_role("button", name="Let the bot go on").click()
    expect(chips).not_to_contain_text("The bot is paused")
    dialog = asked(page, "Give on")
    chosen(dialog, "To whom", "Wang")
    done(dialog, "Give on", "Given to Wang")
    expect(chips).to_contain_text("Wang has it")


def test_in_chinese(shop: TeaShop, page: Page) -> None:
    """The page, its dialogs and the reasons in its answers, whatever the others read."""
    opened(shop, page, "tea/7001/unpaid_order", "chen")
    page.get_by_role("button", name="My account").click()
    page.get_by_text("中文").click()
    expect(page.get_by_role("heading", name="接下来要发的")).to_be_visible()
    try:
        dialog = asked(page, "办结")
        dialog.get_by_role("button", name="办结").click()
        expect(dialog.get_by_text("请选一个")).to_be_visible()
        chosen(dialog, "真正的原因", "商品质量")
        done(dialog, "办结", "原因记为“商品质量”")
    finally:
        page.get_by_role("button", name="我的账号").click()
        page.get_by_text("English").click()
