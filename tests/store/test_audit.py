from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, text

from followup.model import (
    Decided,
    Decision,
    Outgoing,
    OutgoingState,
    Reminder,
    ReminderState,
    Role,
    State,
    TaskState,
    Verdict,
)
from store import schema
from store.audit import SHOWN, Audit, audit
from store.histories import faults
from store.store import SqlStore
from store.tables import KEPT
from store.tx import Tx
from tests.store.makers import NOON, a_chat, a_message, a_reminder, a_task, a_thread, an_order, keep

THREAD = "s/o1/unpaid_order"
HELP = f"{THREAD}/unpaid.help"
SENT = ("started@1", "accepted@2")


def a_decision(about: str = HELP, verdict: Verdict = Verdict.SENT, thread: str = THREAD) -> Decided:
    return Decided(thread, about, "s", "b1", "unpaid.help", NOON, Decision(verdict, ()))


def said(**more: Any) -> tuple[Reminder, Outgoing]:
    """A reminder that fired, and its message, which was sent unless told otherwise."""
    message = a_message(HELP, state=OutgoingState.SENT, history=SENT, attempts=1, sent_at=NOON, text="Hello")
    return a_reminder(state=ReminderState.FIRED), replace(message, **more)


def ledger(store: SqlStore, *items: object, decided: Iterable[Decided] = ()) -> None:
    """Write a ledger."""
    keep(store, an_order(), a_chat(), *items)

    def add(tx: Tx) -> None:
        for line in decided:
            tx.add(line)

    store.run(add)


def proof(store: SqlStore, *idempotent: str) -> Audit:
    with store.engine.connect() as connection:
        return audit(connection, idempotent)


def broken(store: SqlStore, *idempotent: str) -> list[str]:
    """The rules that the ledger breaks."""
    return [finding.rule for finding in proof(store, *idempotent).findings]


@pytest.fixture
def good(sql_store: SqlStore) -> SqlStore:
    """A ledger in which everything is right: one of each fate."""
    own = [
        a_message("due"),
        a_message("retried", history=("started@1", "retry@2"), attempts=1),
        a_message("sending", state=OutgoingState.SENDING, history=("started@1",), attempts=1),
        a_message("sent", state=OutgoingState.SENT, history=("started@1", "retry@2", *SENT), attempts=2),
        a_message("unsure", state=OutgoingState.UNSURE, history=("started@1", "unsure@2"), attempts=1),
        a_message("stopped", state=OutgoingState.UNSURE, history=("started@1",), attempts=1),
        a_message("failed", state=OutgoingState.FAILED, history=("started@1", "refused@2"), attempts=1),
        a_message("expired", state=OutgoingState.EXPIRED, history=("started@1", "retry@2"), attempts=1),
        a_message("cancelled", state=OutgoingState.CANCELLED),
        a_message("not_pasted", state=OutgoingState.FAILED, history=SENT, attempts=1),
    ]
    reply = a_message("reply", role=Role.REPLY, state=OutgoingState.SENT, attempts=2)
    again = replace(reply, history=("started@1", "unsure@2", "started@3", "accepted@4"))
    tasks = a_task("t1", outgoing="not_pasted", state=TaskState.NOT_DONE), a_task(f"{THREAD}/aside/put_aside")
    reminders = [a_reminder(step=state, state=state) for state in ReminderState if state is not ReminderState.PUT_ASIDE]
    reminders += [
        a_reminder(step="aside", state=ReminderState.PUT_ASIDE),
        a_reminder(step="unpaid.give_up", state=ReminderState.FIRED),
        replace(a_reminder("o2", step="refund.settled"), thread="over"),
    ]
    decided = [a_decision(message.id) for message in own]
    decided += [a_decision(id_, Verdict.SETTLED) for id_ in ("expired", "cancelled", *(r.id for r in reminders[1:]))]
    over = replace(a_thread("o2", state=State.SETTLED), id="over")
    ledger(sql_store, a_thread(), over, *own, again, *tasks, *reminders, decided=decided)
    return sql_store


class TestGood:
    def test_holds(self, good: SqlStore) -> None:
        """A ledger with one of each fate is proven."""
        result = proof(good)
        assert ([], True, 0) == (result.findings, result.ok, result.found)

    def test_counts(self, good: SqlStore) -> None:
        """What was sent, what is unsure, and how many rows are in each state."""
        result = proof(good)
        assert (3, ["unsure", "stopped"]) == (result.sent, [one.id for one in result.unsure])
        assert {"open": 1, "settled": 1} == result.counts["threads"]
        assert {"due": 2, "sent": 2, "failed": 2, "unsure": 2} == {
            state: count for state, count in result.counts["outbox"].items() if count == 2
        }

    def test_nothing(self, sql_store: SqlStore) -> None:
        """An empty ledger is proven."""
        assert Audit(counts=proof(sql_store).counts) == proof(sql_store)

    def test_reads_only(self, good: SqlStore) -> None:
        """The audit can run while somebody writes."""
        with good.engine.connect().execution_options(writes=True) as writer, writer.begin():
            writer.execute(text("UPDATE outbox SET text = 'being written'"))
            assert proof(good).ok

    def test_sees_one_moment(self, good: SqlStore) -> None:
        """What is written during the audit is not seen by half of it."""
        with good.engine.connect() as connection:
            before = audit(connection)
            keep(good, a_message("later", "b9"))
            assert before == audit(connection)
        assert ["unjustified"] == broken(good)


class TestTampered:
    """Each violation is found, and found by its name."""

    @pytest.mark.parametrize(
        ("rules", "change"),
        [
            (["sent_twice", "sent_again"], {"history": (*SENT, *SENT), "attempts": 2}),
            (["sent_again", "state"], {"history": (*SENT, "started@3", "retry@4"), "attempts": 2}),
            (["sent_blindly"], {"history": ("started@1", "unsure@2", *SENT), "attempts": 2}),
            (["no_outcome"], {"history": ("started@1", *SENT), "attempts": 2}),
            (["no_outcome", "state"], {"history": ("started@1",)}),
            (["no_start", "attempts"], {"history": ("accepted@2",)}),
            (["unreadable"], {"history": ("started@1", "delivered@2")}),
            (["attempts"], {"attempts": 2}),
            (["state"], {"state": OutgoingState.DUE}),
            (["state"], {"state": OutgoingState.SENDING}),
            (["state"], {"state": OutgoingState.FAILED}),
            (["state"], {"state": OutgoingState.UNSURE}),
            (["state", "dropped_silently"], {"state": OutgoingState.CANCELLED}),
            (["state", "dropped_silently"], {"state": OutgoingState.EXPIRED}),
            (["attempts", "state"], {"history": ()}),
            (["state"], {"history": ("started@1", "refused@2")}),
        ],
        ids=lambda value: "+".join(value) if isinstance(value, list) else "",
    )
    def test_a_history(self, sql_store: SqlStore, rules: list[str], change: dict[str, Any]) -> None:
        """A message whose history breaks a rule is named with the rule."""
        ledger(sql_store, a_thread(), *said(**change), decided=[a_decision()])
        result = proof(sql_store)
        assert (False, {HELP}) == (result.ok, {finding.id for finding in result.findings})
        assert rules == [finding.rule for finding in result.findings]

    def test_a_key_twice(self, sql_store: SqlStore) -> None:
        """Two messages under one dedupe key are found even where the index that forbids them is gone."""
        with sql_store.engine.begin() as connection:
            connection.execute(text("DROP INDEX outbox_id"))
            connection.execute(text("CREATE UNIQUE INDEX outbox_id ON outbox (id, buyer)"))
        ledger(sql_store, a_thread(), decided=[a_decision()])
        codec = KEPT[Outgoing].codec
        rows = [dict(zip(codec.columns, codec.encode(said(buyer=b)[1]), strict=True)) for b in ("b1", "b2")]
        with sql_store.engine.begin() as connection:
            connection.execute(insert(schema.outbox), rows)
        assert ["key_twice"] == broken(sql_store)

    @pytest.mark.parametrize("role", [Role.NUDGE, Role.NOTICE])
    def test_a_message_nobody_decided(self, sql_store: SqlStore, role: Role) -> None:
        """Own words need a decision that allowed them, of that thread and about that message."""
        others = [a_decision(verdict=Verdict.CAPPED), a_decision("other"), a_decision(thread="other")]
        ledger(sql_store, a_thread(), *said(role=role), decided=others)
        assert ["unjustified"] == broken(sql_store)

    @pytest.mark.parametrize("state", ["fired", "cancelled", "expired"])
    def test_a_reminder_that_vanished(self, sql_store: SqlStore, state: str) -> None:
        """A planned word that is over, with neither message nor decision, was lost silently."""
        ledger(sql_store, a_thread(), a_reminder(state=ReminderState(state)), decided=[a_decision("other")])
        assert ["lost"] == broken(sql_store)

    def test_a_reminder_put_aside_unseen(self, sql_store: SqlStore) -> None:
        """A reminder that failed must be a task of somebody."""
        ledger(sql_store, a_thread(), a_reminder(state=ReminderState.PUT_ASIDE))
        assert ["put_aside_silently"] == broken(sql_store)

    @pytest.mark.parametrize("state", [state for state in State if state.closed])
    def test_a_reminder_of_a_closed_thread(self, sql_store: SqlStore, state: State) -> None:
        """Nothing is planned any more for a matter that is over."""
        ledger(sql_store, a_thread(state=state), a_reminder())
        assert ["left_over"] == broken(sql_store)

    def test_a_reminder_for_nobody(self, sql_store: SqlStore) -> None:
        """A reminder whose buyer has no chat would never fire."""
        ledger(sql_store, a_thread(), a_reminder(buyer="b9"))
        assert ["no_chat"] == broken(sql_store)

    def test_every_rule_at_once(self, good: SqlStore) -> None:
        """One violation does not hide another, nor what is unsure."""
        with good.engine.begin() as connection:
            connection.execute(text("DELETE FROM decisions"))
            connection.execute(text("UPDATE outbox SET attempts = 9"))
        result = proof(good)
        assert {"attempts", "unjustified", "dropped_silently", "lost"} == {finding.rule for finding in result.findings}
        assert 2 == len(result.unsure)


class TestAllowed:
    @pytest.mark.parametrize("role", [Role.REPLY, Role.ALERT])
    def test_a_reply_may_be_repeated(self, sql_store: SqlStore, role: Role) -> None:
        """What the buyer waits for is sent again when nobody knows, and needs no decision of politeness."""
        again = {"history": ("started@1", "unsure@2", *SENT), "attempts": 2}
        ledger(sql_store, a_thread(), *said(role=role, **again), decided=[])
        assert [] == broken(sql_store)

    def test_so_may_all_words_on_a_channel_that_refuses_repeats(self, sql_store: SqlStore) -> None:
        """An idempotent channel may be asked again."""
        again = {"history": ("started@1", "unsure@2", *SENT), "attempts": 2}
        ledger(sql_store, a_thread(), *said(**again), decided=[a_decision()])
        assert [["sent_blindly"], []] == [broken(sql_store), broken(sql_store, "manual")]

    def test_no_word_twice_even_there(self, sql_store: SqlStore) -> None:
        """What was accepted is never started again, on any channel and in any role."""
        again = {"history": (*SENT, *SENT), "attempts": 2, "role": Role.REPLY}
        ledger(sql_store, a_thread(), *said(**again), decided=[a_decision()])
        assert ["sent_twice", "sent_again"] == broken(sql_store, "manual")

    def test_only_the_answered_task_excuses(self, sql_store: SqlStore) -> None:
        """A message counts as failed after it was accepted only if its own task says so."""
        ledger(sql_store, a_thread(), *said(state=OutgoingState.FAILED), decided=[a_decision()])
        keep(sql_store, a_task("t1", outgoing=HELP), a_task("t2", outgoing="other", state=TaskState.NOT_DONE))
        assert ["state"] == broken(sql_store)
        keep(sql_store, a_task("t3", outgoing=HELP, state=TaskState.NOT_DONE))
        assert [] == broken(sql_store)


class TestHistories:
    def test_unknown_state(self) -> None:
        """A state that no version knows agrees with nothing."""
        assert ["state"] == [rule for rule, _ in faults("lost", "", 0, repeatable=False)]

    def test_due_again_after_unsure(self) -> None:
        """Only what may be repeated is due again after an attempt nobody knows the outcome of."""
        found = [list(faults("due", "started@1 unsure@2", 1, repeatable)) for repeatable in (True, False)]
        assert [[], ["state"]] == [[rule for rule, _ in one] for one in found]


class TestLong:
    def test_findings_are_cut_off(self, sql_store: SqlStore) -> None:
        """Of very many findings the first thousand are kept, and all are counted."""
        keep(sql_store, *(a_message(f"m{n}", role=Role.REPLY, attempts=1) for n in range(SHOWN + 5)))
        result = proof(sql_store)
        assert (SHOWN + 5, SHOWN, False) == (result.found, len(result.findings), result.ok)
        assert "… and 5 more" in result.as_text()

    def test_memory_is_bounded(self, sql_store: SqlStore) -> None:
        """Ten times the ledger does not take more memory."""
        many = [a_message(f"m{n}", role=Role.REPLY, text="x" * 200) for n in range(11_000)]
        keep(sql_store, *many[:1000])
        proof(sql_store)
        peaks = [self._peak(sql_store)]
        keep(sql_store, *many[1000:])
        peaks.append(self._peak(sql_store))
        assert peaks[1] < 2 * peaks[0] + 500_000

    def _peak(self, store: SqlStore) -> int:
        tracemalloc.start()
        assert proof(store).ok
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak


class TestTold:
    def test_as_json(self, good: SqlStore) -> None:
        """Everything can be handed to a program."""
        told = json.loads(json.dumps(proof(good).as_dict()))
        assert (True, 3, 0, []) == (told["ok"], told["sent"], told["found"], told["findings"])
        assert {"id": "unsure", "due_at": NOON.isoformat()}.items() <= told["unsure"][0].items()

    def test_as_text(self, good: SqlStore) -> None:
        """People read the result first, what is unsure, and whether the proof holds."""
        lines = proof(good).as_text().splitlines()
        assert "3 sent, 2 unsure, 0 findings" == lines[0]
        assert "unsure   unsure  (manual, 2026-03-02 04:00 UTC)" == lines[1]
        assert "the ledger is proven: nothing was sent twice, nothing is lost" == lines[-1]

    def test_a_failure_as_text(self, sql_store: SqlStore) -> None:
        """A proof that fails says which rule, which row, and why."""
        ledger(sql_store, a_thread(), *said(attempts=2), decided=[a_decision()])
        lines = proof(sql_store).as_text().splitlines()
        assert f"attempts  {HELP}: 2 attempts are counted, its history has 1" == lines[1]
        assert "the proof failed" == lines[-1]
