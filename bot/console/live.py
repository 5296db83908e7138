"""Tells open pages that something in the database has changed, whoever changed it, in whichever process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

Refresh = Callable[[], Awaitable[None]]


class Live:
    """One for the program; `watch` is called while a page is built, and lasts as long as that page is open."""

    def watch(self, refresh: Refresh) -> None:
        """Call `refresh` soon after every change (within half a second, and at most twice a second)."""

    async def start(self) -> None:
        """Look for changes from now on."""

    async def stop(self) -> None:
        """Look no more."""
