"""What the window of a web chat reads, on each database: its own rows and nobody else's, by the indexes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import event, text

from followup.desk.erased import digest_of
from followup.desk.records import Suppressed
from followup.events import chat_id
from followup.model import Attachment, Chat, Choice, Cursor, Inbound, Media, OutgoingState, Raw, RawState, Role
from store.store import SqlStore
from store.suppression import KEY
from store.webchat_views import attachments_shown, conversation, message_sent
from tests.store.makers import NOON, a_message, keep

HIS, HERS = "w-" + "a" * 32, "w-" + "b" * 32
SECOND = timedelta(seconds=1)
OFFER = (Choice("later", "Later"),)


def fill(store: SqlStore, address: str) -> None:
    """Three messages each way, one of ours changed, one not sent, one alert; two events that are not handled."""
    chat = chat_id("tea", "chat", address)
    keep(store, Chat(chat, "tea", chat, "chat", address, offered=OFFER))
    for n in range(3):
        at = NOON + n * SECOND
        photo = (Attachment(Media.PHOTO, f"{address}/b{n}.png"),)
        said = Inbound("tea/chat", f"{address}.Zz_-{n}345678", "tea", chat, at, f"said {n}", attachments=photo)
        sent = a_message(f"{address}/{n}", chat=chat, channel="chat", address=address, thread=chat, text=f"sent {n}")
        sent = replace(sent, state=OutgoingState.SENT, sent_at=at, external_id=f"{address}.s{n}")
        keep(store, said, sent)
    change = replace(sent, id=f"{address}/change", edits=f"{address}/1", external_id="", text="better")
    alert = replace(sent, id=f"{address}/alert", role=Role.ALERT, external_id=f"{address}.s8")
    waits = replace(sent, id=f"{address}/due", state=OutgoingState.DUE, sent_at=None, external_id="")
    raws = [
        Raw("chat", f"{address}.{state}", b"x", NOON, state=state)
        for state in (RawState.WAITING, RawState.PUT_ASIDE, RawState.HANDLED)
    ]
    keep(store, change, alert, waits, *raws)


def test_a_chat_and_nothing_else(sql_store: SqlStore) -> None:
    """What was said and sent, the changes, what is not handled yet, the open offer; of this chat alone."""
    fill(sql_store, HIS)
    fill(sql_store, HERS)
    with sql_store.engine.connect() as connection:
        found = conversation(connection, "tea", "chat", HIS, 200)
        newest = conversation(connection, "tea", "chat", HIS, 2)
        nobody = conversation(connection, "tea", "chat", "w-" + "c" * 32, 200)
        shown = attachments_shown(connection, "tea", "chat", HIS)
    assert ["said 2", "said 1", "said 0"] == [each.text for each in found.said]
    assert ["sent 2", "sent 1", "sent 0"] == [each.text for each in found.sent]
    assert ["better"] == [each.text for each in found.changes]
    assert {f"{HIS}.waiting", f"{HIS}.put_aside"} == {raw.external_id for raw in found.waiting}
    assert OFFER == found.offered
    assert (["said 2", "said 1"], ["sent 2", "sent 1"]) == (
        [s.text for s in newest.said],
        [s.text for s in newest.sent],
    )
    assert ((), (), (), (), ()) == (nobody.said, nobody.waiting, nobody.sent, nobody.changes, nobody.offered)
    assert {f"{HIS}/b{n}.png" for n in range(3)} == shown


def test_what_is_handled_meanwhile_is_not_missed(sql_store: SqlStore) -> None:
    """A message that waits before the first row is read, and is handled before the last, is in what is read."""
    keep(sql_store, Raw("chat", f"{HIS}.1", b"x", NOON))
    done = [Raw("chat", f"{HIS}.1", b"x", NOON, state=RawState.HANDLED)]
    done_too = Inbound("tea/chat", f"{HIS}.1", "tea", chat_id("tea", "chat", HIS), NOON, "hi")

    def handled(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM inbox" in statement and done:
            keep(sql_store, done.pop(), done_too)

    with sql_store.engine.connect() as connection:
        event.listen(connection, "after_cursor_execute", handled)
        found = conversation(connection, "tea", "chat", HIS, 200)
    assert [f"{HIS}.1"] == [each.external_id for each in (*found.said, *found.waiting)]
    assert [] == done


def test_who_was_erased(sql_store: SqlStore) -> None:
    """Tells when, of this chat alone."""
    subject = digest_of("key", "tea", f"chat/{HIS}")
    keep(sql_store, Cursor(KEY, "key"), Suppressed("tea", subject, NOON))
    with sql_store.engine.connect() as connection:
        found = [conversation(connection, "tea", "chat", address, 9).erased_at for address in (HIS, HERS)]
    assert [NOON, None] == found


def test_one_message(sql_store: SqlStore) -> None:
    """By the name under which the channel knows it, with its change."""
    fill(sql_store, HIS)
    with sql_store.engine.connect() as connection:
        found = message_sent(connection, "chat", f"{HIS}.s1")
        assert () == message_sent(connection, "chat", f"{HERS}.s1").sent
    assert (["sent 1"], ["better"]) == ([each.text for each in found.sent], [each.text for each in found.changes])


def test_sqlite_finds_them_by_indexes(sqlite_url: str) -> None:
    """No table is gone through for a window that opens."""
    store, plans = SqlStore(sqlite_url), []
    with store.engine.connect() as connection:
        statements: list[tuple[str, object]] = []
        event.listen(connection, "before_cursor_execute", lambda *a: statements.append((a[2], a[3])))
        conversation(connection, "tea", "chat", HIS, 200)
        message_sent(connection, "chat", f"{HIS}.s1")
        for statement, values in list(statements):
            plans += connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()  # type: ignore[arg-type]
        connection.execute(text("SELECT 1"))
    store.close()
    assert [] == [plan.detail for plan in plans if plan.detail.startswith("SCAN")]
    assert plans
