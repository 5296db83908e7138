"""Fetches what buyers sent, beside everything else: a slow or broken file holds up neither the inbox nor the outbox.

`wanted → kept | refused | lost`. The row is the truth: what a crash leaves wanted is fetched at the next start.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import structlog

from followup.evidence import Evidence, EvidenceState, NotKept, Stored, Tried, Why
from followup.model import Instant
from followup.ports import Clock, NotYet, Receiver, TooLarge, Unparseable
from handlers.cleaned import clean_text
from handlers.deps import Deps
from handlers.evidence import fetched, wanted
from store import evidence_views
from store.evidence_views import Waiting
from store.log_ids import about
from store.store import SqlStore

log = structlog.get_logger(__name__)
BATCH = 20
LOOK = timedelta(seconds=2)
AFTER_TROUBLE = timedelta(seconds=30)
PATIENCE = 120.0
FAREWELL = 3.0


class Files(Protocol):
    """Where files are kept. `keep` raises NotKept for one that may not be, and OSError if the disk fails."""

    @property
    def largest(self) -> int: ...

    @property
    def most(self) -> int: ...

    def keep(self, evidence: Evidence, content: bytes) -> Stored: ...

    def drop(self, stored: Stored) -> None: ...

    def sweep(self, now: Instant) -> int: ...


@dataclass(frozen=True)
class Fetcher:
    """Fetches for one channel, one file after another."""

    receiver: Receiver
    files: Files
    store: SqlStore
    deps: Deps
    clock: Clock
    patience: float = PATIENCE

    async def listen(self) -> None:
        """Fetch whatever is due until cancelled; what breaks is tried again."""
        while True:
            wake = LOOK
            try:
                while await self.fetch_due():
                    pass
            except Exception as error:
                if not self.store.is_told(error):
                    log.exception("fetching_failed", channel=self.receiver.name, error=type(error).__name__)
                wake = AFTER_TROUBLE
            await self.clock.sleep_until(self.clock.now() + wake)

    async def fetch_due(self, due: Instant | None = None, limit: int = BATCH) -> Counter[str]:
        """Try what is due now (or by `due`) once, `limit` at the most; returns the states in which that left it."""
        when = due or self.clock.now()
        found = await asyncio.to_thread(self._waiting, when, limit)
        states: Counter[str] = Counter()
        for each in found:
            evidence = await self._fetch(each)
            states[evidence.state.value] += 1
        return states

    def _waiting(self, due: Instant, limit: int) -> list[Waiting]:
        with self.store.engine.connect() as connection:
            return evidence_views.waiting(connection, self.receiver.name, due, limit)

    async def _fetch(self, waiting: Waiting) -> Evidence:
        with about(thread=waiting.evidence.thread, evidence=waiting.evidence.id):
            return await self._fetch_it(waiting)

    async def _fetch_it(self, waiting: Waiting) -> Evidence:
        evidence = waiting.evidence
        tried = await self._try(evidence, waiting.beside)
        now, most = self.clock.now(), self.files.most
        after = await self.store.transact(lambda tx: fetched(tried, most, tx, self.deps, now), wanted(evidence, now))
        if after is None:
            return evidence
        if after.state is not EvidenceState.KEPT and tried.stored is not None:
            await asyncio.to_thread(self.files.drop, tried.stored)
        return after

    async def _try(self, evidence: Evidence, beside: int) -> Tried:
        if evidence.told_size > self.files.largest:
            return self._not_kept(evidence, Why.TOO_LARGE, f"{evidence.told_size} bytes")
        if beside >= self.files.most:
            return self._not_kept(evidence, Why.TOO_MANY, f"{beside} are kept")
        try:
            async with asyncio.timeout(self.patience):
                content = await self.receiver.fetch(evidence.attachment)
            stored = await asyncio.to_thread(self.files.keep, evidence, content)
        except TooLarge as error:
            return self._not_kept(evidence, Why.TOO_LARGE, str(error))
        except Unparseable as error:
            return self._not_kept(evidence, Why.GONE, str(error))
        except NotKept as error:
            return self._not_kept(evidence, error.why, str(error))
        except (NotYet, TimeoutError) as error:
            return self._not_yet(evidence, error)
        except Exception as error:  # noqa: BLE001 - a full disk or a bug is told, and may be over at the next try
            log.error("not_fetched", channel=self.receiver.name, error=type(error).__name__)
            return self._not_yet(evidence, error)
        return Tried(evidence.id, self.clock.now(), stored)

    def _not_kept(self, evidence: Evidence, why: Why, error: str) -> Tried:
        log.warning("evidence_not_kept", channel=self.receiver.name, why=why.value)
        return Tried(evidence.id, self.clock.now(), why=why, error=clean_text(error))

    def _not_yet(self, evidence: Evidence, error: Exception) -> Tried:
        told = f"{type(error).__name__}: {error}".removesuffix(": ")
        return Tried(evidence.id, self.clock.now(), error=clean_text(told))


class Fetching:
    """The fetchers of all channels, as a service beside the engine."""

    def __init__(self, receivers: Sequence[Receiver], files: Files, store: SqlStore, deps: Deps, clock: Clock) -> None:
        self.fetchers = tuple(Fetcher(receiver, files, store, deps, clock) for receiver in receivers)
        self._files, self._clock = files, clock
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Tidy up after a crash, then fetch."""
        try:
            await asyncio.to_thread(self._files.sweep, self._clock.now())
        except OSError as error:
            log.error("folder_of_evidence_unusable", error=str(error))
        self._tasks = [asyncio.create_task(each.listen(), name=f"fetch-{each.receiver.name}") for each in self.fetchers]

    async def stop(self) -> None:
        """Stop at once: what is being fetched is fetched anew at the next start."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FAREWELL)
        self._tasks = []

    async def fetch_all(self) -> Counter[str]:
        """Try everything that waits once, whenever it was to be tried again; returns the states it is in then."""
        states: Counter[str] = Counter()
        for each in self.fetchers:
            states += await each.fetch_due(self._clock.now() + timedelta(days=3650), limit=1_000_000)
        return states
