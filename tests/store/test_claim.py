from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from followup.model import Buyer, Chat, Instant, ReminderState, State, Thread
from store.memory import MemoryStore, MemoryTx
from store.sql_tx import SqlTx
from store.store import SqlStore, Store
from store.tx import Tx
from tests.store.makers import DAY, HOUR, MINUTE, NOON, a_buyer, a_chat, a_reminder, a_thread, an_order, keep


def a_matter(n: int, buyer: str = "", due: Instant = NOON) -> tuple[object, ...]:
    """An order with its thread and a reminder."""
    buyer, order = buyer or f"b{n}", f"o{n}"
    person = a_buyer(buyer), a_chat(buyer)
    return an_order(order, buyer), *person, a_thread(order, buyer), a_reminder(order, buyer, due=due)


def claimed(store: Store, now: Instant = NOON, limit: int = 100) -> list[str]:
    """The orders whose reminders a claim finds."""
    return sorted(r.thread.split("/")[1] for r in store.run(lambda tx: tx.claim_due(now, limit)))


@contextmanager
def transaction(store: SqlStore) -> Iterator[SqlTx]:
    """A transaction beside those of the store, undone at its end."""
    with store.engine.connect() as connection, connection.begin() as begun:
        yield SqlTx(connection, store.dialect)
        begun.rollback()


class TestDue:
    def test_from_its_time_on(self, store: Store) -> None:
        """A reminder is due at its very time, and not a microsecond earlier."""
        keep(store, *a_matter(1))
        assert [] == claimed(store, NOON - timedelta(microseconds=1))
        assert ["o1"] == claimed(store, NOON)

    @pytest.mark.parametrize("state", [state for state in ReminderState if state is not ReminderState.PENDING])
    def test_only_what_is_pending(self, store: Store, state: ReminderState) -> None:
        """What fired, was cancelled, expired or put aside is never claimed again."""
        keep(store, *a_matter(1), a_reminder(state=state))
        assert [] == claimed(store)

    def test_brings_all_that_a_decision_needs(self, store: Store) -> None:
        """With the reminder come its thread, facts, chat and buyer, read after the lock."""
        keep(store, *a_matter(1))

        def look(tx: Tx) -> tuple[object, ...]:
            (reminder,) = tx.claim_due(NOON, 1)
            return (
                reminder,
                tx.get(Thread, reminder.thread),
                tx.facts("s", "o1"),
                tx.get(Chat, "s/manual/b1"),
                tx.get(Buyer, "s", "b1"),
                tx.pending(reminder.thread),
            )

        reminder, thread, facts, chat, buyer, pending = store.run(look)
        assert (a_reminder(), a_thread(), an_order()) == (reminder, thread, facts.order)  # type: ignore[attr-defined]
        assert (a_chat(), a_buyer(), [a_reminder()]) == (chat, buyer, pending)

    def test_what_is_planned_later_is_known_too(self, store: Store) -> None:
        """A decision that settles the thread finds the plans that are not due yet, or they would stay for ever."""
        later = a_reminder(step="unpaid.give_up", due=NOON + DAY)
        keep(store, *a_matter(1), later)

        def look(tx: Tx) -> tuple[int, object]:
            due = tx.claim_due(NOON, 1)
            return len(due), sorted(r.step for r in tx.pending(due[0].thread))

        assert (1, ["unpaid.give_up", "unpaid.help"]) == store.run(look)

    def test_an_order_that_is_gone_is_no_obstacle(self, store: Store) -> None:
        """A reminder whose thread and facts have vanished is claimed, so that somebody hears of it."""
        keep(store, a_chat(), a_reminder())
        assert ["o1"] == claimed(store)


class TestBatch:
    def test_the_first_ones_first(self, store: Store) -> None:
        """No more than asked for, those that are due longest."""
        for n in range(10):
            keep(store, *a_matter(n, due=NOON - n * MINUTE))
        assert ["o7", "o8", "o9"] == claimed(store, limit=3)

    def test_all_of_a_buyer_at_once(self, store: Store) -> None:
        """Whatever else is due for the same buyer comes along, so that the most urgent can go first."""
        keep(store, *a_matter(1, "lin", NOON - HOUR), *a_matter(2, "mo", NOON - MINUTE))
        keep(store, *a_matter(3, "lin"), *a_matter(4, "lin", NOON + HOUR))
        assert ["o1", "o3"] == claimed(store, limit=1)

    def test_of_every_shop(self, store: Store) -> None:
        """Buyers of the same name in two shops are two buyers."""
        keep(store, a_reminder(), a_chat(), a_reminder("o2", shop="t"), a_chat(id="t/manual/b1", shop="t"))
        assert ["o1", "o2"] == claimed(store)


class TestUndone:
    def test_a_claim_that_fails_is_due_again(self, store: Store) -> None:
        """If the transaction fails, its reminders are neither lost nor moved."""
        keep(store, *a_matter(1), *a_matter(2))

        def fail(tx: Tx) -> None:
            for reminder in tx.claim_due(NOON, 1):
                tx.save(a_reminder(reminder.thread.split("/")[1], state=ReminderState.FIRED))
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            store.run(fail)
        assert ["o1", "o2"] == claimed(store)

    def test_one_put_aside_does_not_hide_the_others(self, store: Store) -> None:
        """A part that is undone within the claim leaves the rest as it is."""
        keep(store, *a_matter(1), *a_matter(2))

        def handler(tx: Tx) -> None:
            for reminder in tx.claim_due(NOON, 10):
                mark = tx.mark()
                tx.save(a_reminder(reminder.thread.split("/")[1], reminder.buyer, state=ReminderState.FIRED))
                if "o2" in reminder.thread:
                    tx.back_to(mark)

        store.run(handler)
        assert ["o2"] == claimed(store)


class TestMemory:
    def test_next_due(self) -> None:
        """The store in memory knows when something is due next, whatever was moved or dropped meanwhile."""
        store = MemoryStore()
        keep(store, a_reminder("o1", due=NOON + HOUR), a_reminder("o2", due=NOON + DAY))
        assert NOON + HOUR == store.tx.next_due()
        keep(store, a_reminder("o1", due=NOON + 2 * DAY))
        assert NOON + DAY == store.tx.next_due()
        keep(store, a_reminder("o2", state=ReminderState.CANCELLED))
        assert NOON + 2 * DAY == store.tx.next_due()
        keep(store, a_reminder("o1", state=ReminderState.FIRED))
        assert (None, None) == (store.tx.next_due(), MemoryTx().next_due())


class TestSkipLocked:
    def test_two_workers_share_the_work(self, postgres_url: str) -> None:
        """While one worker is at the first buyers, another claims the next ones and does not wait."""
        store = SqlStore(postgres_url)
        for n in range(6):
            keep(store, *a_matter(n, due=NOON + n * MINUTE))
        with transaction(store) as one, transaction(store) as other:
            first = one.claim_due(NOON + HOUR, 3)
            second = other.claim_due(NOON + HOUR, 3)
            assert (3, 3, 6) == (len(first), len(second), len({r.id for r in (*first, *second)}))
        assert 6 == len(claimed(store, NOON + HOUR))
        store.close()

    def test_a_buyer_belongs_to_one_worker(self, postgres_url: str) -> None:
        """A second matter of a buyer is not claimed while another worker is at the first."""
        store = SqlStore(postgres_url)
        keep(store, *a_matter(1, "lin"))
        with transaction(store) as one:
            assert 1 == len(one.claim_due(NOON, 1))
            keep(store, an_order("o2", "lin"), a_thread("o2", "lin"), a_reminder("o2", "lin"))
            assert [] == claimed(store)
        assert ["o1", "o2"] == claimed(store)
        store.close()

    @pytest.mark.parametrize("taken", ["s/manual/b1", "s/telegram/b1"])
    def test_half_a_buyer_is_not_enough(self, postgres_url: str, taken: str) -> None:
        """Of a buyer with two chats nothing is claimed while somebody is at one of them."""
        store = SqlStore(postgres_url)
        keep(store, *a_matter(1), a_chat(channel="telegram"), *a_matter(2))
        with transaction(store) as other:
            other.lock_chats([taken])
            assert ["o2"] == claimed(store)
        assert ["o1", "o2"] == claimed(store)
        store.close()


def test_a_closed_thread_may_have_a_last_word(store: Store) -> None:
    """What is said after the settlement is claimed like anything else."""
    keep(store, *a_matter(1), a_thread(state=State.SETTLED))
    assert ["o1"] == claimed(store)
