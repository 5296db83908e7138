"""What every page of the console is given: the program's parts that it may use, and who is looking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection

from bot.config import Config
from bot.console.labels import Labels, labels
from bot.console.live import Live
from bot.console.presence import Presence
from bot.desk import Words, words
from followup.desk.logins import Act
from followup.desk.people import Person
from followup.model import Instant
from followup.ports import Clock
from handlers.deps import Deps
from scheduler.clock import SystemClock
from store.engine import steady
from store.rls import only
from store.store import SqlStore

P = ParamSpec("P")
T = TypeVar("T")


class Stage(Protocol):
    """The clock of a demo, which the console can hold and move on; `now` is its time, `speed` its seconds a second."""

    @property
    def is_paused(self) -> bool: ...

    @property
    def speed(self) -> float: ...

    def pause(self) -> None: ...

    def go(self, speed: float) -> None: ...

    async def step(self) -> Instant:
        """Move to the next thing that happens, and let it happen; returns when that is."""
        ...


@dataclass(frozen=True)
class Desk:
    """The parts of the program. `file` is its configuration's, if it has one; `stage` is there in a demo only, and
    `wall` is the clock of those who look, whatever that one does."""

    config: Config
    file: Path | None
    store: SqlStore
    deps: Deps
    clock: Clock
    live: Live
    here: Presence
    stage: Stage | None = None
    wall: Clock = field(default_factory=SystemClock)
    views: list[Act] = field(default_factory=list, compare=False)
    """What people saw a moment ago, which is written down before long (bot/console/sessions.py)."""

    async def read(self, look: Callable[Concatenate[Connection, P], T], *args: P.args, **more: P.kwargs) -> T:
        """What a function of a connection finds, in a thread of its own: nothing a page reads may hold the bot up."""

        return await self.read_of((), look, *args, **more)

    async def read_of(
        self,
        shops: Collection[str],
        look: Callable[Concatenate[Connection, P], T],
        /,
        *args: P.args,
        **more: P.kwargs,
    ) -> T:
        """The same where PostgreSQL itself shows nothing but these shops (empty: all): a wall behind what pages ask."""

        def find() -> T:
            with self.store.engine.connect() as connection:
                if shops:
                    steady(connection)
                    only(connection, shops)
                return look(connection, *args, **more)

        return await asyncio.to_thread(find)

    def zone(self, shop: str) -> tzinfo:
        """The zone of a shop; of one that is no longer configured, that of the first."""
        policies = self.deps.policies
        return (policies.get(shop) or next(iter(policies.values()))).zone


@dataclass(frozen=True)
class Visit:
    """Somebody looks at a page: who, in which language, and in which session (its digest)."""

    person: Person
    lang: str
    session: str = ""

    def labels(self, page: str) -> Labels:
        """The page's own words."""
        return labels(page, self.lang)

    @property
    def names(self) -> Words:
        """What kinds, states, steps, verdicts and reasons are called."""
        return words(self.lang)

    def sees(self, shop: str) -> bool:
        """Whether a shop's matters are his."""
        return self.person.works_for(shop)
