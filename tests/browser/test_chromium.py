"""What `accessible` sees of a page that moves, with the rules by which Quasar shows and hides what it tells."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import accessible

PAGE = """<!doctype html><html lang="en"><title>Told</title><style>
  .told { background: #323232; color: %s; padding: 8px 16px; transition: opacity 2s steps(1, jump-both); }
  .told-enter-from, .told-leave-to { opacity: 0; }
</style><main><h1>Told</h1><div class="told">2 done: Given to Li by Wang.</div></main></html>"""
"""What is told there is half seen for as long as it fades."""
FADES_IN = """() => {
  const old = document.querySelector(".told"), told = old.cloneNode(true);
  told.classList.add("told-enter-from", "told-enter-active");
  old.replaceWith(told);
  told.getBoundingClientRect();
  told.classList.remove("told-enter-from");
  setTimeout(() => told.classList.remove("told-enter-active"), 2000);
}"""
FADES_OUT = """() => {
  const told = document.querySelector(".told");
  told.classList.add("told-leave-active", "told-leave-to");
  setTimeout(() => told.remove(), 2000);
}"""
WHITE, GREY = "#fff", "#555"


def shown(page: Page, color: str) -> Page:
    """A page that tells something in letters of this colour."""
    page.set_content(PAGE % color)
    expect(page.locator(".told")).to_be_visible()
    return page


@pytest.mark.parametrize("fades", [FADES_IN, FADES_OUT])
def test_what_fades_is_looked_at_when_it_has_settled(page: Page, fades: str) -> None:
    """However slowly it fades, white letters on black are not grey ones."""
    shown(page, WHITE).evaluate(fades)
    accessible(page)


@pytest.mark.parametrize("fades", ["", FADES_IN])
def test_what_has_settled_needs_contrast(page: Page, fades: str) -> None:
    """Dark letters on a dark ground are found, faded in or not."""
    shown(page, GREY)
    if fades:
        page.evaluate(fades)
    with pytest.raises(AssertionError, match="color-contrast"):
        accessible(page)


def test_afterwards_it_moves_as_before(page: Page) -> None:
    """The page is given back as it was."""
    accessible(shown(page, WHITE))
    assert "2s" == page.locator(".told").evaluate("(told) => getComputedStyle(told).transitionDuration")
    assert 0 == page.evaluate("() => document.adoptedStyleSheets.length")
