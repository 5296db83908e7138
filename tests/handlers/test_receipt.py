"""A channel says later that what it had accepted did not arrive."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from followup.events import Receipt, Refusal
from followup.model import Decided, Decision, OutgoingState, Role, Task, Verdict
from followup.policy import Policy
from followup.ports import Capabilities, NotYet
from followup.understood import Intent, Understood
from handlers.deps import Deps
from handlers.receipt import receipt, wanted
from scripts_library.library import Library
from store import queries
from store.audit import audit
from store.store import SqlStore, Store
from tests.store.makers import HOUR, MINUTE, NOON, a_buyer, a_chat, a_message, a_thread, an_order, keep, kept

DEPS = Deps(
    Library.load(),
    {"s": Policy("s")},
    lambda *_: Understood(Intent.OTHER),
    {"s": "wecom"},
    {"wecom": Capabilities(quota=5)},
)
SENT = ("started@1", "accepted@2")
CHAT = a_chat("b1", "wecom", last_in_at=NOON, used=2)
MESSAGE = a_message(
    "s/o1/unpaid_order/unpaid.help",
    chat=CHAT.id,
    channel="wecom",
    state=OutgoingState.SENT,
    external_id="x1",
    history=SENT,
    attempts=1,
    sent_at=NOON,
)
TASK = f"s/o1/unpaid_order/{{}}/{MESSAGE.id}"


@pytest.fixture
def sent(store: Store) -> Store:
    """A store of each kind with these messages."""
    return with_sent(store)


def with_sent(store: Store) -> Store:
    """A nudge that WeCom accepted as x1, and a reply of the same id on Telegram."""
    other = replace(MESSAGE, id="other", buyer="b2", chat="s/telegram/b2", channel="telegram", role=Role.REPLY)
    keep(store, an_order(), a_buyer(), CHAT, a_thread(chat=CHAT.id, touches=1), MESSAGE)
    keep(store, a_chat("b2", "telegram"), other)
    store.run(lambda tx: tx.add(_allowed()))
    return store


def _allowed() -> Decided:
    return Decided(MESSAGE.thread, MESSAGE.id, "s", "b1", "unpaid.help", NOON, Decision(Verdict.SENT, ()))


def told(store: Store, refusal: Refusal = Refusal.BLOCKED, id_: str = "x1") -> None:
    """WeCom reports a failure."""
    event = Receipt("wecom", id_, NOON + MINUTE, refusal, "errcode 10")
    store.run(lambda tx: receipt(event, tx, DEPS, NOON + HOUR), wanted(event))


def task(store: Store, reason: str) -> Task | None:
    """The task with that reason about the message."""
    return kept(store, Task(TASK.format(reason), "s", "", reason, "", NOON))


@pytest.mark.parametrize(
    ("refusal", "reason", "unreachable", "used"),
    [
        (Refusal.BLOCKED, "unreachable", True, 2),
        (Refusal.CONTENT, "refused", False, 2),
        (Refusal.WINDOW_CLOSED, "window_closed", False, 5),
        (Refusal.QUOTA_USED, "quota_used", False, 5),
    ],
)
def test_a_message_that_did_not_arrive_has_failed(
    sent: Store, refusal: Refusal, reason: str, unreachable: bool, used: int
) -> None:
    """With the error and a word in its history; a person learns of it, the chat is marked as the refusal says."""
    told(sent, refusal)
    message, chat = kept(sent, MESSAGE), kept(sent, CHAT)
    assert message is not None
    assert chat is not None
    assert (OutgoingState.FAILED, "errcode 10") == (message.state, message.error)
    assert (*SENT, "failed") == (*message.history[:2], message.history[2].partition("@")[0])
    assert (unreachable, used) == (chat.unreachable_at is not None, chat.used)
    assert task(sent, reason) is not None


def test_the_same_again_changes_nothing(sent: Store) -> None:
    """Neither a repeat nor another receipt for the same message."""
    told(sent)
    before = kept(sent, MESSAGE)
    told(sent)
    told(sent, Refusal.CONTENT)
    assert before == kept(sent, MESSAGE)
    assert task(sent, "refused") is None


@pytest.mark.parametrize("id_", ["x2", ""])
def test_a_receipt_that_is_faster_than_our_record_has_to_come_again(sent: Store, id_: str) -> None:
    """No message is known by that id yet; nothing has happened."""
    with pytest.raises(NotYet):
        told(sent, id_=id_)
    assert MESSAGE == kept(sent, MESSAGE)


def test_the_audit_understands_it(sql_store: SqlStore) -> None:
    """Sent and then failed is a history like any other, and it does not count as sent."""
    told(with_sent(sql_store))
    with sql_store.engine.connect() as connection:
        found = audit(connection)
    assert (1, []) == (found.sent, found.findings)


def test_the_message_is_found_by_an_index(sql_store: SqlStore) -> None:
    """A receipt does not look through the whole outbox."""
    compiled = queries.messages_by_external_id.compile(
        dialect=sql_store.engine.dialect, compile_kwargs={"render_postcompile": True}
    )
    values = compiled.construct_params({"ids": ["x1"], "shop": "wecom"})
    explain = "EXPLAIN QUERY PLAN" if sql_store.dialect.is_sqlite else "EXPLAIN"
    with sql_store.engine.connect() as connection:
        if not sql_store.dialect.is_sqlite:
            connection.execute(text("SET enable_seqscan = off"))
        ids = '["x1"]' if sql_store.dialect.is_sqlite else ["x1"]
        ordered = tuple(ids if name == "ids" else values[name] for name in compiled.positiontup or ())
        plan = connection.exec_driver_sql(f"{explain} {compiled}", ordered)
        assert "outbox_by_external_id" in str(plan.all())
