"""The chat's button on a page of the shop, which is strict about what may run on it and stands elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from tests.browser.chat_standin import ChatServer
from tests.browser.chromium import PHONE, accessible, watched
from tests.browser.test_chat import FORBIDDEN

TAG = 'data-lang="en" data-color="#12305c"'


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    """A server with one chat."""
    with ChatServer() as server:
        yield server


@pytest.fixture
def site() -> Iterator[ChatServer]:
    """The shop's own server, of another origin."""
    with ChatServer() as server:
        yield server


def visited(page: Page, site: ChatServer, chat: ChatServer, *tags: str) -> FrameLocator:
    """The shop's page with these script tags; what the chat's frame shows, once there is one."""
    page.goto(f"{site.url.removesuffix('/chat')}/shop?chat={chat.url}&tags={quote(chr(10).join(tags or (TAG,)))}")
    expect(launcher(page)).to_be_visible()
    return page.frame_locator("iframe")


def launcher(page: Page) -> Locator:
    """The button."""
    return page.locator("[data-huifang-chat] button")


def opened(page: Page, frame: FrameLocator) -> None:
    """The chat is opened and connected."""
    launcher(page).click()
    expect(frame.locator("#state")).to_have_attribute("data-is", "online")


def test_nothing_is_loaded_until_it_is_opened(page: Page, chat: ChatServer, site: ChatServer) -> None:
    """A visitor who never talked costs one file; opening loads the chat, which works under the shop's strict policy."""
    frame = visited(page, site, chat)
    assert ["widget.js"] == chat.requests
    expect(launcher(page)).to_have_text("Chat with us")
    opened(page, frame)
    expect(frame.locator("#text")).to_be_focused()
    page.keyboard.type("Is it open?")
    page.keyboard.press("Enter")
    expect(frame.locator("#log .own")).to_contain_text("Delivered")

    assert ["Is it open?"] == [each["text"] for each in chat.said]


def test_escape_closes_and_leads_back(page: Page, chat: ChatServer, site: ChatServer) -> None:
    """Esc closes from the chat as from the shop's page; focus is on the button again, which tells how it stands."""
    frame = visited(page, site, chat)
    expect(launcher(page)).to_have_attribute("aria-expanded", "false")
    opened(page, frame)
    expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    expect(launcher(page)).to_have_text("Close chat")
    expect(frame.locator("#text")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_be_hidden()
    expect(launcher(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("iframe")).to_be_visible()
    page.get_by_role("link", name="Cart").focus()
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_be_hidden()
    launcher(page).click()
    frame.get_by_role("button", name="Close").click()

    expect(page.locator("iframe")).to_be_hidden()
    expect(launcher(page)).to_be_focused()


def test_unread_messages_are_counted(page: Page, chat: ChatServer, site: ChatServer) -> None:
    """What comes while it is closed is counted on the button, on later pages too, and no more once it was seen."""
    frame = visited(page, site, chat)
    opened(page, frame)
    page.keyboard.type("Hello")
    page.keyboard.press("Enter")
    expect(frame.locator("#log .own")).to_contain_text("Delivered")
    page.keyboard.press("Escape")
    chat.says("First answer")
    expect(launcher(page)).to_have_text("Chat with us1 new")
    chat.says("Second answer")
    expect(launcher(page)).to_have_text("Chat with us2 new")

    chat.requests.clear()
    frame = visited(page, site, chat)
    expect(launcher(page)).to_have_text("Chat with us2 new")
    assert (1, 0, 1) == tuple(chat.requests.count(each) for each in ("page", "live", "poll"))
    opened(page, frame)
    expect(launcher(page)).to_have_text("Close chat")
    expect(frame.get_by_text("Second answer")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(launcher(page)).to_have_text("Chat with us")


def test_included_twice_it_is_there_once(page: Page, chat: ChatServer, site: ChatServer) -> None:
    """A second tag does nothing, and neither leaves a name on the shop's page."""
    page.goto(f"{site.url.removesuffix('/chat')}/shop?chat={chat.url}&tags=id=none%20type=text/plain")
    before = set(page.evaluate("() => Object.getOwnPropertyNames(window)"))
    visited(page, site, chat, TAG, TAG)

    expect(launcher(page)).to_have_count(1)
    assert set() == set(page.evaluate("() => Object.getOwnPropertyNames(window)")) - before


def test_styles_stay_where_they_belong(page: Page, chat: ChatServer, site: ChatServer) -> None:
    """The shop's page looks as it did, and the shop's rules do not reach the button."""
    visited(page, site, chat)
    look = "(e) => [getComputedStyle(e).position, getComputedStyle(e).color, getComputedStyle(e).fontSize]"
    before = launcher(page).evaluate(look)
    assert ["fixed", "rgb(255, 255, 255)", "16px"] == before
    page.evaluate("""() => {
      const rules = new CSSStyleSheet();
      rules.replaceSync("* { color: lime; font-size: 40px; } button { position: static !important; }");
      document.adoptedStyleSheets = [rules];
    }""")

    assert before == launcher(page).evaluate(look)
    assert 0 == page.evaluate("() => document.styleSheets.length")


def test_on_a_phone_it_fills_the_screen(browser: Browser, chat: ChatServer, site: ChatServer) -> None:
    """The chat takes the whole screen, and its own cross closes it; no keyboard jumps up by itself."""
    with watched(browser, viewport=PHONE, is_mobile=True, has_touch=True) as made:
        page = made.page()
        frame = visited(page, site, chat)
        opened(page, frame)
        box = page.locator("iframe").bounding_box()
        screen = page.evaluate("() => [innerWidth, innerHeight]")
        assert box is not None
        assert (0, 0, *screen) == (box["x"], box["y"], box["width"], box["height"])
        expect(frame.locator("#text")).not_to_be_focused()
        frame.get_by_role("button", name="Close").tap()
        expect(page.locator("iframe")).to_be_hidden()


def test_an_order_link_and_a_side(page: Page, chat: ChatServer, site: ChatServer) -> None:
    """data-token reaches the server once, however many pages carry it; data-side and data-lang are obeyed."""
    tag = 'data-lang="zh-CN" data-token="TOKEN-2" data-side="left"'
    for _ in range(2):
        frame = visited(page, site, chat, tag)
        expect(launcher(page)).to_have_text("联系客服")
        box = launcher(page).bounding_box()
        assert box is not None
        assert 20 == box["x"]
        opened(page, frame)
        assert "zh-CN" == frame.locator("html").get_attribute("lang")

    assert ["TOKEN-2", ""] == [hello["token"] for hello in chat.hellos()]


def test_messages_of_other_origins_are_ignored(page: Page, chat: ChatServer, site: ChatServer) -> None:
    """Neither the button nor the chat listens to a page that it does not belong to."""
    frame = visited(page, site, chat)
    opened(page, frame)
    page.evaluate("""() => {
      for (const huifang of ["close", "talked"]) window.postMessage({ huifang }, "*");
      window.postMessage({ huifang: "unread", count: "<b>9</b>" }, "*");
      window.postMessage(null, "*");
    }""")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(page.locator("iframe")).to_be_visible()
    assert page.evaluate("() => localStorage.length") == 0
    stranger = page.context.new_page()
    stranger.goto(f"{chat.url}?embed=1&from=https://evil.example")
    expect(stranger.locator("#state")).to_have_attribute("data-is", "online")
    expect(stranger.get_by_role("button", name="Close")).to_be_hidden()


def test_it_works_where_the_page_may_keep_nothing(page: Page, chat: ChatServer, site: ChatServer) -> None:
    """A browser that gives neither the shop's page nor the frame any storage still chats."""
    page.add_init_script(FORBIDDEN)
    frame = visited(page, site, chat)
    opened(page, frame)
    expect(frame.locator("#forgetful")).to_be_visible()
    page.keyboard.type("Hello")
    page.keyboard.press("Enter")

    expect(frame.locator("#log .own")).to_contain_text("Delivered")


@pytest.mark.parametrize("color", ["", "#f5c542", "#12305c", "red; background: url(x)"])
def test_it_is_accessible(page: Page, chat: ChatServer, site: ChatServer, color: str) -> None:
    """Nothing serious for axe, closed or open, in whatever colour; what is no colour is not used."""
    chat.message("shop", "Hello", "s-1")
    frame = visited(page, site, chat, f'data-color="{color}"')
    accessible(page)
    opened(page, frame)
    accessible(page)
    if not color or ";" in color:
        shade = "(e) => getComputedStyle(e).backgroundColor"
        assert "rgb(15, 118, 110)" == launcher(page).evaluate(shade)
