from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from followup.events import MessageReceived
from followup.model import Inbound, OutgoingState, ReminderState, TaskState
from store.store import SqlStore, Store
from store.tx import Tx
from store.wanted import NOTHING, Wanted
from tests.store.makers import DAY, NOON, SHARED, a_message, a_reminder, a_task, count, keep, kept

ARRIVED = Inbound("s/manual", "m1", "s", "s/manual/b1", NOON, "hello")
FIRST_WINS = [
    (a_reminder(state=ReminderState.FIRED), a_reminder(due=NOON + DAY)),
    (a_message(state=OutgoingState.SENT, history=("started@1", "accepted@2")), a_message(text="Again")),
    (a_task(state=TaskState.DONE, closed_by="mei"), a_task(text="Again")),
    (ARRIVED, replace(ARRIVED, text="another")),
]


def handle(tx: Tx) -> bool:
    """Take a message in once, as the handler of buyers' messages does."""
    if tx.get(Inbound, ARRIVED.source, ARRIVED.external_id) is not None:
        return False
    tx.save(ARRIVED)
    return True


class TestFirstWins:
    @pytest.mark.parametrize(("first", "second"), FIRST_WINS, ids=lambda item: type(item).__name__)
    def test_a_row_that_exists_is_not_overwritten(self, sql_store: SqlStore, first: Any, second: Any) -> None:
        """What is planned, said, asked or received once is not replaced by somebody who did not know of it."""
        keep(sql_store, first)
        keep(sql_store, second)
        assert first == kept(sql_store, first)
        assert 1 == count(sql_store, type(first))

    def test_of_one_transaction_the_last_word_counts(self, store: Store) -> None:
        """Within a transaction an item may be planned and changed again before it is written."""
        keep(store, a_reminder(), a_reminder(due=NOON + DAY))
        assert a_reminder(due=NOON + DAY) == kept(store, a_reminder())

    def test_a_known_row_is_changed(self, store: Store) -> None:
        """Whoever has read the row may change it."""
        keep(store, a_task())

        def answer(tx: Tx) -> None:
            task = tx.get(type(a_task()), "t1")
            assert task is not None
            tx.save(replace(task, state=TaskState.DONE))

        store.run(answer, Wanted(tasks=("t1",)))
        assert a_task(state=TaskState.DONE) == kept(store, a_task())

    def test_the_expiry_of_a_waiting_message_can_move(self, sql_store: SqlStore) -> None:
        """A message that was put off may be too late at another time than was thought."""
        keep(sql_store, a_message())
        wanted = Wanted(outgoing=("m1",))
        sql_store.run(lambda tx: tx.save(a_message(expires_at=NOON + DAY)), wanted)
        assert a_message(expires_at=NOON + DAY) == kept(sql_store, a_message())


class TestDedupe:
    def test_a_message_is_taken_in_once(self, store: Store) -> None:
        """The same (source, external id) again is known."""
        wanted = Wanted(chats=(ARRIVED.chat,), messages=((ARRIVED.source, ARRIVED.external_id),))
        assert [True, False, False] == [store.run(handle, wanted) for _ in range(3)]

    async def test_at_once_too(self, store: Store) -> None:
        """Delivered twenty times at the same moment, from a buyer nobody has met: one is first, for all others it is
        known, and no answer is given twice."""
        wanted = Wanted(chats=(ARRIVED.chat,), messages=((ARRIVED.source, ARRIVED.external_id),))
        results = await asyncio.gather(*(store.transact(handle, wanted) for _ in range(20)))
        assert sorted([True] + [False] * 19) == sorted(results)

    def test_the_same_id_of_another_source_is_another_message(self, store: Store) -> None:
        """External ids are unique within their source only."""
        keep(store, ARRIVED)
        other = replace(ARRIVED, source="s/telegram")
        keep(store, other)
        assert (ARRIVED, other) == (kept(store, ARRIVED), kept(store, other))


def test_events_name_their_chat() -> None:
    """The chat that is locked for a message is the one it is kept under."""
    event = MessageReceived("s", "manual", "b1", "m1", "hello", NOON)
    assert ARRIVED.chat == event.chat
    assert (NOTHING.alone, SHARED.alone) == (True, False)
