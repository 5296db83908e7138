from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, text

from followup.model import (
    Outgoing,
    OutgoingState,
    ReminderState,
    Role,
    State,
    TaskState,
    Verdict,
)
from store import schema
from store.histories import faults
from store.store import SqlStore
from store.tables import KEPT
from tests.store.ledgers import HELP, SENT, a_decision, broken, ledger, proof, said
from tests.store.makers import a_reminder, a_task, a_thread, keep


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
            (["not_accepted", "state"], {"history": ("started@1", "failed@2")}),
            (["state"], {"history": (*SENT, "failed@3")}),
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
