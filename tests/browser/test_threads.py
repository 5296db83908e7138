"""The list of threads in a browser: found, filtered, moved through by keys, acted on, live."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from followup.events import OrderChanged
from tests.browser.chromium import SOON, accessible
from tests.browser.tea import TeaShop

THREADS = "/console/threads"


@pytest.fixture
def at(shop: TeaShop, page: Page) -> Page:
    """Wang, a supervisor, looks at the list."""
    return opened(shop, page)


def opened(shop: TeaShop, page: Page, path: str = THREADS, who: str = "wang") -> Page:
    """The list, with its rows."""
    shop.login(page, who)
    page.goto(shop.url + path)
    expect(page.get_by_role("heading", name="Threads", level=1)).to_be_visible()
    return page


def row(page: Page, order: str) -> Locator:
    """The row of an order's first thread."""
    return page.locator(".tl-row", has=page.get_by_role("link", name=order, exact=True)).first


def orders(page: Page) -> list[str]:
    """The orders in the list, from the top."""
    return page.locator(".tl-link").all_inner_texts()


def test_the_list(at: Page) -> None:
    """Who needs a person stands above; a row tells the buyer, the kind, the last word and what waits, in words."""
    first = at.locator(".tl-row").first
    expect(first).to_contain_text("Pending refund")
    expect(first).to_contain_text("buyer wrote")
    waits = at.locator(".tl-waits")
    assert [] != [text for text in waits.all_inner_texts() if "by " in text]
    accessible(at)


def test_a_filter_is_in_the_address(at: Page) -> None:
    """Chosen without loading the page anew; the address brings it back, and so does the button that goes back."""
    at.get_by_label("Kind").select_option("stuck_parcel")
    expect(at.locator(".tl-link")).to_have_text(["7008"])
    at.wait_for_url(re.compile(r"kind=stuck_parcel"))
    at.reload()
    expect(at.locator(".tl-link")).to_have_text(["7008"])
    expect(at.get_by_label("Kind")).to_have_value("stuck_parcel")
    at.get_by_role("link", name="Reviews").click()
    expect(at.locator(".tl-link")).to_have_text(["7007"])
    at.go_back()
    expect(at.locator(".tl-link")).to_have_text(["7008"])
    expect(at.get_by_label("Kind")).to_have_value("stuck_parcel")


def test_searching(at: Page) -> None:
    """The key "/" leads to the box; words said are found too; what is not found is told with its words, as text."""
    at.keyboard.press("/")
    at.keyboard.type("take so long")
    expect(at.locator(".tl-link")).to_have_text(["7005"])
    at.get_by_role("searchbox").fill("<img src=x onerror=alert(1)>")
    expect(at.locator(".tl-empty")).to_contain_text("“<img src=x onerror=alert(1)>” was not found")
    expect(at.locator(".tl img")).to_have_count(0)
    at.get_by_role("searchbox").fill("SF108")
    expect(at.locator(".tl-link")).to_have_text(["7008"])


def test_by_keys_alone(at: Page) -> None:
    """j and k move, e takes the thread one is on and tells so, o opens it."""
    at.keyboard.press("j")
    at.keyboard.press("j")
    second = orders(at)[1]
    expect(at.locator(".tl-link").nth(1)).to_be_focused()
    at.keyboard.press("k")
    at.keyboard.press("j")
    expect(at.locator(".tl-link").nth(1)).to_be_focused()
    at.keyboard.press("e")
    expect(at.locator(".q-notification").first).to_contain_text("Wang has it now")
    expect(row(at, second)).to_contain_text("Wang")
    at.keyboard.press("o")
    at.wait_for_url(re.compile(f"/console/thread/tea/{second}/"))


def test_several_at_once(at: Page) -> None:
    """Selected with x, given to somebody; the answer tells how many; u clears the selection."""
    at.get_by_role("link", name="Unpaid", exact=True).click()
    expect(at.locator(".tl-row")).to_have_count(4)
    for _ in range(2):
        at.keyboard.press("j")
        at.keyboard.press("x")
    expect(at.get_by_role("status")).to_have_text("2 selected")
    at.get_by_role("button", name="Give to…").click()
    at.get_by_role("radio", name="Li").click()
    at.get_by_role("button", name="Give", exact=True).click()
    expect(at.locator(".q-notification").first).to_be_visible()
    expect(at.locator(".tl-agent", has_text="Li")).to_have_count(2)
    expect(at.get_by_role("dialog")).to_have_count(0)
    at.keyboard.press("u")
    expect(at.locator(".tl-check input:checked")).to_have_count(0)
    accessible(at)


def test_a_flag(at: Page) -> None:
    """One that needs a reason is refused without it, and nothing has changed; with it, the row says the colour in
    words."""
    at.locator(".tl-row", has_text="7001").get_by_role("checkbox").check()
    for reason in ("", "Waits for the buyer's address"):
        at.get_by_role("button", name="Flag…").click()
        at.get_by_role("radio", name=re.compile("purple", re.IGNORECASE)).click()
        at.get_by_label("Reason").fill(reason)
        at.get_by_role("button", name="Set flag").click()
        expect(at.locator(".q-notification").first).to_be_visible()
        expect(at.locator(".tl-flag-purple")).to_have_count(1 if reason else 0)
    expect(at.locator(".tl-flag-purple")).to_contain_text(re.compile("purple", re.IGNORECASE))


def test_live(at: Page, shop: TeaShop) -> None:
    """A new thread appears by itself within a second; while the mouse is on the list it waits, and is announced, until
    a key asks for it, or neither mouse nor focus is on the list."""
    expect(at.locator(".tl-row").first).to_be_visible()
    shop.happens(OrderChanged(shop.order(31)))
    expect(row(at, "7031")).to_be_visible(timeout=SOON)
    at.locator(".tl-row").first.hover()
    before = orders(at)
    shop.happens(OrderChanged(shop.order(32)))
    expect(at.get_by_role("button", name="1 new")).to_be_visible(timeout=SOON)
    assert before == orders(at)
    at.get_by_role("button", name="1 new").press("Enter")
    expect(row(at, "7032")).to_be_visible()
    at.locator(".tl-row").first.hover()
    at.evaluate("document.activeElement.blur()")  # the key had put it on the list
    shop.happens(OrderChanged(shop.order(33)))
    expect(at.get_by_role("button", name="1 new")).to_be_visible(timeout=SOON)
    at.mouse.move(0, 0)
    expect(row(at, "7033")).to_be_visible()


def test_on_a_telephone(shop: TeaShop, phone: Page) -> None:
    """Cards instead of columns: nothing is wider than the screen, and the filters unfold."""
    opened(shop, phone, who="li")
    expect(phone.locator(".tl-row").first).to_be_visible()
    assert 390 == phone.evaluate("document.documentElement.scrollWidth")
    expect(phone.get_by_label("Kind")).to_be_hidden()
    phone.get_by_role("button", name="Filters").click()
    phone.get_by_label("Kind").select_option("review_revision")
    expect(phone.locator(".tl-link")).to_have_text(["7007"])
    accessible(phone)


def test_nothing_to_show(shop: TeaShop, page: Page) -> None:
    """An empty view says what that means."""
    opened(shop, page, f"{THREADS}?late=1", who="chen")
    expect(page.locator(".tl-empty")).to_contain_text("Nothing is late")
