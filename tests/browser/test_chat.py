"""What a buyer sees and does in the web chat's page, against a stand-in of its server."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chat_standin import ChatServer
from tests.browser.chromium import PHONE, Watched, accessible, watched

HOSTILE = [
    "<img src=x onerror=\"document.body.dataset.hacked='1'\">",
    "<script>document.body.dataset.hacked='1'</script>",
    "</p></div><h1>Pay here</h1>",
    "&lt;b&gt; ${1+1} {{7*7}} $lang %s \u202egnp.exe\u202c",
    "javascript:alert(1) data:text/html,<b>x</b>",
    "constructor __proto__ 💣",
]


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    """A server with one chat."""
    with ChatServer() as server:
        yield server


def opened(page: Page, chat: ChatServer, query: str = "") -> Page:
    """The page, once it is connected."""
    page.goto(f"{chat.url}?{query}")
    expect(page.locator("#state")).to_have_attribute("data-is", "online")
    return page


def write(page: Page, text: str) -> None:
    """The buyer writes and sends."""
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def said(page: Page) -> Locator:
    """The words of the conversation, in order."""
    return page.locator("#log .text:visible")


def last_own(page: Page) -> Locator:
    """What the buyer said last."""
    return page.locator("#log .own").last


def jpeg(width: int, height: int, orientation: int = 1, gps: bool = False) -> bytes:
    """A photo, red in its upper half and blue in its lower one, as the camera held it."""
    image, exif, out = Image.new("RGB", (width, height), "red"), Image.Exif(), io.BytesIO()
    image.paste("blue", (0, height // 2, width, height))
    exif[0x0112] = orientation
    if gps:
        exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 14.0, 0.0), 3: "E", 4: (121.0, 28.0, 0.0)})
    image.save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


def choose(page: Page, *photos: bytes, name: str = "tea.jpg", mime: str = "image/jpeg") -> None:
    """The buyer picks photos from his device."""
    page.locator("#files").set_input_files([{"name": name, "mimeType": mime, "buffer": each} for each in photos])


def test_a_message_is_delivered_and_answered(page: Page, chat: ChatServer) -> None:
    """Enter sends, Shift+Enter begins a line; the message says when it is delivered, and the answer appears."""
    opened(page, chat)
    page.locator("#text").press_sequentially("Hello")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("I paid")
    page.keyboard.press("Enter")

    expect(last_own(page)).to_contain_text("Delivered")
    assert ["Hello\nI paid"] == [each["text"] for each in chat.said]
    expect(page.locator("#text")).to_have_value("")

    chat.says("Thank you, we have it.")
    expect(said(page)).to_have_text(["Hello\nI paid", "Thank you, we have it."])


def test_enter_that_chooses_a_chinese_word_sends_nothing(page: Page, chat: ChatServer) -> None:
    """While an input method composes, Enter belongs to it."""
    opened(page, chat, "lang=zh-CN").locator("#text").focus()
    device = page.context.new_cdp_session(page)
    device.send("Input.imeSetComposition", {"text": "ming tian", "selectionStart": 9, "selectionEnd": 9})
    enter = {"key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229}
    device.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    device.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Enter", "windowsVirtualKeyCode": 13})
    expect(page.locator("#text")).to_have_value(re.compile("ming tian"))
    device.send("Input.insertText", {"text": "明天付"})
    page.keyboard.press("Enter")

    expect(last_own(page)).to_contain_text("已送达")
    assert ["明天付"] == [each["text"] for each in chat.said]


def test_the_conversation_and_a_draft_outlast_a_reload(page: Page, chat: ChatServer) -> None:
    """After a reload there is what was said, what was being written, and the same key."""
    opened(page, chat)
    write(page, "Is it in stock?")
    expect(last_own(page)).to_contain_text("Delivered")
    chat.says("Yes, it is.")
    page.locator("#text").fill("And in gre")
    page.reload()

    expect(said(page)).to_have_text(["Is it in stock?", "Yes, it is."])
    expect(page.locator("#text")).to_have_value("And in gre")
    keys = {hello["key"] for hello in chat.hellos()}
    assert 1 == len(keys)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", keys.pop())


def test_what_is_written_without_a_connection_is_sent_once(page: Page, visit: Watched, chat: ChatServer) -> None:
    """It waits, says so, outlasts a reload of another tab, and goes out in order once the server is back."""
    opened(page, chat)
    chat.faults.away = True
    chat.drop()
    expect(page.locator("#state")).to_contain_text("Keep writing")
    for text in ("First", "Second"):
        write(page, text)
        expect(last_own(page)).to_contain_text("Goes out once you are connected again")
    other = visit.page()
    other.goto(chat.url)
    expect(said(other)).to_have_text(["First", "Second"])
    chat.faults.away = False

    expect(page.locator("#log .own").filter(has_text="Delivered")).to_have_count(2)
    expect(other.locator("#log .own").filter(has_text="Delivered")).to_have_count(2)
    assert ["First", "Second"] == [each["text"] for each in chat.said]
    visit.forgive("WebSocket")
    visit.forgive("503")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_anybody_says_is_text(page: Page, chat: ChatServer, text: str) -> None:
    """Words, names and ids are shown as they are, whoever wrote them, and never run or change the page."""
    chat.title = text
    chat.photos[text] = jpeg(40, 40), "image/jpeg"
    shown = {"id": text, "name": text, "mime": "image/jpeg"}
    chat.message("shop", text, text, photos=(shown,), choices=[{"id": text, "label": text}])
    opened(page, chat)

    expect(page.locator("h1")).to_have_text(text)
    page.locator(".offer button").click()
    expect(last_own(page)).to_contain_text("Delivered")
    assert text == chat.said[0]["answers"]
    write(page, text)
    expect(page.locator("#log .own")).to_have_count(2)
    counted = "() => document.querySelectorAll('#log :is(script, h1, b, .text img, .text a)').length"
    assert 0 == page.evaluate(counted)
    assert page.evaluate("() => document.body.dataset.hacked") is None
    assert [text] * 2 == [page.evaluate("(e) => e.textContent", e) for e in page.query_selector_all(".text")[:2]]


def test_links_of_the_shop_are_links_and_nothing_else_is(page: Page, chat: ChatServer) -> None:
    """Only http and https, only in the shop's words, opened apart from this page, without what follows them."""
    chat.says("Track it at https://track.example/a?b=1&c=(2). 或者 http://m.example/包裹。 Not ftp://x.example, "
              "javascript:alert(1) or https://")  # fmt: skip
    opened(page, chat)
    write(page, "I saw https://other.example/x")
    expect(last_own(page)).to_contain_text("Delivered")
    read = "(all) => all.map(({ href, rel, target }) => [decodeURI(href), rel, target])"

    assert [
        ["https://track.example/a?b=1&c=(2", "noopener nofollow", "_blank"],
        ["http://m.example/包裹", "noopener nofollow", "_blank"],
    ] == page.locator("#log a").evaluate_all(read)


def test_only_the_newest_offer_can_be_tapped(page: Page, chat: ChatServer) -> None:
    """A tap shows as the buyer's own words and names the button; older offers are gone, also after a reload."""
    opened(page, chat)
    chat.says("Why is that?", "why", ("Too dear", "Changed my mind"))
    chat.says("When will it suit?", "when", ("Tomorrow", "Later"))
    expect(page.locator(".offer button")).to_have_text(["Tomorrow", "Later"])
    page.get_by_role("group", name="Possible answers").get_by_role("button", name="Tomorrow").press("Enter")

    expect(last_own(page)).to_contain_text("Delivered")
    sent = chat.said[0]
    assert ("Tomorrow", "choice-Tomorrow", "when") == (sent["text"], sent["choice"], sent["answers"])
    expect(page.locator(".offer button")).to_have_count(0)
    chat.edits("when", "It will suit tomorrow.")
    expect(said(page).nth(1)).to_have_text("It will suit tomorrow.")
    expect(page.locator(".offer button")).to_have_count(0)


WISHES = [("zh-CN", "退订", "请转人工客服"), ("en", "STOP", "I'd like to talk to a person")]
WISHES += [("es", "BAJA", "Quiero hablar con una persona")]


@pytest.mark.parametrize(("lang", "stop", "person"), WISHES)
def test_stop_and_a_person_are_one_tap_away(phone: Page, chat: ChatServer, lang: str, stop: str, person: str) -> None:
    """Each is one tap in the buyer's language, and says beforehand what it means."""
    opened(phone, chat, f"lang={lang}")
    assert lang == phone.locator("html").get_attribute("lang")
    assert stop in (phone.locator("#stop").get_attribute("title") or "")
    phone.locator("#person").tap()
    phone.locator("#stop").tap()

    expect(said(phone)).to_have_text([person, stop])
    expect(phone.locator("#log .own[data-state=delivered]")).to_have_count(2)


def test_the_end_is_followed_only_by_who_is_there(page: Page, chat: ChatServer) -> None:
    """Who reads further up is not moved, and is told of news by a button that leads to it."""
    for number in range(40):
        chat.message("shop", f"Line {number}\nand more", f"line-{number}")
    opened(page, chat)
    expect(page.get_by_text("Line 39")).to_be_in_viewport()
    page.locator("#log").evaluate("(log) => { log.scrollTop = 0; }")
    expect(page.get_by_text("Line 0", exact=False).first).to_be_in_viewport()
    chat.says("Something new")
    pill = page.get_by_role("button", name="New message")
    expect(pill).to_be_visible()
    expect(page.get_by_text("Something new")).not_to_be_in_viewport()
    pill.click()

    expect(page.get_by_text("Something new")).to_be_in_viewport()
    expect(pill).to_be_hidden()
    chat.says("And one more")
    expect(page.get_by_text("And one more")).to_be_in_viewport()
    assert "shop-41" in [frame["id"] for _, frame in chat.heard if frame["type"] == "seen"]


def test_times_are_those_of_the_buyer(browser: Browser, chat: ChatServer) -> None:
    """Days are separated and hours shown in the zone that the browser is in, and said to screen readers."""
    now = datetime.now(UTC)
    chat.message("shop", "Long ago", "s-old", datetime(2026, 1, 4, 23, 30, tzinfo=UTC))
    chat.message("buyer", "Yesterday's", "b-yesterday", now - timedelta(days=1))
    chat.message("shop", "Today's", "s-today", now)
    with watched(browser, timezone_id="Asia/Shanghai") as made:
        page = opened(made.page(), chat)
        expect(page.locator(".day:visible")).to_have_text(["Monday, January 5", "Yesterday", "Today"])
        expect(page.locator("time").first).to_have_text(re.compile(r"^7:30.AM$"))
        assert re.match(r"Lin's tea, 7:30.AM", page.locator(".unseen").first.inner_text())


def test_a_photo_is_turned_shrunk_and_stripped(page: Page, chat: ChatServer) -> None:
    """What goes out is upright, at most 2,000 pixels wide, and does not tell where it was taken."""
    opened(page, chat)
    choose(page, jpeg(3000, 1500, orientation=6, gps=True))
    expect(page.locator("#photos img")).to_be_visible()
    expect(page.locator("#photos progress")).to_be_hidden()
    write(page, "Like this")
    expect(last_own(page)).to_contain_text("Delivered")

    data, mime = chat.photos["photo-0"]
    sent = Image.open(io.BytesIO(data))
    assert ("image/jpeg", (1000, 2000), {}) == (mime, sent.size, dict(sent.getexif()))
    assert (0, 0, 254) == tuple(min(254, round(each / 127) * 127) for each in sent.getpixel((10, 1000)))
    assert [["photo-0"]] == [each["photos"] for each in chat.said]
    assert b"GPS" not in data


def test_photos_are_pasted_dropped_and_removed(page: Page, chat: ChatServer) -> None:
    """Paste and drop add photos like the button does; one taken off is not sent; what is no photo is refused."""
    opened(page, chat)
    hand_over = """([bytes, name, type, event]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], name, { type }));
      const options = { bubbles: true, cancelable: true };
      document.querySelector("#text").dispatchEvent(event === "paste"
        ? new ClipboardEvent(event, { ...options, clipboardData: data })
        : new DragEvent(event, { ...options, dataTransfer: data }));
    }"""
    page.evaluate(hand_over, [list(jpeg(60, 40)), "pasted.jpg", "image/jpeg", "paste"])
    page.evaluate(hand_over, [list(jpeg(60, 40)), "dropped.jpg", "image/jpeg", "drop"])
    expect(page.locator("#photos li")).to_have_count(2)
    page.get_by_role("button", name="Remove photo: pasted.jpg").click()
    page.evaluate(hand_over, [[1, 2, 3], "list.pdf", "application/pdf", "drop"])
    expect(page.get_by_role("alert")).to_contain_text("not a photo")
    expect(page.locator("#photos progress")).to_be_hidden()
    page.get_by_role("button", name="Send").click()

    expect(last_own(page)).to_contain_text("Delivered")
    assert [1] == [len(each["photos"]) for each in chat.said]


def test_a_photo_is_enlarged_and_closed_again(page: Page, chat: ChatServer) -> None:
    """A photo of the shop is fetched with the key, enlarged on a tap, and Esc leads back to it."""
    chat.photos["leaf"] = jpeg(300, 200), "image/jpeg"
    chat.message("shop", "Here it is", "s-photo", photos=("leaf",))
    opened(page, chat)
    shown = page.get_by_role("button", name="Enlarge: leaf.jpg")
    shown.click()
    expect(page.get_by_role("dialog", name="Photo")).to_be_visible()
    accessible(page)
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(shown).to_be_focused()


def test_files_of_the_shop_are_saved(page: Page, chat: ChatServer) -> None:
    """What is no picture has its name on a button that saves it."""
    chat.photos["bill"] = b"%PDF-1.7", "application/pdf"
    chat.message(
        "shop", "Your invoice", "s-f", photos=[{"id": "bill", "name": "invoice.pdf", "mime": "application/pdf"}]
    )
    opened(page, chat)
    with page.expect_download() as saving:
        page.get_by_role("button", name="invoice.pdf").click()

    assert "invoice.pdf" == saving.value.suggested_filename


def test_an_over_long_text_stays_in_the_box(page: Page, chat: ChatServer) -> None:
    """The count is shown near the limit; beyond it nothing is sent or lost."""
    opened(page, chat)
    text = "茶" * 1999 + "🍵🍵"
    write(page, text)

    expect(page.get_by_role("alert")).to_contain_text("2001 characters; 2000 is the most")
    expect(page.locator("#count")).to_have_text("2,001 / 2,000")
    expect(page.locator("#text")).to_have_value(text)
    write(page, text[:-1])
    expect(last_own(page)).to_contain_text("Delivered")
    assert [2000] == [len(each["text"]) for each in chat.said]


def test_two_tabs_show_the_same(page: Page, visit: Watched, chat: ChatServer) -> None:
    """What is said in one tab stands in the other, delivered, and so does a draft."""
    opened(page, chat)
    other = opened(visit.page(), chat)
    write(page, "From the first")
    expect(last_own(other)).to_contain_text("Delivered")
    write(other, "From the second")
    expect(page.locator("#log .own").filter(has_text="Delivered")).to_have_count(2)
    chat.says("Both heard")
    page.locator("#text").fill("half a")

    for tab in (page, other):
        expect(said(tab)).to_have_text(["From the first", "From the second", "Both heard"])
    assert 2 == len(chat.said)
    page.bring_to_front()
    page.locator("#text").fill("half a sentence")
    other.locator("#log").focus()
    page.locator("#text").fill("half a sentence more")
    expect(other.locator("#text")).to_have_value("half a sentence more")


def test_a_token_is_used_once_and_leaves_the_address(page: Page, chat: ChatServer) -> None:
    """It goes to the server in the first hello, is then nowhere to be seen, and is not shown again."""
    opened(page, chat, "t=SECRET-token&lang=es")
    expect(page).to_have_url(f"{chat.url}?lang=es")
    opened(page, chat, "t=SECRET-token&lang=es")

    assert ["SECRET-token", ""] == [hello["token"] for hello in chat.hellos()]
    assert "SECRET-token" not in page.content()


FORBIDDEN = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("no", "SecurityError"); },
});"""
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"


@pytest.mark.parametrize("broken", [FORBIDDEN, FULL], ids=["forbidden", "full"])
def test_a_browser_that_keeps_nothing_still_chats(page: Page, chat: ChatServer, broken: str) -> None:
    """Where the browser lets nothing be kept the chat works as long as its page, and says so."""
    page.add_init_script(broken)
    opened(page, chat)
    expect(page.locator("#forgetful")).to_contain_text("does not let us keep anything")
    write(page, "Hello")

    expect(last_own(page)).to_contain_text("Delivered")
    chat.drop()
    chat.says("Still here?")
    expect(said(page)).to_have_text(["Hello", "Still here?"])


def filled(chat: ChatServer) -> None:
    """A conversation with everything in it."""
    chat.photos["leaf"] = jpeg(300, 200), "image/jpeg"
    chat.message("buyer", "Is this the gift box?", "b-1", photos=("leaf",))
    chat.message("shop", "Yes, see https://shop.example/box", "s-1")
    offered = [{"id": "c1", "label": "I'll pay tomorrow"}, {"id": "c2", "label": "It was too expensive for me"}]
    chat.message("shop", "May I help with your order?", "s-2", choices=offered)


SMALL = """(all) => all.filter((each) => {
  const { width, height } = each.getBoundingClientRect();
  return width < 44 || height < 44;
}).map((each) => each.outerHTML)"""
SCREENS = [
    {"color_scheme": "light"},
    {"color_scheme": "dark"},
    {"viewport": PHONE, "is_mobile": True, "has_touch": True, "color_scheme": "dark"},
    {"viewport": {"width": 320, "height": 400}, "reduced_motion": "reduce"},
]


@pytest.mark.parametrize("screen", SCREENS, ids=["light", "dark", "phone", "narrow"])
@pytest.mark.parametrize("color", ["", "#f5c542", "#12305c"])
def test_anybody_can_use_it(browser: Browser, chat: ChatServer, screen: dict, color: str) -> None:
    """Whatever the screen and the shop's colour: nothing serious for axe, targets of 44 pixels, no way sideways."""
    filled(chat)
    with watched(browser, **screen) as made:
        page = opened(made.page(), chat, f"color=%23{color[1:]}")
        chat.faults.refuses.append({"why": "too_many", "wait": 42})
        write(page, "Refused")
        expect(page.get_by_role("button", name=re.compile("42 seconds"))).to_be_visible()
        page.locator("#text").fill("x" * 1990)
        accessible(page)
        assert [] == page.locator("button:visible, textarea:visible").evaluate_all(SMALL)
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        expect(page.locator("#send")).to_be_visible()
        assert page.locator("#log").evaluate("(log) => log.clientHeight") >= 96


def test_a_screen_reader_hears_who_says_what(page: Page, chat: ChatServer) -> None:
    """The log is announced politely, only once the past is there; each message has its speaker; states are words."""
    filled(chat)
    opened(page, chat)
    log = page.get_by_role("log", name="Conversation with the shop")
    expect(log).to_have_attribute("aria-live", "polite")
    write(page, "Thanks")
    expect(last_own(page)).to_contain_text("Delivered")
    assert re.match(r"You, \d+:\d\d", last_own(page).locator(".unseen").inner_text())
    expect(page.get_by_role("heading", level=1)).to_have_text("Lin's tea")
    expect(page.get_by_role("textbox", name="Your message")).to_be_focused()
    order = []
    page.locator("#log").focus()
    for _ in range(7):
        page.keyboard.press("Tab")
        order.append(page.evaluate("() => document.activeElement.ariaLabel ?? document.activeElement.textContent"))
    assert ["Enlarge: leaf.jpg", "https://shop.example/box", "I'll pay tomorrow", "It was too expensive for me",
            "Talk to a person", "Stop messages", "Add photos"] == order  # fmt: skip


def test_nothing_secret_stands_in_an_address(page: Page, chat: ChatServer) -> None:
    """The key goes in a frame or a header, never in a URL."""
    urls: list[str] = []
    note: Callable[..., None] = lambda request: urls.append(request.url)  # noqa: E731
    page.on("request", note)
    page.on("websocket", note)
    filled(chat)
    opened(page, chat)
    page.get_by_role("button", name="Enlarge: leaf.jpg").click()
    key = chat.hellos()[0]["key"]

    assert len(urls) >= 4
    assert [] == [url for url in urls if key in url]
    assert key not in json.dumps(chat.requests)
