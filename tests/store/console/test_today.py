from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from followup.desk.records import Suppressed
from followup.model import (
    ChannelState,
    Decided,
    Decision,
    Health,
    Inbound,
    OutgoingState,
    Reason,
    State,
    TaskState,
    Verdict,
)
from store.console import today
from store.console.today import Figures, Held, Whose
from store.store import SqlStore
from store.tx import Tx
from tests.store.makers import DAY, HOUR, MINUTE, NOON, a_buyer, a_chat, a_message, a_task, a_thread, keep

SINCE = NOON - 12 * HOUR
THREAD = "s/o1/unpaid_order"


def read(store: SqlStore, look: Any, *args: Any, **more: Any) -> Any:
    with store.engine.connect() as connection:
        return look(connection, *args, **more)


def decided(verdict: Verdict = Verdict.SENT, at: datetime = NOON, step: str = "unpaid.help", **more: Any) -> Decided:
    """A decision about the thread of the first order."""
    retry = more.pop("retry_at", None)
    decision = Decision(verdict, (Reason(verdict, verdict is Verdict.SENT),), retry)
    values = {"thread": THREAD, "reminder": f"{THREAD}/{step}", "shop": "s", "buyer": "b1", **more}
    return Decided(step=step, at=at, decision=decision, **values)


def write(store: SqlStore, *lines: Decided) -> None:
    def add(tx: Tx) -> None:
        for line in lines:
            tx.add(line)

    store.run(add)


class TestWaiting:
    def test_urgent_first_then_the_earliest_due(self, sql_store: SqlStore) -> None:
        """What cannot wait stands above, then what is due first."""
        late, soon = a_task("late", due_at=NOON + HOUR), a_task("soon", due_at=NOON + MINUTE)
        keep(sql_store, late, soon, a_task("urgent", due_at=NOON + DAY, urgent=True), a_task("old"))
        found = read(sql_store, today.waiting, None)
        assert ["urgent", "old", "soon", "late"] == [each.task.id for each in found]

    def test_tells_the_matter_and_the_buyers_name(self, sql_store: SqlStore) -> None:
        """The name where it is known, else the id; of a chat in which nothing is followed up its buyer."""
        keep(sql_store, a_thread(), a_buyer(name="Lin"), a_task(), a_chat("b2"), a_task("t2", "s/manual/b2"))
        found = {each.task.id: (each.kind, each.order_id, each.buyer) for each in read(sql_store, today.waiting, None)}
        assert {"t1": ("unpaid_order", "o1", "Lin"), "t2": ("", "", "b2")} == found

    def test_mine_nobodys_and_all(self, sql_store: SqlStore) -> None:
        """Each as a list and as a number; what is closed is none of them."""
        keep(sql_store, a_task("mine", assignee="li"), a_task("hers", assignee="wang"), a_task("nobodys"))
        keep(sql_store, a_task("over", state=TaskState.DONE))
        counts = read(sql_store, today.how_many, None, "li")
        assert {Whose.MINE: 1, Whose.NOBODYS: 1, Whose.ALL: 3} == counts
        for whose, count in counts.items():
            assert count == len(read(sql_store, today.waiting, None, "li", whose))

    def test_only_the_shops_that_are_looked_at(self, sql_store: SqlStore) -> None:
        """Nothing of another shop, and nothing at all for who works for none."""
        keep(sql_store, a_task("here"), a_task("there", shop="other"))
        found = {shops: len(read(sql_store, today.waiting, shops)) for shops in (None, ("s",), ("s", "other"), ())}
        assert {None: 2, ("s",): 1, ("s", "other"): 2, (): 0} == found
        assert {Whose.MINE: 0, Whose.NOBODYS: 1, Whose.ALL: 1} == read(sql_store, today.how_many, ("s",), "li")

    def test_a_list_has_an_end(self, sql_store: SqlStore) -> None:
        """No more than asked for."""
        keep(sql_store, *(a_task(f"t{number}") for number in range(5)))
        assert 3 == len(read(sql_store, today.waiting, None, limit=3))


class TestUnsure:
    def test_the_message_is_found(self, sql_store: SqlStore) -> None:
        """With what it said and on which channel; one that was erased is still told of."""
        task = a_task(f"{THREAD}/unsure/m1", reason="unsure")
        gone = a_task(f"{THREAD}/unsure/m2", reason="unsure", created_at=NOON - HOUR)
        keep(sql_store, a_thread(), task, gone, a_message(state=OutgoingState.UNSURE), a_task())
        found = read(sql_store, today.unsure, None)
        assert ["m1", None] == [each.message.id if each.message else None for each in found]


class TestSaid:
    def test_counts_by_kind_and_step(self, sql_store: SqlStore) -> None:
        """The most first; not what people said, what was held back, and what went yesterday."""
        keep(sql_store, a_thread())
        write(sql_store, decided(), decided(), decided(step="unpaid.last_call"))
        write(sql_store, decided(step="says"), decided(Verdict.CAPPED), decided(at=SINCE - MINUTE))
        write(sql_store, decided(thread="s/manual/b1", step="greet.hello"))
        found = read(sql_store, today.said, None, SINCE)
        assert [
            ("unpaid_order", "unpaid.help", 2),
            ("", "greet.hello", 1),
            ("unpaid_order", "unpaid.last_call", 1),
        ] == [(each.kind, each.step, each.count) for each in found]

    def test_the_latest_are_told_with_their_words(self, sql_store: SqlStore) -> None:
        """The newest first, each with its buyer and order."""
        keep(sql_store, a_thread(), a_buyer(name="Lin"))
        write(sql_store, decided(text="first"), decided(at=NOON + MINUTE, text="second"))
        found = read(sql_store, today.latest_said, None, SINCE)
        assert ["second", "first"] == [each.decided.text for each in found]
        assert ("unpaid_order", "o1", "Lin") == (found[0].kind, found[0].order_id, found[0].buyer)

    def test_a_count_can_be_opened(self, sql_store: SqlStore) -> None:
        """As many as it says, of that step and kind alone."""
        keep(sql_store, a_thread(), a_thread("o2", kind="pending_refund"))
        write(sql_store, *(decided() for _ in range(3)), decided(thread="s/o2/pending_refund"), decided(step="greet.x"))
        for count in read(sql_store, today.said, None, SINCE):
            opened = read(sql_store, today.latest_said, None, SINCE, count.kind, count.step, 100)
            assert count.count == len(opened)

    def test_only_the_shops_that_are_looked_at(self, sql_store: SqlStore) -> None:
        """Nothing of another shop."""
        write(sql_store, decided(), decided(shop="other"))
        assert 1 == sum(each.count for each in read(sql_store, today.said, ("s",), SINCE))
        assert ["s"] == [each.decided.shop for each in read(sql_store, today.latest_said, ("s",), SINCE)]


class TestHeld:
    def test_counts_by_verdict_with_the_next_look(self, sql_store: SqlStore) -> None:
        """Until when the first of them waits; what was dropped waits for nothing, and a wait that is over is none."""
        night = [decided(Verdict.QUIET_HOURS, retry_at=NOON + hours * HOUR) for hours in (-1, 21, 22)]
        write(sql_store, *night, decided(Verdict.SETTLED), decided())
        found = read(sql_store, today.held, None, SINCE, NOON)
        assert [Held(Verdict.QUIET_HOURS, 3, NOON + 21 * HOUR), Held(Verdict.SETTLED, 1, None)] == found

    def test_the_latest_are_told_with_their_reasons(self, sql_store: SqlStore) -> None:
        """All of them, or those of one verdict."""
        write(sql_store, decided(Verdict.CAPPED, retry_at=NOON + DAY), decided(Verdict.SETTLED, at=NOON + MINUTE))
        both, one = (read(sql_store, today.latest_held, None, SINCE, verdict) for verdict in ("", "capped"))
        assert [Verdict.SETTLED, Verdict.CAPPED] == [each.decided.decision.verdict for each in both]
        assert [("capped", False)] == [(why.check, why.passed) for why in one[0].decided.decision.reasons]


class TestFigures:
    @pytest.fixture
    def _day(self, sql_store: SqlStore) -> None:
        opened = a_thread(opened_at=NOON)
        before = a_thread("o2", opened_at=NOON - 3 * DAY, closed_at=NOON, state=State.SETTLED)
        keep(sql_store, opened, before, a_thread("o3", opened_at=NOON - 3 * DAY))
        keep(sql_store, a_buyer(opted_out_at=NOON), a_buyer("b2", opted_out_at=NOON - 3 * DAY))
        keep(sql_store, a_buyer("b3", opted_out_at=NOON + MINUTE), Suppressed("s", "digest", NOON + MINUTE))
        write(sql_store, decided(), decided(step="says"), decided(Verdict.CAPPED))
        messages = [("m1", NOON, ""), ("m2", NOON - 3 * DAY, ""), ("m3", NOON, "m1")]
        keep(sql_store, *(Inbound("s", id_, "s", "s/c/b1", at, "hi", edits=edits) for id_, at, edits in messages))

    @pytest.mark.usefixtures("_day")
    def test_the_day_so_far(self, sql_store: SqlStore) -> None:
        """What began and ended today, what was said, and who wants no more: neither a person's words, nor a change of
        a message, nor somebody who was erased."""
        assert Figures(1, 1, 1, 1, 1) == read(sql_store, today.figures, None, SINCE)

    @pytest.mark.usefixtures("_day")
    def test_of_another_shop(self, sql_store: SqlStore) -> None:
        """Nothing happened there."""
        assert Figures(0, 0, 0, 0, 0) == read(sql_store, today.figures, ("other",), SINCE)


def test_channels_that_are_not_well(sql_store: SqlStore) -> None:
    """Those that are up are not told of."""
    keep(sql_store, ChannelState("a", Health.UP, NOON), ChannelState("b", Health.LOGIN, NOON, "https://scan"))
    assert ["b"] == [each.channel for each in read(sql_store, today.unwell)]


def test_the_day_is_found_by_index(sqlite_url: str) -> None:
    """However long the ledger, only today's part of it is read."""
    store = SqlStore(sqlite_url)
    plans: list[str] = []
    with store.engine.connect() as connection:
        for look in (today.said, today.latest_said, today.figures):
            plans += _plans(connection, look)
    store.close()
    scans = [line for line in plans if line.startswith("SCAN")]
    assert [] == scans


def _plans(connection: Connection, look: Any) -> list[str]:
    """How SQLite would go about the statements of a function."""
    from sqlalchemy import event

    statements: list[tuple[str, Any]] = []
    keeps = event.listens_for(connection, "before_cursor_execute")(
        lambda _connection, _cursor, statement, values, *_: statements.append((statement, values))
    )
    look(connection, ("s",), SINCE)
    event.remove(connection, "before_cursor_execute", keeps)
    return [
        row[3]
        for text, values in statements
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
    ]
