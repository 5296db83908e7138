from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from followup.model import (
    Buyer,
    Chat,
    Inbound,
    Order,
    Outgoing,
    OutgoingState,
    Reminder,
    ReminderState,
    State,
    Status,
    TaskState,
    Thread,
)
from store.store import SqlStore, Store
from store.tx import Tx
from store.wanted import Wanted
from tests.store.makers import (
    HOUR,
    NOON,
    a_buyer,
    a_chat,
    a_message,
    a_refund,
    a_reminder,
    a_task,
    a_thread,
    an_order,
    keep,
)

THREAD = "s/o1/unpaid_order"
EVERYTHING = (
    an_order(),
    a_refund(),
    a_buyer(name="Lin"),
    a_chat(),
    a_thread(),
    a_reminder(),
    a_message(),
    a_task(outgoing="m1"),
    an_order("o2", "b2"),
    a_buyer("b2"),
    a_chat("b2"),
    a_thread("o2", "b2"),
    a_reminder("o2", "b2"),
)
WAYS = {
    "buyers": Wanted(buyers=(("s", "b1"),)),
    "orders": Wanted(orders=(("s", "o1"),)),
    "chats": Wanted(chats=("s/manual/b1",)),
    "threads": Wanted(threads=(THREAD,)),
    "outgoing": Wanted(outgoing=("m1",)),
    "tasks": Wanted(tasks=("t1",)),
}


@pytest.fixture
def full(store: Store) -> Store:
    """A store with two buyers and a matter of each."""
    keep(store, *EVERYTHING)
    return store


def seen(tx: Tx) -> tuple[Any, ...]:
    """What handlers look at when something happens to the thread."""
    return (
        tx.get(Thread, THREAD),
        tx.get(Chat, "s/manual/b1"),
        tx.get(Buyer, "s", "b1"),
        tx.facts("s", "o1"),
        tx.chats_of("s", "b1"),
        tx.pending(THREAD),
        tx.unsent(THREAD),
        tx.open_tasks(THREAD),
    )


class TestWays:
    @pytest.mark.parametrize("way", WAYS)
    def test_every_way_leads_to_the_whole_matter(self, full: Store, way: str) -> None:
        """Whatever a transaction starts from, the thread is there with its chat, buyer, facts and plans."""
        thread, chat, buyer, facts, chats, pending, unsent, tasks = full.run(seen, WAYS[way])
        assert (a_thread(), a_chat(), a_buyer(name="Lin")) == (thread, chat, buyer)
        assert (an_order(), (a_refund(),)) == (facts.order, facts.refunds)
        assert ((a_chat(),), [a_reminder()], [a_message()]) == (chats, pending, unsent)
        assert [a_task(outgoing="m1")] == tasks

    def test_a_message_by_its_source(self, full: Store) -> None:
        """A message that was received is found by (source, external id)."""
        message = Inbound("s/manual", "m9", "s", "s/manual/b1", NOON, "hi")
        keep(full, message)
        found = full.run(lambda tx: tx.get(Inbound, "s/manual", "m9"), Wanted(messages=(("s/manual", "m9"),)))
        assert message == found

    def test_a_message_waiting_and_its_task(self, full: Store) -> None:
        """A task brings the message that it is about."""
        assert a_message() == full.run(lambda tx: tx.get(Outgoing, "m1"), WAYS["tasks"])

    def test_others_are_left_where_they_are(self, sql_store: SqlStore) -> None:
        """Of other buyers nothing is read."""
        keep(sql_store, *EVERYTHING)
        assert not sql_store.run(lambda tx: tx.chats_of("s", "b2"), WAYS["buyers"])

    def test_what_is_not_there_is_none(self, store: Store) -> None:
        """Wanting what does not exist is no error."""
        wanted = Wanted.all_of([*WAYS.values(), Wanted(messages=(("s", "m"),))])
        assert (None, None, None, None, (), [], [], []) == store.run(seen, wanted)

    def test_shops_do_not_mix(self, store: Store) -> None:
        """The same order number in another shop is another order."""
        keep(store, an_order(), an_order(shop="t", goods="hat"))
        wanted = Wanted(orders=(("s", "o1"), ("t", "o1")))
        goods = store.run(lambda tx: [order and order.goods for order in both_shops(tx)], wanted)
        assert ["", "hat"] == goods


def both_shops(tx: Tx) -> list[Order | None]:
    return [tx.get(Order, "s", "o1"), tx.get(Order, "t", "o1")]


class TestMany:
    def test_all_of(self) -> None:
        """What several want is wanted once, in the order it was asked for, in one commit."""
        one, two = Wanted(chats=("b", "a"), alone=True), Wanted(chats=("a", "c"), orders=(("s", "o"),))
        assert Wanted(chats=("b", "a", "c"), orders=(("s", "o"),)) == Wanted.all_of([one, two])

    def test_a_thousand(self, sql_store: SqlStore) -> None:
        """A thousand orders are read in as many statements as one."""
        ids = [f"o{n}" for n in range(1000)]
        keep(sql_store, *map(an_order, ids))
        statements: list[str] = []
        event.listen(sql_store.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        sql_store.run(lambda tx: None, Wanted(orders=(("s", "o1"),)))
        few, statements[:] = len(statements), []
        found = sql_store.run(
            lambda tx: sum(tx.get(Order, "s", id_) is not None for id_ in ids),
            Wanted(orders=tuple(("s", id_) for id_ in ids)),
        )
        assert (1000, few) == (found, len(statements))


class TestClosed:
    def test_a_closed_thread_of_the_order_is_read(self, store: Store) -> None:
        """Whether a matter was followed up before is known, so that it is not opened again."""
        keep(store, an_order(), a_thread(state=State.SETTLED))
        thread = store.run(lambda tx: tx.get(Thread, THREAD), Wanted(orders=(("s", "o1"),)))
        assert a_thread(state=State.SETTLED) == thread

    def test_closed_threads_are_not_among_the_open_ones(self, store: Store) -> None:
        """A buyer's message belongs to no thread that is over."""
        closed = [a_thread(f"o{n}", state=state) for n, state in enumerate(State) if state.closed]
        opened = [a_thread(f"o{n}", state=state) for n, state in enumerate(State) if not state.closed]
        keep(store, a_chat(), *closed, *opened)
        found = store.run(lambda tx: tx.threads_of("s", "b1"), Wanted(chats=("s/manual/b1",)))
        assert sorted(thread.id for thread in opened) == sorted(thread.id for thread in found)

    def test_all_threads_can_be_asked_for(self, store: Store) -> None:
        """An opt-out reaches the closed threads too, whose last word may still wait."""
        threads = [a_thread(f"o{n}", state=state) for n, state in enumerate(State)]
        keep(store, a_chat(), *threads)
        found = store.run(lambda tx: tx.every_thread_of("s", "b1"), Wanted(chats=("s/manual/b1",)))
        assert sorted(thread.id for thread in threads) == sorted(thread.id for thread in found)

    def test_a_last_word_of_a_closed_thread_is_pending(self, store: Store) -> None:
        """What is planned for after the settlement is found when somebody asks."""
        keep(store, an_order(), a_chat(), a_thread(state=State.SETTLED), a_reminder())
        assert [a_reminder()] == store.run(lambda tx: tx.pending(THREAD), Wanted(orders=(("s", "o1"),)))

    def test_only_what_waits(self, store: Store) -> None:
        """Reminders that fired, messages that went and tasks that were answered are not in the way."""
        keep(store, an_order(), a_chat(), a_thread())
        keep(store, *(a_reminder(step=state, state=state) for state in ReminderState))
        keep(store, *(a_message(state, state=state) for state in OutgoingState))
        keep(store, *(a_task(state, state=state) for state in TaskState))
        waiting = store.run(lambda tx: seen(tx)[-3:], Wanted(buyers=(("s", "b1"),), orders=(("s", "o1"),)))
        assert (["pending"], ["due"], ["open"]) == tuple([item.state for item in items] for items in waiting)


class TestOtherNames:
    def test_an_order_seen_under_two_names_of_its_buyer(self, store: Store) -> None:
        """A source that calls the buyer otherwise today must not cost him his opt-out: who he was is read too."""
        keep(store, an_order(buyer="lin"), a_chat("lin"), a_buyer("lin", opted_out_at=NOON))
        wanted = Wanted(buyers=(("s", "l**n"),), orders=(("s", "o1"),))
        buyer, chats = store.run(lambda tx: (tx.buyer("s", "lin"), tx.chats_of("s", "lin")), wanted)
        assert (a_buyer("lin", opted_out_at=NOON), (a_chat("lin"),)) == (buyer, chats)

    def test_all_chats_of_a_buyer_come_with_one(self, store: Store) -> None:
        """Who writes on one channel is known with his others."""
        keep(store, a_chat(), a_chat(channel="telegram"))
        chats = store.run(lambda tx: tx.chats_of("s", "b1"), Wanted(chats=("s/telegram/b1",)))
        assert {a_chat(), a_chat(channel="telegram")} == set(chats)


class TestPaidBefore:
    @pytest.mark.parametrize("wanted", [Wanted(orders=(("s", "o1"),)), Wanted(orders=(("s", "o1"), ("s", "o2")))])
    def test_another_order(self, store: Store, wanted: Wanted) -> None:
        """A buyer returns if he paid for another order, whether that was read or not."""
        keep(store, an_order(status=Status.PAID, paid_at=NOON))
        assert not store.run(lambda tx: tx.has_paid_before("s", "b1", "o1"), wanted)
        keep(store, an_order("o2", status=Status.PAID, paid_at=NOON))
        assert store.run(lambda tx: tx.has_paid_before("s", "b1", "o1"), wanted)


class TestFresh:
    def test_a_change_of_this_transaction_is_not_forgotten_by_reading(self, store: Store) -> None:
        """Reading a row again does not undo what was done to it since."""
        keep(store, an_order(), a_chat(), a_thread(), a_reminder())

        def handler(tx: Tx) -> list[Reminder]:
            tx.save(a_reminder(state=ReminderState.CANCELLED))
            return [*tx.pending(THREAD), *tx.claim_due(NOON, 10)]

        assert [] == store.run(handler, Wanted(threads=(THREAD,), alone=True))

    def test_what_was_said_is_read_once_for_all(self, sqlite_url: str) -> None:
        """Events that wait together are handled in one transaction: what was said lately is asked of the database for
        all their chats at once, and again only if it is to reach further back."""
        store, asked = SqlStore(sqlite_url), list[str]()
        keep(store, an_order(), a_chat(), a_thread(), an_order("o2", "b2"), a_chat("b2"), a_thread("o2", "b2"))
        said = a_message("m1", step="hint", created_at=NOON)
        keep(store, said, a_message("m2", "b2", thread="s/manual/b2", step="hello", created_at=NOON + HOUR))
        event.listen(store.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

        def handler(tx: Tx) -> list[frozenset[str]]:
            asked.clear()
            first, second = (said.thread, "s/manual/b1"), ("s/o2/unpaid_order", "s/manual/b2")
            moments = (NOON - HOUR, NOON, NOON + HOUR)
            return [tx.said_since(when, threads) for when in moments for threads in (first, second)]

        both = Wanted(chats=("s/manual/b1", "s/manual/b2"))
        none = frozenset[str]()
        expected = [frozenset({"hint"}), frozenset({"hello"}), none, frozenset({"hello"}), none, none]
        assert expected == store.run(handler, both)
        assert 1 == sum("outbox" in sql for sql in asked)
        store.run(lambda tx: tx.said_since(NOON, [said.thread]) or asked.clear(), both)
        assert {"hint"} == store.run(
            lambda tx: tx.said_since(NOON, [said.thread]) | tx.said_since(NOON - HOUR, [said.thread]), both
        )
        store.close()
