"""All that is read for the page of a thread, on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import event

from followup.after_sales.model import AfterSale, Branch
from followup.evidence import Evidence
from followup.model import Inbound, Media, Note, Parcel, ParcelStatus, Role, State, Task
from store.console.thread import (
    MOST,
    ThreadPage,
    evidence_of_id,
    message_of_id,
    said_by_people,
    thread_page,
)
from store.store import SqlStore
from tests.store.makers import (
    DAY,
    HOUR,
    NOON,
    a_buyer,
    a_chat,
    a_message,
    a_refund,
    a_reminder,
    a_thread,
    an_order,
    keep,
)

THREAD = a_thread(chat="s/telegram/b1")
CHAT = a_chat("b1", "telegram")
PARCEL = Parcel("s", "SF1", "o1", ParcelStatus.ON_ITS_WAY, NOON, NOON)


def page(store: SqlStore, id_: str = THREAD.id) -> ThreadPage:
    with store.engine.connect() as connection:
        found = thread_page(connection, id_)
    assert found is not None
    return found


def heard(number: int, text: str, chat: str = CHAT.id, at: object = NOON) -> Inbound:
    return Inbound("s/telegram", f"m{number}", "s", chat, at, text)  # type: ignore[arg-type]


def test_everything_of_a_thread(sql_store: SqlStore) -> None:
    """Its order with what happened to it, its buyer with his chats and other matters, its story and its case."""
    other = a_thread("o2", chat=CHAT.id)
    sale = AfterSale(THREAD.id, "s", Branch.QUALITY)
    keep(sql_store, an_order(), a_refund(), PARCEL, a_buyer(name="Lin"), CHAT, THREAD, other, a_reminder(), sale)
    found = page(sql_store)
    assert (THREAD, "Lin", (CHAT,), (other,)) == (found.thread, found.buyer.name, found.chats, found.others)
    assert found.facts is not None
    assert (1, 1, sale) == (len(found.facts.refunds), len(found.facts.parcels), found.sale)
    assert ["unpaid.help"] == [each.step for each in found.story.reminders]


def test_no_such_thread(sql_store: SqlStore) -> None:
    """Nothing is found."""
    keep(sql_store, THREAD)
    with sql_store.engine.connect() as connection:
        assert thread_page(connection, "s/o9/unpaid_order") is None


def test_the_whole_conversation_of_the_buyer(sql_store: SqlStore) -> None:
    """Words of all his chats and of all his matters, around this one; nobody else's, and no alert."""
    other = a_thread("o2", chat=CHAT.id)
    second, foreign = a_chat("b1", "wechat"), a_chat("b2", "telegram")
    keep(sql_store, an_order(), a_buyer(), CHAT, second, foreign, THREAD, other)
    keep(sql_store, heard(1, "hello"), heard(2, "there", second.id), heard(3, "not mine", foreign.id))
    keep(sql_store, heard(4, "long ago", at=THREAD.opened_at - 2 * DAY))
    keep(sql_store, a_message("m1", thread=THREAD.id), a_message("m2", thread=other.id))
    keep(sql_store, a_message("m3", thread=CHAT.id), a_message("m4", thread=THREAD.id, role=Role.ALERT))
    found = page(sql_store)
    assert {"hello", "there"} == {each.text for each in found.heard}
    assert {"m1", "m2", "m3"} == {each.id for each in found.said}


def test_what_came_after_the_end_is_another_matter(sql_store: SqlStore) -> None:
    """A day after it closed."""
    closed = replace(THREAD, state=State.SETTLED, closed_at=NOON)
    keep(sql_store, CHAT, closed, heard(1, "thanks", at=NOON + HOUR), heard(2, "next", at=NOON + 2 * DAY))
    assert ["thanks"] == [each.text for each in page(sql_store).heard]


def test_of_very_many_words_the_newest(sql_store: SqlStore) -> None:
    """Oldest first, as in a chat."""
    keep(sql_store, CHAT, THREAD, *(heard(n, str(n), at=NOON + n * HOUR / 100) for n in range(MOST + 5)))
    words = [each.text for each in page(sql_store).heard]
    assert (MOST, "5", str(MOST + 4)) == (len(words), words[0], words[-1])


def test_who_of_the_people_wrote(sql_store: SqlStore) -> None:
    """The notes of what people said, and of nothing else they did."""
    keep(sql_store, THREAD)
    notes = (Note(THREAD.id, NOON, "li", "says hello"), Note(THREAD.id, NOON, "li", "note says who"))
    sql_store.run(lambda tx: [tx.add(note) for note in notes])
    with sql_store.engine.connect() as connection:
        assert ("says hello",) == tuple(each.text for each in said_by_people(connection, [THREAD.id], NOON))
        assert () == said_by_people(connection, [THREAD.id], NOON + HOUR)


def test_files_of_the_thread_and_of_its_chat(sql_store: SqlStore) -> None:
    """Also what came before anything was followed up; not what another buyer sent to nobody."""

    def sent(id_: str, thread: str, chat: str = CHAT.id) -> Evidence:
        return Evidence(id_, thread, "s", chat, "telegram", "m1", NOON, Media.PHOTO, id_)

    keep(sql_store, CHAT, THREAD, sent("e1", THREAD.id), sent("e2", ""), sent("e3", "", "s/telegram/b9"))
    assert {"e1", "e2"} == {each.id for each in page(sql_store).evidence}
    with sql_store.engine.connect() as connection:
        known = evidence_of_id(connection, "e1")
        assert (THREAD.id, None, None) == (
            known and known.thread,
            evidence_of_id(connection, "e9"),
            message_of_id(connection, "m9"),
        )


def test_a_few_statements(sql_store: SqlStore) -> None:
    """As many for a long story as for a short one."""
    keep(sql_store, an_order(), a_buyer(), CHAT, THREAD, *(heard(n, str(n)) for n in range(50)))
    asked: list[str] = []
    event.listen(sql_store.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    page(sql_store)
    assert 23 >= len(asked)


def test_a_chat_in_which_nothing_is_followed_up(sql_store: SqlStore) -> None:
    """It has what a thread has: words, tasks and notes, its buyer with his matters and orders; a thread tells of it
    while a task waits there."""
    task = Task(f"{CHAT.id}/buyer_message/1", "s", CHAT.id, "buyer_message", "hello", NOON)
    keep(sql_store, an_order(), a_buyer(name="Lin"), CHAT, THREAD, heard(1, "hello"), task)
    found = page(sql_store, CHAT.id)
    assert (False, "Lin", (THREAD,)) == (found.is_followed, found.called, found.others)
    assert (["o1"], ["hello"]) == ([each.id for each in found.orders], [each.text for each in found.heard])
    assert ([task], ()) == (found.story.tasks, found.asks)
    assert (CHAT.id,) == page(sql_store).asks
