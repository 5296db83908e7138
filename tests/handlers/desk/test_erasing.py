"""A buyer is erased: nothing of him is left anywhere, the others and the figures stay, and he is left in peace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.evidence.files import EvidenceFolder
from followup.desk.erased import is_erased
from followup.model import Attachment, Media, OutgoingState, Role
from followup.policy import Policy
from handlers.desk.erasing import NotNow
from store.audit import audit
from store.figures import Scope, count_all
from store.store import SqlStore
from store.wanted import Wanted
from tests.handlers.desk.erasable import HERS, HIS, SHOP, ErasableShop, full_shop, holds
from tests.store.makers import DAY, HOUR, a_message, keep

COUNTED = ("orders", "refunds", "reviews", "parcels", "threads", "buyers", "chats", "reminders", "tasks")
COUNTED += ("outbox", "inbox", "after_sales", "grants", "promises", "deadlines", "topics", "raw_events", "acts")
NOT_OF_BUYERS = ("cursors", "channel_states", "suppressed", "logins", "sessions", "invites", "restores")


@pytest.fixture
def folder(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder(tmp_path / "evidence", 1_000_000, 50)


@pytest.fixture
def shop(sql_store: SqlStore, folder: EvidenceFolder) -> ErasableShop:
    return full_shop(sql_store, folder)


def test_the_shop_holds_every_trace(shop: ErasableShop) -> None:
    """Or the other tests would prove nothing: each of his strings is there, and no table is without him."""
    rows = shop.everything()
    assert [] == [name for name, text in HIS.items() if not holds(rows, text)]
    named = {place.partition(".")[0] for text in (*HIS.values(), "o1") for place in holds(rows, text)}
    assert {*NOT_OF_BUYERS} == set(rows) - named


def test_nothing_of_him_is_left(shop: ErasableShop, folder: EvidenceFolder) -> None:
    """In no table and no column, not in bytes, and not in the folder of evidence, whose files are named."""
    before = {path.as_posix() for path in folder.root.rglob("*") if path.is_file()}
    done = shop.erase()
    after = {path.as_posix() for path in folder.root.rglob("*") if path.is_file()}

    assert [] == [place for text in HIS.values() for place in holds(shop.everything(), text)]
    assert {f"{folder.root}/{path}" for path in done.files} == before - after
    assert (1, 1) == (len(done.files), len(after))
    assert [] == [path for path in folder.root.rglob("*") if "o1" in path.name or HIS["address"] in path.name]


def test_the_other_buyer_stays(shop: ErasableShop) -> None:
    """Every row that is not his is what it was, but for the bodies of what was handled, which nobody needs."""
    before = shop.everything()
    shop.erase()
    after = shop.everything()
    kept = ("raw_events", "handovers")

    assert [] == [
        (table, row)
        for table, rows in before.items()
        for row in rows
        if table not in kept and not any(holds({table: [row]}, text) for text in (*HIS.values(), "o1"))
        if row not in after[table]
    ]
    hers = [row["threads"] for row in after["handovers"] if row["id"] == "tea/day/o2"]
    assert [f"tea/o2/pending_refund tea/@{HERS['account']}/vip_visit"] == hers
    assert [HERS["words"].encode() in bytes(row["body"]) for row in after["raw_events"] if "o2" in row["external_id"]]


def test_figures_add_up_and_the_audit_is_clean(shop: ErasableShop) -> None:
    """As many rows as before wherever something is counted, the sums of money too; the proof holds."""
    before = shop.everything()
    shop.erase()
    after = shop.everything()

    assert {name: len(before[name]) for name in COUNTED} == {name: len(after[name]) for name in COUNTED}
    for columns in (("id", "total_amount", "status", "goods", "paid_at"),):
        assert [[row[name] for name in columns] for row in before["orders"]] == [
            [row[name] for name in columns] for row in sorted(after["orders"], key=lambda row: str(row["id"]))
        ]
    with shop.store.engine.connect() as connection:
        found = audit(connection)
    assert [] == [finding for finding in found.findings if "promise/x" not in finding.id]


def opt_outs(shop: ErasableShop) -> int | None:
    """How many buyers said stop in the days around now, by the report."""
    scope = Scope(SHOP, Policy(SHOP).zone, shop.now - 9 * DAY, shop.now + 9 * DAY, shop.now + 9 * DAY)
    with shop.store.engine.connect() as connection:
        return count_all(connection, scope).count("opt_outs")  # type: ignore[return-value]


def test_who_is_erased_said_no_stop(shop: ErasableShop) -> None:
    """The report counts no buyer whom only the erasing silenced, not when he comes back and is erased again either."""
    before = opt_outs(shop)
    shop.erase()
    shop.now += HOUR
    shop.says(HIS["words"], HIS)
    shop.erase()
    assert (0, 0) == (before, opt_outs(shop))
    assert all(row["opted_out_at"] for row in shop.table("buyers") if is_erased(str(row["id"]).rpartition("/")[2]))


def test_a_stop_of_his_own_still_counts(shop: ErasableShop) -> None:
    """He said it when he said it, whatever became of his data."""
    said = shop.now - DAY
    stop = lambda tx: tx.save(replace(tx.buyer(SHOP, HIS["account"]), opted_out_at=said))  # noqa: E731
    shop.store.run(stop, Wanted(buyers=((SHOP, HIS["account"]),)))
    assert 1 == opt_outs(shop)
    shop.erase()
    assert 1 == opt_outs(shop)


def test_what_was_open_ends(shop: ErasableShop) -> None:
    """Threads are closed as erased, planned touches and tasks cancelled, clocks dropped; who did it is noted."""
    shop.erase()
    his = [row for row in shop.table("threads") if row["order_id"] == "o1"]
    assert {("closed", "erased")} == {(row["state"], row["outcome"]) for row in his}
    ids = {row["id"] for row in his}
    assert [] == [row["id"] for row in shop.table("reminders") if row["thread"] in ids and row["state"] == "pending"]
    assert [] == [row["id"] for row in shop.table("tasks") if row["thread"] in ids and row["state"] == "open"]
    assert {"dropped"} == {row["state"] for row in shop.table("deadlines") if row["thread"] in ids}
    assert {"chen"} == {row["who"] for row in shop.table("notes") if row["thread"] in ids and row["text"] == "erased"}


def test_he_is_one_person_everywhere(shop: ErasableShop) -> None:
    """The same pseudonym stands wherever his account stood, so that his rows still belong together."""
    done = shop.erase()
    buyers = {row["buyer"] for row in shop.table("orders") if row["id"] == "o1"}
    buyers |= {row["buyer"] for row in shop.table("threads") if row["order_id"] == "o1"}
    assert ({done.pseudonym}, True) == (buyers, done.pseudonym.startswith("erased:"))
    chats = {row["id"] for row in shop.table("chats") if row["buyer"] == done.pseudonym}
    assert {row["chat"] for row in shop.table("threads") if row["order_id"] == "o1"} <= chats


def test_an_import_brings_nothing_back(shop: ErasableShop) -> None:
    """The order's figures are kept, without him; nothing opens, nothing is planned, nothing is said."""
    shop.erase()
    before = shop.everything()
    shop.later(HOUR)
    shop.order("o1", HIS)
    shop.order("o3", HIS)
    after = shop.everything()

    assert [] == [place for text in HIS.values() for place in holds(after, text)]
    assert len(before["orders"]) + 1 == len(after["orders"])
    for table in ("threads", "reminders", "outbox", "tasks", "chats", "buyers", "decisions"):
        assert before[table] == after[table]


def test_another_source_that_does_not_know_him_is_kept_out_too(shop: ErasableShop) -> None:
    """An order of his stays his when an export does not name its buyer: what it tells of him is left out."""
    shop.erase()
    shop.later(HOUR)
    shop.order("o1", {**HIS, "account": "unknown:o1"})

    assert [] == [place for text in HIS.values() for place in holds(shop.everything(), text)]


def test_what_he_writes_himself_reaches_a_person(shop: ErasableShop) -> None:
    """He wrote, so somebody has to know; but the bot says nothing and begins nothing."""
    shop.erase()
    before = shop.everything()
    shop.later(DAY)
    shop.opens(HIS)
    shop.says("什么时候退款？", HIS)
    after = shop.everything()

    fresh = [row for row in after["tasks"] if row not in before["tasks"]]
    assert [("buyer_message", True)] == [(row["reason"], "什么时候退款？" in row["text"]) for row in fresh]
    assert "抹除" in fresh[0]["text"], "and that the bot will not answer him"
    assert [before[table] for table in ("outbox", "threads", "reminders")] == [
        after[table] for table in ("outbox", "threads", "reminders")
    ]


def test_a_message_arrives_once(shop: ErasableShop) -> None:
    """A repeat of what he wrote gives no second task."""
    shop.erase()
    for _ in range(2):
        shop._seen = 90
        shop.says("在吗", HIS)
    assert 1 == sum("在吗" in row["text"] for row in shop.table("tasks"))


def test_he_can_be_erased_again(shop: ErasableShop) -> None:
    """After he wrote once more."""
    shop.erase()
    shop.says("什么时候退款？", HIS)
    shop.erase(f"tea/tg/{HIS['address']}")

    texts = (*HIS.values(), "什么时候退款")
    assert [] == [place for text in texts for place in holds(shop.everything(), text)]


def test_the_other_buyer_is_served_as_ever(shop: ErasableShop) -> None:
    """Her messages are answered, though her address begins his."""
    shop.erase()
    before = len(shop.table("outbox"))
    shop.later(DAY)
    shop.says("什么时候退款？", HERS)
    assert before < len(shop.table("outbox"))


def test_not_while_something_is_on_its_way(shop: ErasableShop) -> None:
    """Nobody knows yet what becomes of it: the owner is asked to try again, and nothing was changed."""
    chat = f"tea/tg/{HIS['address']}"
    keep(shop.store, a_message("m9", shop="tea", chat=chat, thread=chat, state=OutgoingState.SENDING))
    before = shop.everything()
    with pytest.raises(NotNow, match="on its way"):
        shop.erase()
    assert before == shop.everything()


def test_files_that_people_sent_him_go_too(shop: ErasableShop, folder: EvidenceFolder) -> None:
    """Those of the group that went to nobody else; not what another buyer was sent too, and not what is no such
    file."""
    names = ("0" * 32 + ".pdf", "1" * 32 + ".jpg")
    (folder.root / "desk").mkdir()
    for name in names:
        (folder.root / "desk" / name).write_bytes(b"%PDF")
    files = [Attachment(Media.FILE, str(folder.root / "desk" / name)) for name in names]
    his = replace(a_message("m8", chat=f"{SHOP}/tg/{HIS['address']}"), shop=SHOP, thread=f"{SHOP}/o1/pending_refund")
    hers = replace(a_message("m9", chat=f"{SHOP}/tg/{HERS['address']}"), shop=SHOP, thread=f"{SHOP}/o2/pending_refund")
    keep(
        shop.store,
        replace(his, attachments=(*files, Attachment(Media.FILE, "https://a.example/desk.pdf"))),
        replace(hers, attachments=(files[1],)),
    )
    done = shop.erase()
    assert [f"desk/{names[0]}"] == [path for path in done.files if path.startswith("desk/")]
    assert [names[1]] == [path.name for path in (folder.root / "desk").iterdir()]


def test_what_the_people_were_told_of_several_buyers_goes_with_his_name_in_it(shop: ErasableShop) -> None:
    """A handover in the group quotes him between Chinese characters; one that names somebody else alone stays."""
    for id_, text in (("h1", f"交接：买家{HIS['name']}说等退款"), ("h2", "交接：买家王梅等退款，订单o12")):
        row = a_message(id_, "", thread="", role=Role.ALERT, state=OutgoingState.SENT, text=text, chat="tg.desk/-100")
        keep(shop.store, replace(row, shop=SHOP))
    shop.erase()
    left = {row["id"]: row["text"] for row in shop.table("outbox")}
    assert ("", "交接：买家王梅等退款，订单o12") == (left["h1"], left["h2"])
