"""The shop's own words as they stand in their file at this moment, whoever has changed it, in whichever process."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from threading import Lock

import structlog

from followup.model import Segment
from followup.ports import Words
from scripts_library.library import Library, built_in_texts
from scripts_library.overrides import Overrides, OverridesDamaged, lay_over

log = structlog.get_logger(__name__)
LOOKS_EVERY = 1.0
"""Seconds, by the machine's own clock, within which a change of the file is seen."""
Signature = tuple[int, int, int] | None


class LiveScripts:
    """Renders scripts from a `library` that is replaced by a new one soon after the file has changed.

    A file that is damaged while the program runs leaves the former words in use; `damage` says what is wrong, "" while
    all is well. Raises OverridesDamaged for one that is damaged from the beginning.
    """

    def __init__(
        self, path: Path, now: Callable[[], datetime] | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.damage = ""
        self._overrides, self._now, self._monotonic = Overrides(path), now, monotonic
        self._built_in = built_in_texts()
        self._seen = _signature(path)
        self._library = self._read()
        self._next = monotonic() + LOOKS_EVERY
        self._one = Lock()

    @property
    def library(self) -> Library:
        """The words in force; a library itself never changes."""
        if self._monotonic() >= self._next:
            self.look()
        return self._library

    def render(
        self, script: str, lang: str, facts: Mapping[str, object], segment: Segment, said: Collection[str], seed: str
    ) -> Words:
        """As `Library.render`."""
        library = self.library if self._monotonic() >= self._next else self._library
        return library.render(script, lang, facts, segment, said, seed)

    def look(self) -> None:
        """See now whether the file has changed; who comes while somebody looks goes by the former words."""
        if not self._one.acquire(blocking=False):
            return
        try:
            self._next = self._monotonic() + LOOKS_EVERY
            seen = _signature(self._overrides.path)
            if seen != self._seen:
                self._seen = seen
                self._take_over()
        finally:
            self._one.release()

    def _take_over(self) -> None:
        try:
            self._library, self.damage = self._read(), ""
        except (OverridesDamaged, OSError) as error:
            self.damage = str(error)
            log.error("scripts_damaged", error=self.damage)
        else:
            log.info("scripts_changed")

    def _read(self) -> Library:
        return Library(lay_over(self._built_in, self._overrides.entries()), now=self._now)


def _signature(path: Path) -> Signature:
    """What changes with every change of a file; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
