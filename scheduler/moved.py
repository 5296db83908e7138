"""Notices that the shop has moved to another database, where the program has nothing to write that would be refused."""

from __future__ import annotations

import asyncio

from scheduler.jobs import Job, every
from store import fence
from store.store import SqlStore

EVERY = 5.0


def moved_job(store: SqlStore) -> Job:
    """Look every few seconds whether a fence stands around the database."""

    def moved_to() -> str:
        with store.engine.connect() as connection:
            return fence.moved_to(connection)

    async def look() -> None:
        to = await asyncio.to_thread(moved_to)
        if to and store.on_moved is not None:
            store.on_moved(fence.sentence(to))

    return Job("moved", look, every(EVERY))
