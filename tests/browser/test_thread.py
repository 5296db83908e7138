"""The page of one thread in a browser: a live conversation, two agents, what is planned, words that are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from followup.events import OrderChanged
from tests.browser.chromium import SOON, Watched, accessible, watched
from tests.browser.tea import TeaShop

REFUND, STUCK = "tea/7005/pending_refund", "tea/7008/stuck_parcel"
AT_THE_END = "log => log.scrollHeight - log.scrollTop - log.clientHeight < 5"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)


def opened(shop: TeaShop, page: Page, thread: str, who: str = "li") -> Page:
    """The page of a thread, with its conversation."""
    shop.login(page, who)
    page.goto(f"{shop.url}/console/thread/{thread}")
    expect(page.get_by_role("log")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


@pytest.fixture
def other(browser: Browser) -> Iterator[Page]:
    """A second desk."""
    with watched(browser) as made:
        yield made.page()


def test_a_live_conversation(shop: TeaShop, page: Page) -> None:
    """What another process hears is there within a second, as text; box and page stay as they are."""
    for number in range(4):
        shop.says(5, f"Please look\nat\nall\nof\nthis, {number}")
    opened(shop, page, REFUND)
    box = page.get_by_label("Answer the buyer")
    box.fill("I am just")
    page.evaluate("window.stays = true")
    shop.says(5, "Is <img src=x onerror=alert(1)> anybody there?")
    expect(page.get_by_role("log")).to_contain_text("<img src=x onerror=alert(1)>", timeout=SOON)
    assert ("I am just", True) == (box.input_value(), page.evaluate("window.stays"))
    log = page.locator(".ht-log")
    page.wait_for_function(AT_THE_END, arg=log.element_handle())
    log.evaluate("log => { log.scrollTop = 0; }")
    page.wait_for_function("document.querySelector('.ht-log').scrollTop === 0")
    shop.says(5, "I am still here")
    expect(log).to_contain_text("I am still here", timeout=SOON)
    assert 0 == log.evaluate("log => log.scrollTop")
    accessible(page)


def test_an_answer(shop: TeaShop, page: Page) -> None:
    """Sent with Ctrl+Enter, it stands in the conversation as the agent's, and the box is empty."""
    opened(shop, page, REFUND)
    box = page.get_by_label("Answer the buyer")
    box.fill("I have looked it up for you, it is with our bank.")
    box.press("Control+Enter")
    mine = page.locator(".ht-agent", has_text="it is with our bank.")
    expect(mine).to_contain_text("Agent Li")
    expect(box).to_have_value("")


def test_a_draft_survives_a_reload(shop: TeaShop, page: Page) -> None:
    """Words that were not sent are there again, on this thread alone."""
    opened(shop, page, REFUND)
    page.get_by_label("Answer the buyer").press_sequentially("Half a sent")
    page.wait_for_function("Object.values(localStorage).includes('Half a sent')")
    page.reload()
    expect(page.get_by_label("Answer the buyer")).to_have_value("Half a sent")
    opened(shop, page, STUCK)
    expect(page.get_by_label("Search scripts")).to_be_visible()
    expect(page.get_by_label("Answer the buyer")).to_have_value("")


def test_a_bribe_is_refused(shop: TeaShop, page: Page) -> None:
    """The box says why before anybody sends, and the words do not go."""
    opened(shop, page, STUCK)
    box = page.get_by_label("Answer the buyer")
    box.fill("Give us five stars and we give you 5 yuan back")
    expect(page.locator(".ht-findings")).to_contain_text("Not allowed:")
    page.locator(".ht-send").click()
    expect(page.locator(".q-notification")).to_contain_text("was not sent")
    expect(box).to_have_value("Give us five stars and we give you 5 yuan back")
    expect(page.get_by_role("log")).not_to_contain_text("five stars")


def test_two_agents_see_each_other(shop: TeaShop, page: Page, other: Page) -> None:
    """Who is here, who writes, and who of both was quicker."""
    opened(shop, page, STUCK)
    opened(shop, other, STUCK, "wang")
    expect(page.locator(".ht-here")).to_have_text(re.compile("Wang is here"))
    expect(other.locator(".ht-here")).to_have_text(re.compile("Li is here"))
    other.get_by_label("Answer the buyer").press_sequentially("Sorry to")
    expect(page.locator(".ht-here")).to_have_text(re.compile("Wang is writing"))
    page.get_by_label("Answer the buyer").fill("We have asked the courier.")
    page.get_by_label("Answer the buyer").press("Control+Enter")
    expect(page.locator(".ht-agent", has_text="asked the courier")).to_be_visible()
    other.get_by_label("Answer the buyer").fill("Sorry to keep you waiting.")
    other.get_by_label("Answer the buyer").press("Control+Enter")
    asked = other.get_by_role("dialog", name="Li has just answered")
    expect(asked).to_contain_text("We have asked the courier.")
    asked.get_by_role("button", name="Send mine too").click()
    expect(page.locator(".ht-agent", has_text="Sorry to keep you waiting.")).to_contain_text("Wang")
    other.close()
    expect(page.locator(".ht-here")).to_have_text("")


def test_who_wants_no_messages_gets_nothing_of_what_is_planned(shop: TeaShop, page: Page) -> None:
    """It says so above the plan, and at the silent end what happens then."""
    shop.happens(OrderChanged(shop.order(34, age=timedelta())))
    opened(shop, page, "tea/7034/unpaid_order")
    warning = page.get_by_text("The buyer wants no messages: the bot sends them none of this.")
    expect(page.get_by_text("The matter is closed if it is still unpaid")).to_be_visible()
    expect(warning).to_be_hidden()
    shop.says(34, "STOP")
    expect(warning).to_be_visible(timeout=SOON)


def test_what_is_planned_is_moved_sent_and_skipped(shop: TeaShop, page: Page) -> None:
    """Each answer says what came of it, and the plan changes in place."""
    shop.happens(OrderChanged(shop.order(30, age=timedelta())))
    opened(shop, page, "tea/7030/unpaid_order")
    first = page.locator("li", has=page.get_by_role("button", name=re.compile("^Send now"))).first
    first.get_by_role("button", name=re.compile("^Move")).click()
    page.get_by_label("To when").fill("tomorrow 9am")
    page.get_by_role("dialog").get_by_role("button", name="Move").click()
    expect(page.locator(".q-notification")).to_contain_text("09:00")
    expect(first).to_contain_text("09:00")
    name = first.locator(".ht-name").inner_text()
    first.get_by_role("button", name=re.compile("^Send now")).click()
    expect(page.locator(".ht-bot")).to_have_count(1)
    expect(page.get_by_role("listitem").filter(has_text="Li: had it sent at once").first).to_be_visible()
    expect(first.locator(".ht-name")).not_to_have_text(name)
    first.get_by_role("button", name=re.compile("^Skip")).click()
    page.get_by_label("Why").fill("paid by phone")
    page.get_by_role("dialog").get_by_role("button", name="Skip").click()
    expect(page.get_by_role("button", name=re.compile("^Send now"))).to_have_count(0)
    expect(page.get_by_text("paid by phone").first).to_be_visible()


def test_a_photo_goes_to_the_buyer(shop: TeaShop, page: Page, tmp_path: Path) -> None:
    """It is attached by its bytes, goes with the words, and is shown as a thumbnail; a program is refused."""
    opened(shop, page, STUCK)
    upload = page.locator("input[type=file]")
    (tmp_path / "cup.jpg").write_bytes(PNG)
    (tmp_path / "run.jpg").write_bytes(b"MZ" + bytes(64))
    upload.set_input_files(tmp_path / "run.jpg")
    expect(page.locator(".q-notification").first).to_contain_text("cannot be sent")
    upload.set_input_files(tmp_path / "cup.jpg")
    expect(page.get_by_role("button", name="Remove cup.png")).to_be_visible()
    page.get_by_label("Answer the buyer").fill("This is the label on your parcel.")
    page.locator(".ht-send").click()
    again = page.get_by_role("button", name="Send mine too")
    picture = page.locator(".ht-agent", has_text="label on your parcel").locator("img")
    expect(picture.or_(again)).to_be_visible()
    if again.is_visible():
        again.click()
    expect(picture).to_have_js_property("naturalWidth", 1)


def test_a_script_at_a_tap(shop: TeaShop, page: Page) -> None:
    """Found by words, put into the box to be changed, or sent as it is."""
    opened(shop, page, "tea/7002/unpaid_order")
    page.get_by_label("Search scripts").fill("invoice")
    found = page.locator("li", has=page.get_by_role("button", name="Put into the box")).first
    expect(found).to_contain_text(re.compile("invoice", re.IGNORECASE))
    found.get_by_role("button", name="Put into the box").click()
    expect(page.get_by_label("Answer the buyer")).to_have_value(re.compile("invoice", re.IGNORECASE))
    page.get_by_label("Answer the buyer").fill("")
    found.get_by_role("button", name="Send").click()
    expect(page.locator(".ht-agent")).to_contain_text(re.compile("invoice", re.IGNORECASE))


def test_a_task_is_taken_and_done_by_keys(shop: TeaShop, page: Page) -> None:
    """e takes, n writes a note, r is in the answer box; done, it is gone from the list."""
    opened(shop, page, "tea/7007/review_revision")
    page.keyboard.press("e")
    expect(page.locator(".ht-chips")).to_contain_text("Li has it")
    page.keyboard.press("n")
    page.get_by_label("For your colleagues").fill("called her")
    page.get_by_role("dialog").get_by_role("button", name="Write a note").click()
    expect(page.get_by_text("Li: noted: called her").first).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_label("Answer the buyer")).to_be_focused()
    page.keyboard.press("Escape")
    todo = page.locator("li", has=page.get_by_role("button", name="Done", exact=True)).first
    todo.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_text("Nothing is to be done.")).to_be_visible()


def test_the_way_through_the_list(shop: TeaShop, page: Page) -> None:
    """j and k lead through the threads of the list one came from."""
    shop.rests()
    shop.login(page)
    page.goto(f"{shop.url}/console/threads")
    links = page.locator('a[href^="/console/thread/"]')
    expect(links.first).to_be_visible()
    hrefs = list(dict.fromkeys(link.get_attribute("href") for link in links.all()))
    links.first.click()
    expect(page.get_by_role("log")).to_be_visible()
    expect(page.get_by_role("link", name="Next")).to_be_visible()
    page.keyboard.press("j")
    page.wait_for_url(f"**{hrefs[1]}")
    expect(page.get_by_role("link", name="Previous")).to_be_visible()
    page.keyboard.press("k")
    page.wait_for_url(f"**{hrefs[0]}")


def test_on_a_telephone(shop: TeaShop, phone: Page) -> None:
    """The chat first, the rest behind tabs, nothing wider than the screen."""
    opened(shop, phone, REFUND)
    expect(phone.get_by_label("Answer the buyer")).to_be_visible()
    expect(phone.get_by_role("heading", name="Planned next")).to_be_hidden()
    phone.get_by_role("tab", name="To do").click()
    expect(phone.get_by_role("heading", name="Planned next")).to_be_visible()
    expect(phone.get_by_role("log")).to_be_hidden()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    accessible(phone)


def test_no_such_thread(shop: TeaShop, page: Page, visit: Watched) -> None:
    """It says so, with the status of a page that is not there."""
    shop.login(page)
    answer = page.goto(f"{shop.url}/console/thread/tea/1/unpaid_order")
    assert answer is not None
    assert 404 == answer.status
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such matter")
    visit.forgive("404")
