"""The shop's people before the demo opens: within the hour, while the shop is open, they take what waits and answer."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from bot.app import App
from bot.demo.acting import ORDERS
from bot.demo.places import Place
from followup.causes import Cause
from followup.desk.verbs import Verb
from followup.events import Commanded
from followup.model import Instant, Task
from handlers.desk.commanded import commanded, wanted
from store import views

AGENT, SUPERVISOR = "agent", "supervisor"
PATIENCE, HOURS = timedelta(minutes=20), range(9, 21)
LEFT_OVER = timedelta(hours=3)
"""What came up in the last hours is left to whoever opens the demo."""
SOLVED = 40
"""Percent of the matters that they call solved after answering."""
CAUSES = (Cause.BUYER, Cause.COURIER, Cause.WAREHOUSE, Cause.PRODUCT)


class Colleagues:
    """They say only what stands in the demo's own words, and close what they have answered."""

    def __init__(self, app: App, place: Place, until: Instant) -> None:
        self._app, self._place, self._until = app, place, until - LEFT_OVER
        self._rng = Random(7)  # noqa: S311 - a pretended shop, nothing secret

    async def work(self, now: Instant) -> None:
        """Do what has waited long enough, in business hours."""
        if now.astimezone(self._place.zone).hour not in HOURS:
            return
        with self._app.store.engine.connect() as connection:
            tasks = views.open_tasks(connection, 50)
        for task in tasks:
            if task.created_at <= min(now - PATIENCE, self._until) and not _told_elsewhere(task):
                await self._answer(task, now)

    async def tidy(self, now: Instant) -> None:
        """Close what is left over from the stories that have ended."""
        with self._app.store.engine.connect() as connection:
            for task in views.open_tasks(connection, 50):
                if task.created_at <= self._until:
                    await self._command(Verb.DONE, task, SUPERVISOR, now)

    async def _answer(self, task: Task, now: Instant) -> None:
        who = SUPERVISOR if self._rng.random() < 0.25 else AGENT
        await self._command(Verb.TAKE, task, who, now)
        await self._command(Verb.SAY, task, who, now, text=self._rng.choice(self._place.crowd.replies))
        await self._command(Verb.DONE, task, who, now)
        if self._rng.random() * 100 < SOLVED and task.thread.count("/") == 2:
            await self._command(Verb.RESOLVE, task, who, now, word=self._rng.choice(CAUSES).value)

    async def _command(self, verb: Verb, task: Task, who: str, now: Instant, **more: Any) -> None:
        """A command about a task; what it answers nobody reads."""
        of = "" if verb is Verb.RESOLVE else task.id
        event = Commanded(verb, who, now, f"demo/{verb}/{task.id}", task.thread, of, **more)
        await self._app.store.transact(lambda tx: commanded(event, tx, self._app.deps), wanted(event))


def _told_elsewhere(task: Task) -> bool:
    """Whether one of the stories says what people do about it."""
    return any(f"/{order}/" in task.thread for order in ORDERS.values())
