from __future__ import annotations

import asyncio
import threading

from hypothesis import given, settings

from store.audit import audit
from store.memory import MemoryStore
from store.store import SqlStore
from store.tx import Tx
from tests.store.stories import Event, contents, empty, stories, told

EXAMPLES = 60


def in_memory(story: list[Event]) -> MemoryStore:
    store = MemoryStore()
    for fn, wanted in told(story):
        store.run(fn, wanted)
    return store


class TestSameStory:
    def test_one_by_one(self, sql_store: SqlStore) -> None:
        """Whatever happens in a shop, a database ends up with exactly what the store in memory has."""

        @given(stories)
        @settings(max_examples=EXAMPLES)
        def check(story: list[Event]) -> None:
            empty(sql_store)
            for fn, wanted in told(story):
                sql_store.run(fn, wanted)
            assert contents(in_memory(story)) == contents(sql_store)

        check()

    def test_in_shared_commits(self, sqlite_url: str) -> None:
        """The same if all of it has to wait and shares commits."""
        store = SqlStore(sqlite_url)

        async def all_at_once(story: list[Event]) -> None:
            free = threading.Event()

            def hold(_tx: Tx) -> None:
                free.wait()

            holding = asyncio.ensure_future(store.transact(hold))
            await asyncio.sleep(0)
            waiting = [asyncio.ensure_future(store.transact(fn, wanted)) for fn, wanted in told(story)]
            await asyncio.sleep(0)
            free.set()
            await asyncio.gather(holding, *waiting)

        @given(stories)
        @settings(max_examples=EXAMPLES)
        def check(story: list[Event]) -> None:
            empty(store)
            asyncio.run(all_at_once(story))
            assert contents(in_memory(story)) == contents(store)

        try:
            check()
        finally:
            store.close()

    def test_the_ledger_is_proven(self, sqlite_url: str) -> None:
        """Whatever happens in a shop, the audit finds nothing wrong."""
        store = SqlStore(sqlite_url)

        @given(stories)
        @settings(max_examples=EXAMPLES)
        def check(story: list[Event]) -> None:
            empty(store)
            for fn, wanted in told(story):
                store.run(fn, wanted)
            with store.engine.connect() as connection:
                assert [] == audit(connection).findings

        try:
            check()
        finally:
            store.close()
