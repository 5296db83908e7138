"""Time travel: what would have been said to whom, when, and what would have been held back and why.

The live program's own handlers decide, on a store in memory and a clock turned by hand; nothing is sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from bot.simulate_assume import Assumptions
from bot.simulate_facts import Past, past
from followup.events import DeliveryResult, OrderChanged, Outcome
from followup.model import EPOCH, Decided, Instant, Outgoing, OutgoingState
from handlers.delivery_result import delivery_result
from handlers.deps import Deps
from handlers.order_changed import order_changed
from handlers.reminder_due import fire_due
from scheduler.clock import FakeClock
from store.memory import MemoryStore, MemoryTx
from store.tx import Tx

BATCH = 1000
PARTS = 50
Progress = Callable[[float], None]
"""Told from time to time which part of the facts has been replayed, from 0 to 1."""


@dataclass(frozen=True)
class Simulation:
    """What happened in a simulated past: `state` holds every order, thread, message and task as they stood at the
    end, `decided` every decision in the order of time. `since` and `until` are as asked, `stopped_at` is the last
    instant at which anything happened."""

    deps: Deps
    assume: Assumptions
    past: Past
    state: MemoryTx
    decided: tuple[Decided, ...]
    stopped_at: Instant
    since: Instant | None = None
    until: Instant | None = None


def simulate(
    events: Iterable[OrderChanged],
    deps: Deps,
    assume: Assumptions | None = None,
    since: Instant | None = None,
    until: Instant | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Replays the events, snapshots included, until nothing is pending or up to `until` (not included).

    `since` leaves out orders created before it; `progress` is told now and then which part is done. Raises UnknownShop.
    """
    assume = assume or Assumptions()
    told = past(events, deps, assume, since)
    replay = _Replay(deps, told.events, progress)
    replay.run(until)
    decided = tuple(line for line in replay.store.lines if isinstance(line, Decided))
    return Simulation(deps, assume, told, replay.store.tx, decided, replay.clock.now(), since, until)


class _Replay:
    """Facts and reminders strictly in the order of time; of what happens at one instant the facts come first."""

    def __init__(self, deps: Deps, facts: Iterable[OrderChanged], progress: Progress | None = None) -> None:
        self.deps, self.facts, self.progress = deps, deque(facts), progress
        self.all, self.told = max(len(self.facts), 1), 0
        self.store, self.clock = MemoryStore(), FakeClock(EPOCH)

    def run(self, until: Instant | None) -> None:
        """Go on until nothing is left to happen before `until`."""
        while (now := self._next()) is not None and (until is None or now < until):
            self.clock.move_to(now)
            self._learn(now)
            self._fire(now)
            self._deliver(now)
            if self.progress:
                self._tell(self.progress)

    def _tell(self, progress: Progress) -> None:
        done = (self.all - len(self.facts)) * PARTS // self.all
        if done > self.told:
            self.told = done
            progress(done / PARTS)

    def _next(self) -> Instant | None:
        due = self.store.tx.next_due()
        if not self.facts:
            return due
        fact = self.facts[0].order.observed_at
        return fact if due is None else min(fact, due)

    def _learn(self, now: Instant) -> None:
        while self.facts and self.facts[0].order.observed_at <= now:
            self.store.run(partial(order_changed, self.facts.popleft(), deps=self.deps, now=now))

    def _fire(self, now: Instant) -> None:
        while (due := self.store.tx.next_due()) is not None and due <= now:
            self.store.run(partial(fire_due, deps=self.deps, now=now, limit=BATCH))

    def _deliver(self, now: Instant) -> None:
        for message in self.store.drain():
            self.store.run(partial(_accept, message, self.deps, now))


def _accept(message: Outgoing, deps: Deps, now: Instant, tx: Tx) -> None:
    tx.save(replace(message, state=OutgoingState.SENDING, attempts=message.attempts + 1))
    delivery_result(DeliveryResult(message.id, Outcome.ACCEPTED, now), tx, deps)
