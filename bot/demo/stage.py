"""A small shop on a stage: the real handlers, outbox and database, with a clock that runs ahead."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass
from typing import Protocol

from bot.channels.terminal import Terminal
from followup.events import AgentActed, CaseMoved, MessageReceived, OrderChanged
from followup.model import Chat, Decided, Instant, Outgoing, Task, Verdict
from followup.ports import Clock
from handlers import agent_command, buyer_message, case_moved, order_changed
from handlers.deps import Deps
from scheduler.outbox import Outbox
from scheduler.reminders import fire_all_due, next_reminder
from store import views
from store.store import SqlStore

Event = OrderChanged | MessageReceived | AgentActed | CaseMoved
MANY = 100


class Audience(Protocol):
    """Who watches: told of each event before it is handled, and of what came of it."""

    def happens(self, event: Event) -> None: ...

    def said(self, message: Outgoing) -> None: ...

    def withheld(self, decided: Decided) -> None: ...

    def asked(self, task: Task) -> None: ...


class Cues(Protocol):
    """Takes down what is to happen, and when."""

    def cue(self, at: Instant, event: Event) -> None: ...


@dataclass
class Stage:
    """Plays events at their times before an audience."""

    store: SqlStore
    deps: Deps
    clock: Clock
    audience: Audience

    def __post_init__(self) -> None:
        self.terminal = Terminal(self.clock, self.audience.said)
        self._cues: list[tuple[Instant, int, Event]] = []
        self._order = itertools.count()
        self._tasks: set[str] = set()
        self._decisions: dict[str, int] = {}
        self._outbox = Outbox(self.terminal, self.store, self.deps, self.clock)

    def cue(self, at: Instant, event: Event) -> None:
        """Let something happen at its time."""
        heapq.heappush(self._cues, (at, next(self._order), event))

    def meet(self, shop: str, buyer: str, chat: str) -> None:
        """Give a buyer a chat on the terminal."""
        self.store.run(lambda tx: tx.save(Chat(chat, shop, buyer, self.terminal.name, buyer)))

    async def next_time(self) -> Instant | None:
        """When something happens next."""
        cued = self._cues[0][0] if self._cues else None
        times = [cued, await next_reminder(self.store), await self._outbox.next_due()]
        return min((time for time in times if time is not None), default=None)

    async def step(self) -> None:
        """Do all that is due now."""
        now = self.clock.now()
        while self._cues and self._cues[0][0] <= now:
            await self.happen(heapq.heappop(self._cues)[2])
        await self._settle()

    async def happen(self, event: Event) -> None:
        """Handle one event now, with all that follows at once."""
        self.audience.happens(event)
        await handle(event, self.store, self.deps, self.clock.now())
        await self._settle()

    async def _settle(self) -> None:
        while await fire_all_due(self.store, self.deps, self.clock) + await self._outbox.drain():
            pass
        with self.store.engine.connect() as connection:
            for thread in views.threads(connection, MANY, only_open=False):
                self._tell_withheld(views.story(connection, thread.id).decisions, thread.id)
            for task in views.open_tasks(connection, MANY):
                if task.id not in self._tasks:
                    self._tasks.add(task.id)
                    self.audience.asked(task)

    def _tell_withheld(self, decisions: list[Decided], thread: str) -> None:
        for decided in decisions[self._decisions.get(thread, 0) :]:
            if decided.decision.verdict is not Verdict.SENT:
                self.audience.withheld(decided)
        self._decisions[thread] = len(decisions)


async def handle(event: Event, store: SqlStore, deps: Deps, now: Instant) -> None:
    """Let the program's own handler deal with an event."""
    match event:
        case OrderChanged():
            await store.transact(
                lambda tx: order_changed.order_changed(event, tx, deps, now), order_changed.wanted(event)
            )
        case MessageReceived():
            await store.transact(
                lambda tx: buyer_message.buyer_message(event, tx, deps, now), buyer_message.wanted(event)
            )
        case AgentActed():
            await store.transact(lambda tx: agent_command.agent_acted(event, tx, deps), agent_command.wanted(event))
        case CaseMoved():
            await store.transact(lambda tx: case_moved.case_moved(event, tx, deps), case_moved.wanted(event))
