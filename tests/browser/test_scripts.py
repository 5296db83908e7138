"""The shop's own words in the browser: an owner edits them, and the next message says them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import accessible
from tests.browser.tea import TeaShop

THANKS = "So good to hear, that makes our day. Enjoy your tea."
BRIBES = {
    "en": "Leave us a five-star review and we give you a 5 dollar coupon.",
    "es": "Déjenos una reseña de cinco estrellas y le regalamos un cupón.",
    "zh-CN": "给个五星好评，我们返现给您。",
}


def opened(page: Page, shop: TeaShop, script: str, who: str = "chen") -> Page:
    """The page of a script, as somebody sees it."""
    shop.login(page, who).goto(f"{shop.url}/console/scripts/{script}")
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    return page


def column(page: Page, language: str):
    """The words of one language."""
    return page.get_by_role("region", name=language)


def typed(page: Page, text: str):
    """The editor with these words in it."""
    editor = page.get_by_role("dialog")
    editor.get_by_role("textbox", name="Words").fill(text)
    return editor


def test_what_the_owner_saves_is_said_in_the_next_message(shop: TeaShop, page: Page) -> None:
    """No restart: the running program has the words at once, and who saved what when stands below."""
    opened(page, shop, "stop.confirmed")
    words = "Understood, no more reminders from us. Write whenever you like."
    for number in range(column(page, "English").get_by_role("button", name="Edit").count()):
        column(page, "English").get_by_role("button", name="Edit").nth(0).click()
        editor = typed(page, f"{words} {'Thank you.' * number}")
        expect(editor.get_by_text("Nothing is wrong")).to_be_visible()
        page.keyboard.press("Control+s")
        expect(editor).to_be_hidden()
        expect(
            column(page, "English").get_by_text(f"{words} {'Thank you.' * number}".strip(), exact=True)
        ).to_be_visible()
    expect(page.get_by_text(re.compile(r"Chen · edited \(English\)")).first).to_be_visible()
    chat = shop.says(1, "STOP")
    shop.until(lambda: any(words in text for text in sent_to(shop, chat)))


def sent_to(shop: TeaShop, chat: str) -> list[str]:
    """What a chat was told so far."""
    with shop.store.engine.connect() as connection:
        from sqlalchemy import select

        from store import schema

        return list(connection.execute(select(schema.outbox.c.text).where(schema.outbox.c.chat == chat)).scalars())


@pytest.mark.parametrize(("lang", "language"), [("en", "English"), ("es", "Spanish"), ("zh-CN", "Chinese")])
def test_a_bribe_for_a_review_cannot_be_saved(shop: TeaShop, page: Page, lang: str, language: str) -> None:
    """The lint says which rule, marks the words, and there is no way to save."""
    opened(page, shop, "unpaid.help")
    column(page, language).get_by_role("button", name="Add a wording").click()
    editor = typed(page, BRIBES[lang])
    expect(editor.get_by_text(re.compile("Nothing may be offered for a review.*rules 13, 77"))).to_be_visible()
    expect(editor.locator("mark")).not_to_have_count(0)
    expect(editor.get_by_role("button", name="Save")).to_be_disabled()
    page.keyboard.press("Control+s")
    editor.get_by_role("button", name="Cancel").click()
    assert BRIBES[lang] not in column(page, language).inner_text()


def test_a_script_is_read_with_a_real_order(shop: TeaShop, page: Page) -> None:
    """Its buyer and goods stand in every language beside each other."""
    opened(page, shop, "unpaid.help", "li")
    page.get_by_label("Try it with a real order").fill("7011")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Shown with order 7011")).to_be_visible()
    for language in ("English", "Spanish", "Chinese"):
        expect(column(page, language).get_by_text("Spring tea, 250 g").first).to_be_visible()


def test_a_change_is_undone_and_the_undoing_too(shop: TeaShop, page: Page) -> None:
    """Any step, from the history."""
    opened(page, shop, "warm.thanks")
    column(page, "English").get_by_role("button", name="Add a wording").click()
    editor = typed(page, THANKS)
    expect(editor.get_by_role("button", name="Save")).to_be_enabled()
    editor.get_by_role("button", name="Save").click()
    own = column(page, "English").get_by_text(THANKS, exact=True)
    expect(own).to_be_visible()
    page.get_by_role("button", name="Undo 1").click()
    expect(own).to_be_hidden()
    page.get_by_role("button", name="Undo 2").click()
    expect(own).to_be_visible()
    expect(page.get_by_text("undone", exact=True)).to_have_count(2)


def test_an_agent_may_try_and_not_save(shop: TeaShop, page: Page) -> None:
    """The page says so, and offers nothing else."""
    opened(page, shop, "unpaid.help", "li")
    expect(page.get_by_role("button", name="Retire")).to_have_count(0)
    page.keyboard.press("e")
    editor = typed(page, "Hello, order {{ order }} is with us. Is anything wrong with the payment?")
    expect(editor.get_by_text("Nothing is wrong")).to_be_visible()
    expect(editor.get_by_text("saving is for supervisors")).to_be_visible()
    expect(editor.get_by_role("button", name="Save")).to_be_disabled()


def test_scripts_are_found_by_what_is_typed_at_the_desk(shop: TeaShop, page: Page) -> None:
    """As /s finds them; the keyboard leads there."""
    shop.login(page, "li").goto(f"{shop.url}/console/scripts")
    expect(page.get_by_role("link", name=re.compile("."))).not_to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("退款")
    expect(page.get_by_role("link", name="Where the refund stands").first).to_be_visible()
    accessible(page)


def test_words_another_process_sets_show_without_a_reload(shop: TeaShop, page: Page) -> None:
    """And a page that is open while the file is changed shows it, at the latest with the next thing that happens."""
    opened(page, shop, "hint.stop")
    text = "（我是店里的自动助手，不想收到提醒就回“退订”。）"
    shop.type_in("scripts", "set", "hint.stop", "--lang", "zh-CN", "--text", text)
    shop.says(2, "hello")
    expect(column(page, "Chinese").get_by_text(text)).to_be_visible()


def test_the_page_of_a_script_can_be_used_by_everybody(shop: TeaShop, page: Page, phone: Page) -> None:
    """With a screen reader, and on a telephone."""
    opened(page, shop, "unpaid.help")
    accessible(page)
    page.get_by_role("button", name="Edit").first.click()
    expect(page.get_by_role("dialog").get_by_text("400 characters at most")).to_be_visible()
    accessible(page)
    opened(phone, shop, "unpaid.help")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
