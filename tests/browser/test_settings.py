"""The settings in the browser: an owner changes the shop's figures, and they hold at once."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from bot.config import load
from tests.browser.chromium import accessible
from tests.browser.tea import TeaShop


def opened(page: Page, shop: TeaShop, part: str, who: str = "chen") -> Page:
    """A part of the settings."""
    shop.login(page, who).goto(f"{shop.url}/console/settings?part={part}")
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    return page


def save(page: Page, label: str, value: str) -> None:
    """Change a figure, look at the difference, and save."""
    page.get_by_role("textbox", name=label, exact=True).first.fill(value)
    page.get_by_role("button", name="Review changes (1)").click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("in effect now")).to_be_visible()


def test_a_figure_is_changed_after_a_look_at_the_difference(shop: TeaShop, page: Page) -> None:
    """The file has it, with all its comments, and nothing waits for a restart."""
    before = (shop.folder / "config.toml").read_text("utf-8")
    opened(page, shop, "shop")
    save(page, "Time between reminders", "36h")
    expect(page.get_by_role("textbox", name="Time between reminders")).to_have_value("1d12h")
    expect(page.get_by_text("Waiting for the next start")).to_have_count(0)
    after = (shop.folder / "config.toml").read_text("utf-8")
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    assert 'nudge_every = "36h"' in after


def test_a_mistake_is_said_beside_its_field(shop: TeaShop, page: Page) -> None:
    """In the words of `huifang check`; nothing is saved."""
    before = (shop.folder / "config.toml").read_bytes()
    opened(page, shop, "shop")
    page.get_by_role("textbox", name="Time between “received”").fill("soon")
    page.get_by_role("button", name="Review changes (1)").click()
    expect(page.get_by_text(re.compile("expected a duration .* found .soon"))).to_be_visible()
    assert before == (shop.folder / "config.toml").read_bytes()


def test_of_two_owners_who_save_the_second_is_told(shop: TeaShop, page: Page) -> None:
    """Nothing of what the first has saved is lost."""
    opened(page, shop, "shop")
    path = shop.folder / "config.toml"
    path.write_text(path.read_text("utf-8") + "\n# Somebody edits by hand.\n", "utf-8")
    page.get_by_role("textbox", name="At once means within").fill("12m")
    page.get_by_role("button", name="Review changes (1)").click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Somebody else has changed the file")).to_be_visible()
    assert path.read_text("utf-8").endswith("# Somebody edits by hand.\n")


def test_a_person_is_added_and_invited_here(shop: TeaShop, page: Page) -> None:
    """The new one is in the file, may log in by the link, and who invited him is written down."""
    opened(page, shop, "people")
    page.get_by_role("button", name="Add a person").click()
    page.get_by_role("textbox", name="Id (small letters)").fill("mei")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_role("region", name="mei").get_by_role("button", name="Invite").click()
    link = page.get_by_text(re.compile(r"/console/login\?t=")).inner_text()
    assert "agent" == load(shop.folder / "config.toml").agents.people["mei"].rank
    other = page.context.browser.new_context()
    page2 = other.new_page()
    page2.goto(link)
    page2.get_by_role("button").first.click()
    page2.wait_for_url(re.compile(r"/console/(?!login)"))
    other.close()
    opened(page, shop, "audit")
    expect(page.get_by_text("invite somebody").first).to_be_visible()


def test_a_supervisor_looks_and_an_agent_sees_his_own(shop: TeaShop, page: Page) -> None:
    """Neither may change anything."""
    opened(page, shop, "shop", "wang")
    expect(page.get_by_text("changing is for the owner")).to_be_visible()
    expect(page.get_by_role("textbox", name="Time between reminders")).to_be_disabled()
    page.context.clear_cookies()
    opened(page, shop, "shop", "li")
    expect(page.get_by_role("link", name="Audit")).to_have_count(0)
    expect(page.get_by_text("Logged in")).to_be_visible()


def test_channels_tell_how_they_stand(shop: TeaShop, page: Page) -> None:
    """As `huifang channels` does."""
    opened(page, shop, "channels")
    expect(page.get_by_text("chat", exact=True)).to_be_visible()
    expect(page.get_by_text("up", exact=True)).to_be_visible()


def test_the_settings_can_be_used_by_everybody(shop: TeaShop, page: Page, phone: Page) -> None:
    """With a screen reader, and on a telephone."""
    for part in ("shop", "people", "channels", "program", "audit", "you"):
        opened(page, shop, part)
        accessible(page)
    opened(phone, shop, "shop")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
