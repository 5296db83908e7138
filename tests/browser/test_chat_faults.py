"""The web chat's page when things go wrong: lines that break, servers that are slow, words that are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chat_standin import BEGAN, ChatServer
from tests.browser.chromium import Watched
from tests.browser.test_chat import choose, jpeg, last_own, opened, said, write


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    """A server with one chat."""
    with ChatServer() as server:
        yield server


@pytest.fixture(autouse=True)
def forgiven(visit: Watched) -> Iterator[None]:
    """A browser notes every line that does not come about; here that is no fault of the page."""
    yield
    for words in ("WebSocket connection", "Failed to load resource"):
        visit.forgive(words)


def test_where_sockets_do_not_open_it_polls(page: Page, chat: ChatServer) -> None:
    """After two that fail the same frames go by polls, both ways, and nothing of it shows."""
    chat.faults.no_sockets = True
    opened(page, chat, "t=TOKEN-1")
    write(page, "By poll")
    expect(last_own(page)).to_contain_text("Delivered")
    chat.says("Heard by poll")
    chat.says("Twice")

    expect(said(page)).to_have_text(["By poll", "Heard by poll", "Twice"])
    assert (2, ["TOKEN-1"]) == (chat.requests.count("live"), [hello["token"] for hello in chat.hellos("poll")])
    assert ["By poll"] == [each["text"] for each in chat.said]


def test_sockets_are_tried_again_later(page: Page, chat: ChatServer) -> None:
    """While it polls it tries a socket now and then, and keeps to it once one opens, with nothing lost or doubled."""
    chat.faults.no_sockets = True
    opened(page, chat)
    chat.faults.no_sockets = False
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 121_000; }")
    with page.expect_websocket(lambda socket: socket.url.endswith("/chat/live")):
        chat.says("Wakes the poll")
    expect(said(page)).to_have_text(["Wakes the poll"])
    write(page, "By socket")

    expect(last_own(page)).to_contain_text("Delivered")
    assert "live" in [way for way, frame in chat.heard if frame["type"] == "hello"]


def test_a_dropped_line_comes_back_by_itself(page: Page, chat: ChatServer) -> None:
    """It asks only for what it has not seen, and shows what was said meanwhile once."""
    opened(page, chat)
    chat.says("Before")
    expect(said(page)).to_have_text(["Before"])
    chat.faults.away = True
    chat.drop()
    expect(page.locator("#state")).to_have_attribute("data-is", "away")
    chat.message("shop", "Meanwhile", "s-meanwhile")
    chat.faults.away = False
    expect(page.locator("#state")).to_have_attribute("data-is", "online")

    expect(said(page)).to_have_text(["Before", "Meanwhile"])
    assert ["", "1"] == [hello["after"] for hello in chat.hellos()]


HASTY = """
window.pauses = [];
const later = window.setTimeout;
window.setTimeout = (act, time, ...more) => {
  if (act.name !== "connect") return later(act, time, ...more);
  pauses.push(time);
  return later(act, 0);
};"""
"""Notes how long the page means to wait until it connects again, and does not wait."""


def test_pauses_grow(page: Page, chat: ChatServer) -> None:
    """A server that is away is left in peace: ten seconds at the most, and not all browsers at the same moment."""
    chat.faults.away = True
    page.add_init_script(HASTY)
    page.goto(chat.url)
    page.wait_for_function("() => pauses.length >= 16")
    waited = [each for each in page.evaluate("() => pauses") if each]

    assert 500 <= waited[0] <= 1000
    assert max(waited) <= 10_000
    assert 5_000 <= min(waited[5:])
    assert len({round(each) for each in waited}) == len(waited)


def test_what_is_not_kept_in_time_says_so(page: Page, chat: ChatServer) -> None:
    """A message that the server says nothing of is marked after a while; a tap sends it again, and once."""
    page.clock.install()
    opened(page, chat)
    chat.faults.deaf = True
    write(page, "Anybody there?")
    expect(last_own(page)).to_contain_text("Sending")
    chat.faults.away = True
    page.clock.run_for(16_000)
    expect(last_own(page)).to_contain_text(re.compile("Not sent. Tap to try again|Goes out once"))
    chat.faults.away = chat.faults.deaf = False

    expect(last_own(page)).to_contain_text("Delivered")
    assert ["Anybody there?"] == [each["text"] for each in chat.said]


def test_a_failed_message_is_tapped(page: Page, chat: ChatServer) -> None:
    """What was refused for a while waits for its time or a tap."""
    page.clock.install()
    opened(page, chat)
    chat.faults.refuses = [{"why": "too_many", "wait": 30}, {"why": "busy", "wait": 5}]
    write(page, "Quick")
    again = page.get_by_role("button", name=re.compile("in about 30 seconds"))
    again.focus()
    page.keyboard.press("Enter")
    expect(last_own(page)).to_contain_text("The shop is very busy")
    page.clock.run_for(5_000)

    expect(last_own(page)).to_contain_text("Delivered")
    assert ["Quick"] == [each["text"] for each in chat.said]


def test_the_order_is_that_of_the_shops_clock(page: Page, chat: ChatServer) -> None:
    """Words that are under way stand last, and move to their place once it is known when they came."""
    opened(page, chat)
    chat.says("Before")
    chat.faults.deaf = True
    write(page, "Mine")
    page.wait_for_function("() => document.querySelector('[data-state=sending]')")
    later = chat.message("shop", "Later", "s-later", BEGAN + timedelta(minutes=9))
    chat.tells({"type": "message", **later, "cursor": "2"})
    expect(said(page)).to_have_text(["Before", "Later", "Mine"])
    mine = next(frame["id"] for _, frame in chat.heard if frame["type"] == "say")
    chat.tells({"type": "kept", "id": mine, "at": "2026-03-11T06:08:00.000Z"})

    expect(said(page)).to_have_text(["Before", "Mine", "Later"])
    expect(last_own(page)).to_contain_text("Delivered")


def test_what_is_too_long_for_the_server_comes_back(page: Page, chat: ChatServer) -> None:
    """It can be edited and sent; it is not sent again as it was, neither here nor in another tab."""
    opened(page, chat)
    chat.faults.refuses = [{"why": "too_long"}]
    write(page, "A long story")
    page.get_by_role("button", name="Too long, so it was not sent. Tap to edit it").click()

    expect(page.locator("#text")).to_have_value("A long story")
    expect(page.locator("#log .own")).to_have_count(0)
    chat.drop()
    write(page, "A story")
    expect(last_own(page)).to_contain_text("Delivered")
    assert ["A story"] == [each["text"] for each in chat.said]


def test_a_refused_hello_is_told(page: Page, chat: ChatServer) -> None:
    """Too many windows, or a server that is busy, are words above the box."""
    opened(page, chat)
    for why, words in (("too_many", "too many windows"), ("busy", "keep trying to connect")):
        chat.tells({"type": "refused", "id": "", "why": why})
        expect(page.get_by_role("alert")).to_contain_text(words)


@pytest.mark.parametrize(("status", "answer", "words"), [
    (413, {"why": "too_large"}, "“fake.png” is too large"),
    (413, {"error": "content too large"}, "“fake.png” is too large"),
    (415, {"why": "bad_photo"}, "“fake.png” is not a photo we can take"),
])  # fmt: skip
def test_a_file_that_is_refused_for_good(page: Page, chat: ChatServer, status: int, answer: dict, words: str) -> None:
    """It is taken off with the reason and its name; the words and the photos beside it go."""
    opened(page, chat)
    choose(page, jpeg(30, 30))
    expect(page.locator("#photos progress")).to_be_hidden()
    chat.faults.photo_answers = [(status, answer)]
    choose(page, b"%PDF-1.7", name="fake.png", mime="image/png")
    expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.locator("#photos li")).to_have_count(1)
    write(page, "See")

    expect(last_own(page)).to_contain_text("Delivered")
    expect(page.get_by_role("alert")).to_be_hidden()
    assert [("See", ["photo-0"])] == [(each["text"], each["photos"]) for each in chat.said]


def test_what_waits_for_a_refused_file_goes(page: Page, chat: ChatServer) -> None:
    """Words that were sent before the answer came go without the file, and why stays to be read, for each file."""
    opened(page, chat)
    chat.faults.photo_answers = [(415, {"why": "bad_photo"})]
    page.locator("#text").fill("See")
    held: list[Route] = []
    page.route("**/chat/photo", lambda route: held.append(route))  # noqa: PLW0108 - it marks what it gets
    with page.expect_request("**/chat/photo"):
        choose(page, b"%PDF-1.7", name="fake.png", mime="image/png")
    page.locator("#text").press("Enter")
    choose(page, b"%PDF-1.7", name="list.pdf", mime="application/pdf")
    expect(page.locator("#text")).to_have_value("See")
    held[0].continue_()

    expect(last_own(page)).to_contain_text("Delivered")
    expect(page.get_by_role("alert")).to_have_text(re.compile("“list.pdf” is not a photo.*“fake.png” is not a", re.S))
    assert [("See", [])] == [(each["text"], each["photos"]) for each in chat.said]


@pytest.mark.parametrize(("status", "answer", "words"), [
    (429, {"why": "too_many", "wait": 17}, "try “tea.jpg” again in 17 seconds"),
    (503, {"why": "busy"}, "“tea.jpg” could not be uploaded"),
])  # fmt: skip
def test_a_photo_that_is_not_taken_yet(page: Page, chat: ChatServer, status: int, answer: dict, words: str) -> None:
    """The words go without it; it waits, says why, and goes once it is uploaded again."""
    opened(page, chat)
    chat.faults.photo_answers = [(status, answer)]
    choose(page, jpeg(30, 30))
    expect(page.get_by_role("alert")).to_contain_text(words)
    write(page, "See")
    expect(last_own(page)).to_contain_text("Delivered")
    expect(page.get_by_role("alert")).to_contain_text(words)
    page.get_by_role("button", name="Upload again: tea.jpg").click()
    expect(page.get_by_role("button", name="Upload again: tea.jpg")).to_be_hidden()
    page.locator("#send").click()

    expect(page.locator("#log .own[data-state=delivered]")).to_have_count(2)
    assert [("See", []), ("", ["photo-0"])] == [(each["text"], each["photos"]) for each in chat.said]


def test_more_photos_than_a_message_holds(page: Page, chat: ChatServer) -> None:
    """Six go with a message; that the seventh does not is told."""
    opened(page, chat)
    choose(page, *[jpeg(20, 20)] * 7)

    expect(page.get_by_role("alert")).to_contain_text("6 photos at most")
    expect(page.locator("#photos li")).to_have_count(6)


def test_a_photo_that_no_browser_can_read_is_sent_as_it_is(page: Page, chat: ChatServer) -> None:
    """The server may be able to."""
    opened(page, chat)
    choose(page, b"\x00\x00\x00\x18ftypheic not really", name="IMG_1.HEIC", mime="")
    write(page, "From my phone")

    expect(last_own(page)).to_contain_text("Delivered")
    assert {"photo-0": (b"\x00\x00\x00\x18ftypheic not really", "image/heic")} == chat.photos


def test_a_photo_that_cannot_be_shown_is_tried_again(page: Page, chat: ChatServer) -> None:
    """A tap tries once more."""
    chat.message("shop", "Look", "s-look", photos=("late",))
    opened(page, chat)
    missing = page.get_by_role("button", name="The photo cannot be shown just now. Tap to try again")
    expect(missing).to_be_visible()
    chat.photos["late"] = jpeg(30, 30), "image/jpeg"
    missing.click()

    expect(page.get_by_role("button", name="Enlarge: late.jpg")).to_be_visible()


def test_a_dead_line_is_noticed(page: Page, chat: ChatServer) -> None:
    """A socket over which nothing comes any more is given up, although it never closed."""
    page.clock.install()
    opened(page, chat)
    chat.faults.mute = True
    page.clock.run_for(30_000)
    page.clock.run_for(60_000)
    chat.faults.mute = False
    write(page, "Hello again")

    expect(last_own(page)).to_contain_text("Delivered")
    assert len(chat.hellos()) >= 2


def test_frames_of_a_newer_server_are_passed_over(page: Page, chat: ChatServer) -> None:
    """What it does not know, and changes of what it does not show, disturb nothing."""
    opened(page, chat)
    for frame in ({"type": "typing"}, {"type": "edited", "id": "nobody's", "text": "x", "choices": []},
                  {"type": "kept", "id": "nobody's"}, {"type": "pong"}):  # fmt: skip
        chat.tells(frame)
    chat.says("Still well")

    expect(said(page)).to_have_text(["Still well"])
