"""From a raw event to what is done about it: parsed together, handled in order, put aside if that cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from followup.events import Incoming, MessageReceived
from followup.model import Instant, Raw
from followup.ports import Clock, NotYet, Receiver
from handlers.cleaned import cleaned
from handlers.deps import Deps
from handlers.received import Heard, put_aside, received, wait, wanted
from store.log_ids import about, ids_of
from store.store import SqlStore
from store.tx import Tx

log = structlog.get_logger(__name__)
PATIENCE = 30.0
PAUSES = tuple(timedelta(seconds=s) for s in (1, 2, 4, 8, 15, 30, *[60] * 9))
DATABASE_TROUBLE = (OperationalError, InterfaceError)


@dataclass(frozen=True, slots=True)
class _Parsed:
    """What a raw event means, or why nobody can say."""

    heard: Heard
    error: Exception | None = None

    @property
    def must_wait(self) -> bool:
        return isinstance(self.error, NotYet)


class Handling:
    """What becomes of the raw events of one receiver.

    `held_until` is when the channel may be tried again whose service cannot answer, `again_at` when the first of the
    events may that wait by themselves.
    """

    def __init__(
        self, receiver: Receiver, shop: str, store: SqlStore, deps: Deps, clock: Clock, patience: float = PATIENCE
    ) -> None:
        self._receiver, self._shop, self._store, self._deps, self._clock = receiver, shop, store, deps, clock
        self._patience, self._putting_aside = patience, asyncio.Lock()
        self.held_until: Instant | None = None
        self.again_at: Instant | None = None

    @property
    def is_held(self) -> bool:
        """Whether everything has to wait."""
        return self.held_until is not None and self._clock.now() < self.held_until

    async def handle(self, raws: Sequence[Raw]) -> int:
        """Parse together, handle in order; where one must wait, so must all after it. Returns how many were handled.

        Raises what the database raises when it cannot be used; then they still wait.
        """
        parsed = await asyncio.gather(*map(self._parse, raws))
        count = next((at for at, one in enumerate(parsed) if self._holds_up(one, parsed[at + 1 :])), len(parsed))
        outcomes = await asyncio.gather(*self._begin(parsed[:count]), return_exceptions=True)
        for error in filter(None, outcomes):
            raise error
        self.held_until = None
        if count < len(parsed):
            await self._hold(parsed[count])
        return count

    def _begin(self, parsed: Iterable[_Parsed]) -> Iterator[asyncio.Task[None]]:
        """Set about handling them, those of one chat one after another."""
        latest: dict[str, asyncio.Task[None]] = {}
        for one in parsed:
            before = {latest[chat] for chat in one.heard.chats if chat in latest}
            task = asyncio.ensure_future(self._handle(one, before))
            latest |= dict.fromkeys(one.heard.chats, task)
            yield task

    async def _parse(self, raw: Raw) -> _Parsed:
        heard = Heard(raw, self._shop)
        try:
            async with asyncio.timeout(self._patience):
                events: Iterable[Incoming] = await self._receiver.parse(raw)
            heard = replace(heard, events=tuple(map(cleaned, events)))
            await self._prepare(heard)
            return _Parsed(heard)
        except TimeoutError:
            return _Parsed(heard, NotYet("no answer"))
        except Exception as error:  # noqa: BLE001 - it is kept with the event, and a person is told
            return _Parsed(heard, error)

    async def _prepare(self, heard: Heard) -> None:
        """Look at what needs longer to understand than a transaction may take, beside the loop and the writer."""
        for event in heard.events:
            if self._deps.prepare is not None and isinstance(event, MessageReceived) and event.text:
                await asyncio.to_thread(self._deps.prepare, event.text)

    def _holds_up(self, one: _Parsed, later: Iterable[_Parsed]) -> bool:
        """Whether everything after it has to wait with it; not for one that was tried for long while others succeed."""
        tired = one.heard.raw.tries >= len(PAUSES)
        return one.must_wait and not (tired and any(not other.must_wait for other in later))

    async def _hold(self, one: _Parsed) -> None:
        assert one.error is not None
        raw, error = one.heard.raw, one.error
        self.held_until = self._clock.now() + pause(raw.tries + 1)
        if not raw.tries:
            log.warning("events_wait", channel=raw.channel, error=str(error))
        await self._store.transact(lambda tx: wait(raw, error, None, tx), one.heard.itself)

    async def _handle(self, one: _Parsed, before: Iterable[asyncio.Task[None]]) -> None:
        for earlier in before:
            await earlier  # and if the database did not take it, neither may this one go
        error = one.error
        with about(event_id=one.heard.id):
            try:
                if error is None:
                    await self._store.transact(partial(self._received, one.heard), wanted(one.heard))
            except DATABASE_TROUBLE:
                raise
            except Exception as raised:  # noqa: BLE001 - as above
                error = raised
            if error is not None:
                await self._failed(one.heard, error)

    def _received(self, heard: Heard, tx: Tx) -> None:
        received(heard, tx, self._deps, self._clock.now())

    async def _failed(self, heard: Heard, error: Exception) -> None:
        """One that may still succeed is tried again; whatever else went wrong, it does not hold up the rest."""
        raw, now = heard.raw, self._clock.now()
        if isinstance(error, NotYet) and raw.tries < len(PAUSES):
            again = now + pause(raw.tries + 1)
            self.again_at = min(filter(None, (self.again_at, again)))
            await self._store.transact(lambda tx: wait(raw, error, again, tx), heard.itself)
            return
        with about(**ids_of(error)):
            log.error("event_put_aside", channel=raw.channel, error=type(error).__name__)
        async with self._putting_aside:  # each sees what the one before it told
            await self._store.transact(lambda tx: put_aside(heard, error, tx, self._deps, now), heard.itself)


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries in vain."""
    return PAUSES[min(max(tries, 1), len(PAUSES)) - 1]
