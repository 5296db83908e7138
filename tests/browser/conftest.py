"""A browser and a served shop for tests that look at pages; both last as long as their module.

Playwright's own loop runs while it is open, so it is closed with the module: other tests of the process need theirs.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import PHONE, Watched, launch, watched
from tests.browser.tea import TeaShop
from tests.databases import unavailable


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. With CI=true its absence is a failure."""
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except Exception as error:  # noqa: BLE001 - whatever keeps it from starting
            unavailable(error, "Chromium")
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TeaShop]:
    """A shop with matters of every kind, served by a `huifang run` of its own."""
    with TeaShop(tmp_path_factory.mktemp("tea")) as shop:
        yield shop


@pytest.fixture
def visit(browser: Browser) -> Iterator[Watched]:
    """Somebody at a desk; his pages fail the test if they have errors or ask another host for anything."""
    with watched(browser) as made:
        yield made


@pytest.fixture
def page(visit: Watched) -> Page:
    """A page of his."""
    return visit.page()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page on a telephone."""
    with watched(browser, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2) as made:
        yield made.page()
