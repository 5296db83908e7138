from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import pytest

from followup.events import DeliveryResult, Outcome
from followup.model import Instant, Outgoing, OutgoingState
from store import outbox_rows
from store.codec import to_micros
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx
from store.wanted import Wanted
from tests.store.makers import DAY, HOUR, MINUTE, NOON, a_chat, a_message, keep, kept

T = TypeVar("T")
LEASE = 5 * MINUTE
AT = to_micros(NOON)


def run(store: SqlStore, fn: Callable[[SqlTx], T]) -> T:
    """Run in a transaction of its own."""

    def narrowed(tx: Tx) -> T:
        assert isinstance(tx, SqlTx)
        return fn(tx)

    return store.run(narrowed)


def claim(store: SqlStore, now: Instant = NOON, limit: int = 100, channel: str = "manual") -> list[str]:
    """The ids of what a claim leases."""
    return [m.id for m in run(store, lambda tx: outbox_rows.claim(tx, channel, now, now + LEASE, limit))]


def mark(store: SqlStore, *messages: Outgoing, now: Instant = NOON) -> list[str]:
    """The ids of what may go."""
    return [m.id for m in run(store, lambda tx: outbox_rows.mark_sending(tx, messages, now))]


def accept(store: SqlStore, *ids: str) -> None:
    """Record messages as accepted."""
    results = [DeliveryResult(id_, Outcome.ACCEPTED, NOON + MINUTE, external_id=f"x{id_}") for id_ in ids]
    run(store, lambda tx: outbox_rows.record_accepted(tx, results))


@pytest.fixture
def box(sql_store: SqlStore) -> SqlStore:
    """Three buyers, each with a message that is due, in the order of their times."""
    for n in (1, 2, 3):
        keep(sql_store, a_chat(f"b{n}"), a_message(f"m{n}", f"b{n}", due_at=NOON - (4 - n) * MINUTE))
    return sql_store


def state(store: SqlStore, id_: str = "m1") -> OutgoingState:
    message = kept(store, a_message(id_))
    assert message is not None
    return message.state


class TestClaim:
    def test_those_due_first(self, box: SqlStore) -> None:
        """No more than asked for, those that are due longest; the others come with the next claim."""
        assert [["m1", "m2"], ["m3"], []] == [claim(box, limit=2) for _ in range(3)]

    def test_not_before_its_time(self, sql_store: SqlStore) -> None:
        """A message that waits for a retry is not claimed earlier."""
        keep(sql_store, a_chat(), a_message(due_at=NOON + HOUR))
        assert [[], ["m1"]] == [claim(sql_store, NOON + HOUR - MINUTE), claim(sql_store, NOON + HOUR)]

    def test_of_one_channel(self, box: SqlStore) -> None:
        """Each sender claims what its channel can carry."""
        keep(box, a_message("t1", "b4", channel="telegram"))
        assert ["t1"] == claim(box, channel="telegram")

    def test_only_what_is_due(self, sql_store: SqlStore) -> None:
        """No state but due leads to a send."""
        keep(sql_store, *(a_message(s, f"b{n}", state=s) for n, s in enumerate(OutgoingState)))
        assert ["due"] == claim(sql_store)

    def test_a_lease_keeps_others_away(self, box: SqlStore) -> None:
        """What is claimed is not claimed by a second sender, until the lease is over."""
        assert ["m1", "m2", "m3"] == claim(box)
        assert [] == claim(box, NOON + LEASE - timedelta(microseconds=1))
        assert ["m1", "m2", "m3"] == claim(box, NOON + LEASE)

    def test_what_was_released_is_free(self, box: SqlStore) -> None:
        """A sender that may not go on gives its messages back at once."""
        claim(box)
        run(box, lambda tx: outbox_rows.release(tx, [a_message("m2")]))
        assert ["m2"] == claim(box)
        run(box, outbox_rows.release_all)
        assert ["m1", "m2", "m3"] == claim(box)


class TestOrder:
    def test_one_of_each_chat(self, sql_store: SqlStore) -> None:
        """Of a chat only the earliest message is claimed: the next one waits for its outcome."""
        keep(sql_store, a_chat(), a_message("m1"), a_message("m2", due_at=NOON - HOUR))
        assert [["m1"], []] == [claim(sql_store), claim(sql_store)]
        mark(sql_store, a_message("m1"))
        assert [] == claim(sql_store)
        accept(sql_store, "m1")
        assert ["m2"] == claim(sql_store)

    def test_a_retry_is_waited_for(self, sql_store: SqlStore) -> None:
        """While an earlier message of the chat waits to be tried again, no later one overtakes it."""
        keep(sql_store, a_chat(), a_message("m1", due_at=NOON + HOUR), a_message("m2"))
        assert [] == claim(sql_store)
        assert ["m1"] == claim(sql_store, NOON + HOUR)

    @pytest.mark.parametrize("done", sorted(set(OutgoingState) - {OutgoingState.DUE, OutgoingState.SENDING}))
    def test_what_is_over_is_not_waited_for(self, sql_store: SqlStore, done: OutgoingState) -> None:
        """Whatever became of an earlier message, the next one may go."""
        keep(sql_store, a_chat(), a_message("m1", state=done), a_message("m2"))
        assert ["m2"] == claim(sql_store)

    def test_next_due(self, sql_store: SqlStore) -> None:
        """The next time is that of a message that could go then; what waits behind another does not count."""
        next_due = lambda tx: outbox_rows.next_due(tx, "manual", NOON)  # noqa: E731
        assert None is run(sql_store, next_due)
        keep(sql_store, a_chat(), a_message("m1", due_at=NOON + HOUR), a_message("m2"))
        assert NOON + HOUR == run(sql_store, next_due)


class TestMarkSending:
    def test_the_attempt_is_on_record_before_it_is_made(self, box: SqlStore) -> None:
        """A marked message is sending, with its attempt counted and its time in the history."""
        assert ["m1"] == mark(box, a_message("m1"))
        marked = kept(box, a_message("m1"))
        assert marked is not None
        assert (OutgoingState.SENDING, 1, (f"started@{AT}",)) == (marked.state, marked.attempts, marked.history)

    def test_the_order_is_kept(self, box: SqlStore) -> None:
        """Messages go in the order they were given."""
        assert ["m3", "m1", "m2"] == mark(box, *(a_message(f"m{n}", f"b{n}") for n in (3, 1, 2)))

    @pytest.mark.parametrize("now", sorted(set(OutgoingState) - {OutgoingState.DUE}))
    def test_what_may_not_go_any_more_is_left_out(self, sql_store: SqlStore, now: OutgoingState) -> None:
        """What was cancelled, expired or taken by another sender since it was claimed is not sent, the rest is."""
        keep(sql_store, a_message("m1", state=now, history=("started@1",)), a_message("m2", "b2"))
        assert ["m2"] == mark(sql_store, a_message("m1"), a_message("m2", "b2"))
        assert a_message("m1", state=now, history=("started@1",)) == kept(sql_store, a_message("m1"))

    def test_two_senders_with_the_same_message(self, box: SqlStore) -> None:
        """After a lease ran out two senders hold the same message: only one may send it, even in the same instant."""
        assert [["m1", "m2"], ["m3"]] == [
            mark(box, a_message("m1"), a_message("m2")),
            mark(box, a_message("m1"), a_message("m2"), a_message("m3")),
        ]

    def test_what_is_too_late_is_left_out(self, sql_store: SqlStore) -> None:
        """A message goes up to the moment it expires, and not in it."""
        keep(sql_store, a_message("m1", expires_at=NOON), a_message("m2", expires_at=NOON + timedelta(microseconds=1)))
        assert ["m2"] == mark(sql_store, a_message("m1"), a_message("m2"))
        assert OutgoingState.DUE is state(sql_store, "m1")

    def test_nothing(self, sql_store: SqlStore) -> None:
        """An empty window is no error."""
        assert [] == mark(sql_store)

    def test_a_retry_needs_no_new_lease_to_run_out(self, box: SqlStore) -> None:
        """A message that shall be tried again in a moment is free in a moment, not when its old lease ends."""
        claim(box)
        mark(box, a_message("m1"))
        due = kept(box, a_message("m1"))
        assert due is not None
        soon = NOON + timedelta(seconds=3)
        from dataclasses import replace

        box.run(lambda tx: tx.save(replace(due, state=OutgoingState.DUE, due_at=soon)), Wanted(outgoing=("m1",)))
        assert ["m1"] == claim(box, soon)


class TestRecord:
    def test_accepted(self, box: SqlStore) -> None:
        """An accepted message is sent, at the channel's time and under the channel's id."""
        mark(box, a_message("m1"))
        accept(box, "m1")
        sent = kept(box, a_message("m1"))
        assert sent is not None
        later = AT + 60_000_000
        assert (OutgoingState.SENT, NOON + MINUTE, "xm1") == (sent.state, sent.sent_at, sent.external_id)
        assert (f"started@{AT}", f"accepted@{later}") == sent.history

    @pytest.mark.parametrize("before", sorted(set(OutgoingState) - {OutgoingState.SENDING}))
    def test_only_what_was_being_sent(self, sql_store: SqlStore, before: OutgoingState) -> None:
        """A result that comes twice, or for what was never started, changes nothing."""
        keep(sql_store, a_message(state=before))
        accept(sql_store, "m1")
        assert a_message(state=before) == kept(sql_store, a_message())

    def test_in_flight(self, box: SqlStore) -> None:
        """What was marked and has no outcome is in flight."""
        mark(box, a_message("m1"), a_message("m2"))
        accept(box, "m1")
        assert ["m2"] == run(box, outbox_rows.in_flight)

    def test_unfinished(self, box: SqlStore) -> None:
        """What is due or in flight is unfinished; what waits for later is not."""
        keep(box, a_message("m4", "b4", due_at=NOON + DAY))
        mark(box, a_message("m1"))
        assert ["m1", "m2", "m3"] == sorted(m.id for m in run(box, lambda tx: outbox_rows.unfinished(tx, NOON)))

    def test_expired(self, sql_store: SqlStore) -> None:
        """Waiting messages are too late from the moment they expire, a limited number at a time."""
        keep(sql_store, *(a_message(f"m{n}", f"b{n}", expires_at=NOON + n * MINUTE) for n in range(5)), a_message("m9"))
        expired = lambda limit: run(sql_store, lambda tx: outbox_rows.expired(tx, NOON + 2 * MINUTE, limit))  # noqa: E731
        assert (["m0", "m1", "m2"], 2) == (sorted(expired(100)), len(expired(2)))


class TestWorkers:
    @contextmanager
    def transaction(self, store: SqlStore) -> Iterator[SqlTx]:
        with store.engine.connect() as connection, connection.begin():
            yield SqlTx(connection, store.dialect)

    def test_two_claims_at_once_are_disjoint(self, postgres_url: str) -> None:
        """Two senders that claim in the same moment get different messages and do not wait for each other."""
        store = SqlStore(postgres_url)
        keep(store, *(a_message(f"m{n}", f"b{n}") for n in range(4)))
        with self.transaction(store) as one, self.transaction(store) as other:
            first = outbox_rows.claim(one, "manual", NOON, NOON + LEASE, 2)
            second = outbox_rows.claim(other, "manual", NOON, NOON + LEASE, 4)
        assert (["m0", "m1"], ["m2", "m3"]) == ([m.id for m in first], [m.id for m in second])
        store.close()

    def test_nobody_overtakes_what_another_is_claiming(self, postgres_url: str) -> None:
        """While the first message of a chat is being claimed elsewhere, the second is not free."""
        store = SqlStore(postgres_url)
        keep(store, a_message("m1"), a_message("m2"))
        with self.transaction(store) as one, self.transaction(store) as other:
            assert ["m1"] == [m.id for m in outbox_rows.claim(one, "manual", NOON, NOON + LEASE, 9)]
            assert [] == outbox_rows.claim(other, "manual", NOON, NOON + LEASE, 9)
        assert [] == claim(store)
        store.close()
