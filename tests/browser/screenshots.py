"""Pictures of the console and the web chat for the documentation: `make screenshots` puts them into docs/images/.

They show the served demo, so that nobody in them exists.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from bot.demo.places import PLACES
from followup.model import Segment
from scripts_library.words import built_in
from tests.browser.chromium import PHONE, launch, watched
from tests.browser.demo import Demo

IMAGES = Path(__file__).parents[2] / "docs" / "images"
PAGES = {
    "today": "/console/today",
    "threads": "/console/threads",
    "thread": "/console/thread/demo/2001/unpaid_order",
    "case": "/console/thread/demo/1004/after_sales",
    "calendar": "/console/calendar",
    "scripts": "/console/scripts",
    "script": "/console/scripts/unpaid.help",
    "reports": "/console/reports",
    "simulate": "/console/simulate",
    "settings": "/console/settings",
}
ON_THE_PHONE = ("today", "threads", "thread")
IN_THE_DARK = ("today", "thread")
SETTLE = 1500
WORDS = 60_000


def take(browser: Browser, demo: Demo, lang: str, folder: Path) -> Iterator[Path]:
    """Take all pictures of one demo."""
    yield from _chat(browser, demo, lang, folder)
    with watched(browser, locale=lang, device_scale_factor=1) as desk:
        page = desk.page()
        page.goto(demo.console)
        page.get_by_role("button").first.click()
        page.wait_for_url(re.compile(r"/console/(?!login)"))
        cookies = desk.context.cookies()
        yield from _pages(page, demo, PAGES, folder, f"console-{{}}-{lang}")
    with watched(browser, locale=lang, viewport=PHONE, is_mobile=True, has_touch=True) as phone:
        phone.context.add_cookies(cookies)
        some = {name: PAGES[name] for name in ON_THE_PHONE}
        yield from _pages(phone.page(), demo, some, folder, f"phone-{{}}-{lang}")
    with watched(browser, locale=lang, color_scheme="dark") as dark:
        dark.context.add_cookies(cookies)
        some = {name: PAGES[name] for name in IN_THE_DARK}
        yield from _pages(dark.page(), demo, some, folder, f"dark-{{}}-{lang}")


def _pages(page: Page, demo: Demo, pages: dict[str, str], folder: Path, name: str) -> Iterator[Path]:
    for each, path in pages.items():
        page.goto(f"{demo.url}{path}")
        page.get_by_role("heading", level=1).first.wait_for()
        page.wait_for_timeout(SETTLE)
        yield _shot(page, folder / f"{name.format(each)}.png")


def _chat(browser: Browser, demo: Demo, lang: str, folder: Path) -> Iterator[Path]:
    """The buyer opens his link, is asked about the payment, and says that he pays tomorrow."""
    with watched(browser, locale=lang, viewport=PHONE, is_mobile=True, has_touch=True) as buyer:
        page = buyer.page()
        page.goto(demo.chat)
        page.get_by_role("button", name=built_in()["choice.later", lang, Segment.NEW][0]).wait_for(timeout=WORDS)
        box = page.get_by_role("textbox")
        box.fill(PLACES[lang].line("unpaid_order", "later"))
        box.press("Enter")
        page.wait_for_timeout(4 * SETTLE)
        yield _shot(page, folder / f"chat-{lang}.png")


def _shot(page: Page, path: Path) -> Path:
    page.screenshot(path=path)
    return path


@contextmanager
def browsing() -> Iterator[Browser]:
    """The browser."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def main(*langs: str) -> None:
    """Take the pictures in these languages."""
    IMAGES.mkdir(exist_ok=True)
    with browsing() as browser:
        for lang in langs or ("zh-CN", "en"):
            with TemporaryDirectory() as folder, Demo(Path(folder), lang) as demo:
                for path in take(browser, demo, lang, IMAGES):
                    print(path)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
