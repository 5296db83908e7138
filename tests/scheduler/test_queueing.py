"""The queue of one process."""

from __future__ import annotations

import asyncio

import pytest
from procrastinate.exceptions import ConnectorException

from scheduler import queueing
from scheduler.queueing import Queue
from store.engine import open_engine


async def test_it_ends_though_the_cancellation_is_lost(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Procrastinate that raises its own error when it is cancelled, as just after the database is back, is not begun
    anew."""
    monkeypatch.setattr(queueing, "AFTER_TROUBLE", 0.0)
    engine = open_engine(postgres_url)
    queue, begun = Queue(engine, {}, 1), asyncio.Event()

    async def loses_it(**_: object) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectorException from None

    monkeypatch.setattr(queue._app, "run_worker_async", loses_it)
    queue.begin()
    await begun.wait()
    working = queue._working
    await queue.end()
    assert working is not None
    assert working.done()
    engine.dispose()
