"""Debian's Chromium, driven by Playwright: pages that watch themselves, and what axe-core finds in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
SOON = 10_000  # milliseconds; the promise is one second, but the machine may be busy: without it, pages wait for 30
GRAVE = ("serious", "critical")
OWN = ("127.0.0.1", "localhost", "::1", "")
MOTIONLESS = """*, *::before, *::after {
  transition: none !important; animation-duration: 0s !important; animation-delay: 0s !important;
}"""
STAND_STILL = """(css) => {
  window.motionless = new CSSStyleSheet();
  window.motionless.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, window.motionless];
}"""
"""Whatever fades or moves is where it goes at once: letters that are half there have too little contrast."""
MOVE_AGAIN = """() => {
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== window.motionless);
  delete window.motionless;
}"""

expect.set_options(timeout=20_000)


def launch(playwright: Playwright) -> Browser:
    """The browser; raises what Playwright raises if it is not there."""
    return playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)


class Watched:
    """A browser's context whose pages note requests to other hosts and errors, which `fail_if_any` tells."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.trouble: list[str] = []
        self.context: BrowserContext = browser.new_context(**{"viewport": DESKTOP, "locale": "en-US", **options})
        self.context.set_default_timeout(20_000)
        self.context.on("request", lambda request: self._request(request.url))
        self.context.on("console", lambda message: self._said(message.type, message.text))
        self.context.on("weberror", lambda error: self.trouble.append(f"error in the page: {error.error}"))

    def page(self) -> Page:
        """A new page."""
        return self.context.new_page()

    def fail_if_any(self) -> None:
        """Fail with what was noted."""
        assert [] == self.trouble, "\n".join(self.trouble)

    def forgive(self, words: str) -> None:
        """Forget errors with these words, where a test provokes them."""
        self.trouble = [each for each in self.trouble if words not in each]

    def _request(self, url: str) -> None:
        if urlsplit(url).hostname not in (None, *OWN):
            self.trouble.append(f"a request to another host: {url}")

    def _said(self, kind: str, text: str) -> None:
        if kind == "error":
            self.trouble.append(f"an error on the console: {text}")


@contextmanager
def watched(browser: Browser, **options: Any) -> Iterator[Watched]:
    """A context that fails at its end if a page asked another host for something, or had errors."""
    made = Watched(browser, **options)
    try:
        yield made
        made.fail_if_any()
    finally:
        made.context.close()


def accessible(page: Page) -> None:
    """Fail unless axe-core finds nothing serious in the page once nothing on it moves; meanwhile nothing begins to."""
    page.evaluate(STAND_STILL, MOTIONLESS)
    expect(page.locator("[class*='-enter-active'], [class*='-leave-active']")).to_have_count(0)
    expect(page.locator(".q-loading-bar:not([aria-hidden])")).to_have_count(0)
    found = Axe().run(page).response["violations"]
    page.evaluate(MOVE_AGAIN)
    grave = [_told(each) for each in found if each["impact"] in GRAVE]
    assert [] == grave, "\n".join(grave)


def _told(finding: dict[str, Any]) -> str:
    return f"{finding['id']}: {finding['help']}: {finding['nodes'][0]['html'][:200]}"
