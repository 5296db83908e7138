from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace

import pytest
from sqlalchemy import text

from followup.model import (
    OutgoingState,
    ReminderState,
    Role,
    State,
    TaskState,
    Verdict,
)
from store.audit import SHOWN, Audit, audit
from store.store import SqlStore
from tests.store.ledgers import HELP, SENT, THREAD, a_decision, broken, ledger, proof, said
from tests.store.makers import NOON, a_message, a_reminder, a_task, a_thread, keep


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

    def test_every_rule_at_once(self, good: SqlStore) -> None:
        """One violation does not hide another, nor what is unsure."""
        with good.engine.begin() as connection:
            connection.execute(text("DELETE FROM decisions"))
            connection.execute(text("UPDATE outbox SET attempts = 9"))
        result = proof(good)
        assert {"attempts", "unjustified", "dropped_silently", "lost"} == {finding.rule for finding in result.findings}
        assert 2 == len(result.unsure)


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
