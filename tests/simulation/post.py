"""What comes in from outside: orders, and what the line delivers, until the program has acknowledged it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from bot.importing import import_file
from followup.events import Incoming, MessageReceived, OrderChanged
from followup.model import Raw
from store.store import SqlStore
from tests.simulation.channel import cursor_at, raw_of
from tests.simulation.orders import Told
from tests.simulation.store import SteppedStore

if TYPE_CHECKING:
    from tests.simulation.world import World


TRIES = 8


class Post:
    """All that was delivered in one world. `garbage` means nothing, and may be put aside."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.written: list[str] = []
        self.waiting: list[Raw] = []
        self.acknowledged: set[str] = set()
        self.garbage: set[str] = set()
        self._delivered: list[Raw] = []

    def delivers(self, bodies: Sequence[bytes], chance: Random, events: Sequence[Incoming] = ()) -> None:
        """Hand over events: some again, in any order, at times while messages are on their way."""
        raws = [self._raw(body, events[at] if at < len(events) else None) for at, body in enumerate(bodies)]
        self._delivered += raws
        if chance.random() < 0.2:
            raws.append(chance.choice(self._delivered))
        if chance.random() < 0.2:
            chance.shuffle(raws)
        self.waiting += raws
        self.again(chance)

    def again(self, chance: Random) -> None:
        """Hand over what is not acknowledged."""
        if self.waiting:
            beside = chance.random() < 0.3
            self._world.does(lambda: self._hand_over(beside, chance.uniform(0.0, 3.0)))

    def imports(self, events: Sequence[OrderChanged], bad: bool, beside: bool) -> None:
        """A file of orders comes in, as often as it takes; `beside`, another process reads it."""
        for event in events:
            self._world.tells(f"order {event.order.id} of {event.order.buyer} {event.order.status.value}")
        source = Told(events, bad)
        for _ in range(TRIES):
            other = SteppedStore(self._world.url, lambda: None) if beside else None
            store = other or self._world.life.store
            done = self._world.does(lambda store=store: self._import(source, store))  # type: ignore[misc]
            if other is not None:
                other.close()
            if done is not None:
                break
        for event in events:
            self._world.book.learns(event)

    async def _import(self, source: Told, store: SqlStore) -> Any:
        app = self._world.life.app
        return await import_file(self._world.folder / "orders.csv", source, store, app.deps, self._world.clock)

    def _raw(self, body: bytes, event: Incoming | None) -> Raw:
        is_message = isinstance(event, MessageReceived)
        id_ = event.external_id if isinstance(event, MessageReceived) else f"r{self._world.number()}"
        self._world.tells(f"> {id_} {body[:150]!r}")
        if is_message:
            self.written.append(id_)
        if event is None and (b"Nothing" in body or not body.startswith(b'[{"kind": "')):
            self.garbage.add(id_)
        return raw_of(id_, body, self._world.now)

    async def _hand_over(self, beside: bool, delay: float) -> None:
        if beside:
            await asyncio.gather(self._world.life.engine.wake(), self._take(delay))
        else:
            await self._take(0.0)

    async def _take(self, delay: float) -> None:
        await asyncio.sleep(delay)
        (inbox,), raws = self._world.life.app.inboxes, list(self.waiting)
        await inbox.take(raws, cursor_at(self._world.number()))
        self.acknowledged.update(raw.external_id for raw in raws)
        self.waiting = []
        await inbox.drain()
