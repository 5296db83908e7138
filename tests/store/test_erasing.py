"""Taking a buyer out of the tables: nothing is forgotten when a column is added, and ids are renamed with care."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, String, Text, make_url

from bot.evidence.files import EvidenceFolder
from followup.desk.erased import digest_of, pseudonym
from followup.desk.records import Suppressed
from followup.model import Chat, Cursor
from store import suppression
from store.him import Him, find
from store.personal import GONE, WHAT
from store.renaming import Renamed
from store.schema import metadata
from store.store import SqlStore
from store.suppression import KEY
from store.tx import Tx
from tests.handlers.desk.erasable import HIS, full_shop
from tests.store.makers import NOON, SHARED, a_chat, a_thread, an_order, keep

NAMES = {"lin": "erased:1", "77": "erased:2"}


def renamed(threads: tuple[str, ...] = (), names: tuple[str, ...] = ()) -> Renamed:
    """How the buyer `lin` with the chat `s/tg/77` is called since."""
    chat = Chat("s/tg/77", "s", "lin", "tg", "77")
    him = Him("s", "lin", frozenset({"lin", chat.id}), (chat,), frozenset(threads), frozenset(), frozenset(names))
    return Renamed(him, NAMES)


def test_every_text_column_is_decided_upon() -> None:
    """Who adds a table or a column says here what becomes of it when a buyer is erased."""
    texts = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | Text | LargeBinary) and table.name not in GONE
    }
    assert texts == set(WHAT)


@pytest.mark.parametrize(
    ("id_", "new"),
    [
        ("lin", "erased:1"),
        ("s/tg/77", "s/tg/erased:2"),
        ("s/tg/77/reply.received/77/9", "s/tg/erased:2/reply.received/erased:2/9"),
        ("s/@lin/inquiry/ask", "s/@erased:1/inquiry/ask"),
        ("s/@s/tg/77/inquiry", "s/@s/tg/erased:2/inquiry"),
        ("desk/mirror/s/tg/77/9", "desk/mirror/s/tg/erased:2/9"),
        ("s/1001/unpaid_order/unpaid.help", "s/1001/unpaid_order/unpaid.help"),
        ("s/tg/770/says", "s/tg/770/says"),
        ("s/@linda/inquiry", "s/@linda/inquiry"),
    ],
)
def test_ids_are_renamed_wherever_they_stand(id_: str, new: str) -> None:
    """His own and what begins with them, never a part of somebody else's."""
    assert new == renamed().id(id_)


def test_of_a_list_only_his_are_renamed() -> None:
    """A handover names the matters of several buyers."""
    his = renamed(threads=("s/@lin/inquiry",))
    assert "s/@erased:1/inquiry s/@lin-2/inquiry s/1/unpaid_order" == his.ids(
        "s/@lin/inquiry s/@lin-2/inquiry s/1/unpaid_order"
    )


@pytest.mark.parametrize(
    ("note", "left"),
    [
        ("task_done buyer_message she called", "task_done buyer_message"),
        ("linked_by_link tg", "linked_by_link"),
        ("promise 11-22 22:38 by tonight", "promise"),
        ("take", "take"),
        ("taken by her sister", ""),
        ("小林打过电话", ""),
        ("lin_xiao called twice", ""),
    ],
)
def test_of_a_note_the_act_stays(note: str, left: str) -> None:
    """What somebody wrote in his own words goes."""
    assert left == renamed(names=("lin_xiao",)).code(note).strip("…")


def test_figures_of_decisions_stay_json() -> None:
    """His ids in them are renamed, numbers are left alone."""
    assert '[["x",true,[["chat","s/tg/erased:2"]],77]]' == renamed().json('[["x",true,[["chat","s/tg/77"]],77]]')


def test_one_person_is_found_under_all_his_accounts(sql_store: SqlStore) -> None:
    """He proved in one chat that orders of two accounts are his; somebody else's order is not."""
    mine, other = an_order("o1", "a"), an_order("o2", "b")
    linked = a_chat("a", "tg")
    keep(sql_store, mine, other, an_order("o3", "c"), linked, a_chat("c"))
    keep(sql_store, a_thread("o1", "a", chat=linked.id), a_thread("o2", "a", chat=linked.id), a_thread("o3", "c"))

    with sql_store.engine.connect() as connection:
        found = [find(connection, "s", who) for who in ("a", "b")]
    assert [{"a", "b", linked.id}] * 2 == [each.accounts for each in found]
    assert {"o1", "o2"} == found[0].orders


def test_on_the_disk_of_sqlite_nothing_is_left(sqlite_url: str, tmp_path: Path) -> None:
    """Not in the pages that were freed, and not in the journal."""
    store = SqlStore(sqlite_url)
    full_shop(store, EvidenceFolder(tmp_path / "evidence", 1_000_000, 50)).erase()
    file = Path(make_url(sqlite_url).database or "")
    written = [path.read_bytes() for path in file.parent.glob(f"{file.name}*")]
    store.close()

    assert [] == [name for name, text in HIS.items() for content in written if text.encode() in content]


class TestSuppression:
    def test_nobody_is_suppressed(self, sql_store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
        """And to know that takes one short statement a transaction, however many ask; nothing else is read."""
        counted: list[tuple[str, int]] = []
        seen = suppression._seen
        monkeypatch.setattr(suppression, "_seen", lambda connection: counted.append(seen(connection)) or counted[-1])
        monkeypatch.setattr(suppression, "_read", lambda _: pytest.fail("the table was read"))

        def ask(tx: Tx) -> list[str]:
            return [tx.suppression().pseudonym_of("s", (str(n),)) for n in range(100)]

        assert ([""] * 100, [("", 0)]) == (sql_store.run(ask, SHARED), counted)

    def test_whoever_was_erased_is_known(self, sql_store: SqlStore) -> None:
        """From the next transaction on, in every program on this database, and in his own shop only."""
        other = SqlStore(sql_store.engine.url.render_as_string(hide_password=False))
        digest = digest_of("key", "s", "lin")

        def ask(store: SqlStore) -> list[str]:
            pairs = (("s", "lin"), ("s", "li"), ("t", "lin"))
            return store.run(lambda tx: [tx.suppression().pseudonym_of(shop, (who,)) for shop, who in pairs], SHARED)

        assert ["", "", ""] == ask(other)
        keep(sql_store, Cursor(KEY, "key"), Suppressed("s", digest, NOON))
        assert [pseudonym(digest), "", ""] == ask(sql_store) == ask(other)
        other.close()
