"""Sending what waits in the outbox of one channel.

`due → sending → sent | due (retry) | unsure | failed | expired | cancelled`. A claim is only a lease. One commit
records the outcomes of the last window and marks the next one as sending, so that a crash leaves at most `window`
messages of which nobody knows whether they went.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from followup.events import DeliveryResult, Outcome
from followup.model import Instant, Outgoing
from followup.ports import Channel, Clock
from handlers.delivery_result import wanted
from handlers.deps import Deps
from handlers.desk.undelivered import is_way, works_again
from handlers.judged_again import has_waited
from scheduler.calling import Caller
from scheduler.carrying import Carrier
from scheduler.outcomes import expire_late, judge_again, record_trouble, settle_late, sql, tidy_up
from scheduler.pace import Chats, Pace, Spacing
from store import outbox_rows
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx
from store.wanted import NOTHING, Wanted

T = TypeVar("T")
WINDOW = 8
BATCH = 100
LEASE = timedelta(minutes=5)
PATIENCE = 120.0


class Outbox:
    """The sender of one channel, one `drain` at a time; two senders on one channel do no harm. `on_results`, if set, is
    told what each window came to."""

    def __init__(
        self,
        channel: Channel,
        store: SqlStore,
        deps: Deps,
        clock: Clock,
        window: int = WINDOW,
        batch: int = BATCH,
        patience: float = PATIENCE,
        carrier: Carrier | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.channel = channel
        self.pace, self.chats = pace or Pace(channel.capabilities.per_second), Chats()
        self.on_results: Callable[[str, Sequence[DeliveryResult]], None] | None = None
        self._store, self._deps, self._clock = store, deps, clock
        self._window, self._batch = window, batch
        self._caller = Caller(channel, clock, carrier or Carrier({}), patience)
        self._known_as: dict[str, str] = {}
        self._results: list[DeliveryResult] = []
        self._leased: list[Outgoing] = []
        self._marking: tuple[Instant, str] | None = None
        self._turn, self._sent_by, self._halted = asyncio.Lock(), "", False
        self._is_way = self._may_have_failed = is_way(channel.name, deps)

    def beside(self) -> Outbox:
        """Another sender of the same channel, at the same pace, for as many at once as there are workers."""
        other = copy(self)
        other._turn, other._results, other._known_as = asyncio.Lock(), [], {}
        other._leased, other._marking = [], None
        return other

    async def drain(self, going: Callable[[], bool] = lambda: True) -> int:
        """Send all that may go now, as long as `going`; returns how many attempts were made."""
        async with self._turn:
            await self._settle()
            await self._expire()
            attempts = 0
            while going() and (waiting := await self._claim()):
                attempts += await self._send_all(deque(waiting))
            await self._settle()
            return attempts

    @property
    def owes(self) -> bool:
        """Whether a drain that failed has left something to be recorded or given back."""
        return not self._turn.locked() and bool(self._results or self._leased)

    async def settle(self) -> None:
        """Record what the last window came to, and give back what is leased, if that is not done."""
        async with self._turn:
            await self._settle()

    async def _settle(self) -> None:
        if self._results or self._leased:
            await self._transact(self._give_back)
            self._leased, self._marking = [], None

    def _give_back(self, tx: SqlTx) -> None:
        """What was leased; and what counts as being sent though nobody called the channel, for we never heard of the
        commit that says so."""
        outbox_rows.release(tx, self._leased)
        if self._marking is not None:
            outbox_rows.unmark(tx, self._leased, *self._marking)

    def halt(self) -> None:
        """Take nothing new: a drain at work finishes its window, gives back the rest, and ends."""
        self._halted = True

    def resume(self) -> None:
        """Send again after a halt."""
        self._halted = False

    async def next_due(self) -> Instant | None:
        """When this channel has something to send again and may."""
        now, channel = self._clock.now(), self.channel.name
        due = await self._store.transact(lambda tx: outbox_rows.next_due(sql(tx), channel, now))
        return None if due is None else max(due, self.pace.next_free(now))

    async def _claim(self) -> list[Outgoing]:
        now = self._clock.now()
        while limit := self._allowed(self._batch):
            claimed = await self._transact(partial(self._lease, now=now, limit=limit))
            free = [message for message in claimed if self._waits_until(message, now) is None]
            if free or not claimed:
                return free
        return []

    def _lease(self, tx: SqlTx, now: Instant, limit: int) -> list[Outgoing]:
        """Lease what is due; what comes too soon after the last message of its chat is put off until it may go."""
        claimed = outbox_rows.claim(tx, self.channel.name, now, now + LEASE, limit, self._store.worker)
        self._leased = claimed  # even if the commit fails, for then nobody knows whether it has
        waits = {message.id: self._waits_until(message, now) for message in claimed}
        outbox_rows.put_off(tx, {id_: until for id_, until in waits.items() if until is not None})
        return claimed

    async def _send_all(self, waiting: deque[Outgoing]) -> int:
        attempts = 0
        while count := min(len(waiting), self._allowed(self._window)):
            window = await self._mark([waiting.popleft() for _ in range(count)])
            self._results = await self._send(window)
            attempts += len(window)
        if waiting:
            await self._transact(lambda tx: outbox_rows.release(tx, list(waiting)))
        self._leased = []
        return attempts

    async def _mark(self, window: list[Outgoing]) -> list[Outgoing]:
        now, worker = self._clock.now(), self._store.worker
        waited = [message.id for message in window if has_waited(message, now)]
        if waited:
            held = await self._store.transact(
                lambda tx: judge_again(waited, tx, self._deps, now), Wanted(outgoing=tuple(waited))
            )
            window = [message for message in window if message.id not in held]
        self._marking = (now, worker)
        marked = await self._transact(lambda tx: self._mark_now(tx, window, now, worker))
        self._marking, self._sent_by = None, worker
        self.pace.spent(now, len(marked))
        return marked

    def _mark_now(self, tx: SqlTx, window: list[Outgoing], now: Instant, worker: str) -> list[Outgoing]:
        """And learn by which names the channel knows the messages that some of them change."""
        marked = outbox_rows.mark_sending(tx, window, now, worker)
        self._known_as = outbox_rows.known_as(tx, marked)
        return marked

    def _allowed(self, most: int) -> int:
        return 0 if self._halted else self.pace.allowed(self._clock.now(), most)

    async def _send(self, window: Sequence[Outgoing]) -> list[DeliveryResult]:
        results = await asyncio.gather(*(self._call(message) for message in window))
        for result in results:
            if result.outcome is Outcome.RETRY and result.retry_at is not None:
                self.pace.pause_until(result.retry_at)
        if self.on_results is not None:
            self.on_results(self.channel.name, results)
        return results

    async def _call(self, message: Outgoing) -> DeliveryResult:
        try:
            return await self._caller.call(message, self._known_as.get(message.id, ""))
        finally:
            self.chats.said(message.chat, self._clock.now(), self._spacing(message))

    def _waits_until(self, message: Outgoing, now: Instant) -> Instant | None:
        return self.chats.waits_until(message.chat, now, self._spacing(message))

    def _spacing(self, message: Outgoing) -> Spacing:
        """How far apart two messages of a chat must be; a channel that knows groups says which they are. There each
        photo of an album counts."""
        can, is_group = self.channel.capabilities, getattr(self.channel, "is_group", None)
        if is_group is None or not is_group(message.address):
            return Spacing(can.chat_every)
        return Spacing(can.group_every, can.group_most, can.group_within, max(1, len(message.attachments)))

    async def _transact(self, work: Callable[[SqlTx], T]) -> T:
        """Do some work in a transaction that first records the last window's outcomes.

        They are forgotten only once that is committed. What went wrong takes the locks of its chats, and so a
        transaction of its own.
        """
        troubled = [result for result in self._results if result.outcome is not Outcome.ACCEPTED]
        if troubled:
            await self._store.transact(partial(self._record_trouble, troubled), self._wanted(troubled))
        accepted = self._results = [result for result in self._results if result.outcome is Outcome.ACCEPTED]

        def record_and_work(tx: Tx) -> tuple[int, T]:
            return outbox_rows.record_accepted(sql(tx), accepted, self._sent_by), work(sql(tx))

        recorded, done = await self._store.transact(record_and_work, NOTHING)
        if recorded < len(accepted):
            await self._settle_late(accepted)
        self._results = []
        if self._is_way and (troubled or accepted):
            await self._tell_of_the_way(works=not troubled)
        return done

    def _record_trouble(self, troubled: Sequence[DeliveryResult], tx: Tx) -> None:
        """A worker that was taken for dead may be late: then others may have tried again."""
        if self._sent_by:
            settle_late(troubled, self._sent_by, sql(tx), self._deps)
            ours = outbox_rows.of_worker(sql(tx), [result.outgoing for result in troubled], self._sent_by)
            troubled = [result for result in troubled if result.outgoing in ours]
        record_trouble(troubled, tx, self._deps)

    async def _settle_late(self, accepted: Sequence[DeliveryResult]) -> None:
        work = partial(settle_late, accepted, self._sent_by, deps=self._deps)
        await self._store.transact(lambda tx: work(tx=sql(tx)), self._wanted(accepted))

    def _wanted(self, results: Sequence[DeliveryResult]) -> Wanted:
        """With others at work it is looked up who was the last to send these."""
        return replace(Wanted.all_of(map(wanted, results)), alone=bool(self._sent_by))

    async def _tell_of_the_way(self, works: bool) -> None:
        """A way to the shop's people took something, after it failed or after a start, or it took something not."""
        was_down, self._may_have_failed = self._may_have_failed, not works
        if works and was_down:
            work = partial(works_again, self.channel.name, deps=self._deps, now=self._clock.now())
            await self._store.transact(work)

    async def _expire(self) -> None:
        now = self._clock.now()
        while await self._store.transact(lambda tx: expire_late(sql(tx), self._deps, now)):
            pass


async def recover(store: SqlStore, deps: Deps, clock: Clock) -> list[str]:
    """Tidy up after a crash; returns the ids of what was being sent."""
    now = clock.now()
    return await store.transact(lambda tx: tidy_up(sql(tx), deps, now))
