"""A buyer is erased by the running program, after an owner said so twice in the group; files that were left are
deleted later."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.evidence.files import EvidenceFolder
from bot.routine.files import keep, naming
from followup.desk.people import Person, Rank, Roster
from followup.desk.places import Place
from followup.desk.verbs import Verb
from followup.events import Commanded
from handlers.desk import commanded
from handlers.desk.told import Told
from scheduler.clock import FakeClock
from scheduler.erasing import erasing_job
from store.store import SqlStore
from tests.handlers.desk.erasable import HIS, SHOP, ErasableShop, full_shop, holds

THREAD = f"{SHOP}/o1/pending_refund"
PEOPLE = {"li": Person("li", "小李"), "chen": Person("chen", "老陈", Rank.OWNER)}


@pytest.fixture
def shop(sql_store: SqlStore, tmp_path: Path) -> ErasableShop:
    """With a group of its people."""
    made = full_shop(sql_store, EvidenceFolder(tmp_path / "evidence", 1_000_000, 50))
    made.deps = replace(made.deps, roster=Roster(PEOPLE), places={SHOP: Place("tg.desk", "-100")})
    return made


def says(shop: ErasableShop, who: str, text: str = "", thread: str = THREAD) -> Told:
    """Somebody types the command in the topic of a thread."""
    event = Commanded(Verb.ERASE, who, shop.now, f"m/{who}/{text}", thread, text=text)
    return shop.store.run(lambda tx: commanded.commanded(event, tx, shop.deps), commanded.wanted(event))


def look(shop: ErasableShop, files: object = None) -> None:
    """The running program looks whether somebody is to be erased."""
    papers = lambda him: naming(shop.folder.root.parent / "reports" / him.shop, him.is_named_in)  # noqa: E731
    job = erasing_job(shop.store, shop.deps, FakeClock(shop.now), files or shop.folder, papers)  # type: ignore[arg-type]
    asyncio.run(job.run())


def test_an_owner_has_to_say_it_twice(shop: ErasableShop) -> None:
    """First he is asked, with a button; then it is done within the next look, and the group hears of it."""
    first = says(shop, "chen")
    assert ("desk.erase_sure", False, ["erase::yes"]) == (first.script, first.done, [each.id for each in first.choices])
    look(shop)
    assert holds(shop.everything(), HIS["name"])

    assert ("desk.erase_begun", True) == ((told := says(shop, "chen", "yes")).script, told.done)
    look(shop)
    assert [] == [place for text in HIS.values() for place in holds(shop.everything(), text)]
    answers = [row["text"] for row in shop.table("outbox") if row["step"] == "answer"]
    assert [True] == ["erased:" in text for text in answers]
    assert "desk.erased_already" == says(shop, "chen").script


def test_nobody_else_may(shop: ErasableShop) -> None:
    """An agent is told that an owner has to, a stranger nothing of use; nothing is done."""
    assert [False, False] == [says(shop, who, "yes").done for who in ("li", "Bob")]
    look(shop)
    assert holds(shop.everything(), HIS["name"])


def test_a_file_that_cannot_be_deleted_is_tried_again(shop: ErasableShop) -> None:
    """The database is clean already; the file goes at a later look, and is forgotten then."""

    class Stuck:
        def remove(self, path: str) -> None:
            raise PermissionError(13, "denied", path)

    says(shop, "chen", "yes")
    look(shop, Stuck())
    left = [row for row in shop.table("cursors") if row["name"] == "erased/files"]
    assert (1, 2) == (len(left), sum(path.is_file() for path in shop.folder.root.rglob("*")))
    look(shop)
    assert 1 == sum(path.is_file() for path in shop.folder.root.rglob("*"))
    assert {"erased/key"} == {row["name"] for row in shop.table("cursors")}


def test_documents_that_name_him_are_told_by_name(shop: ErasableShop, tmp_path: Path) -> None:
    """They name others too, so a person deletes them; of documents without him nothing is said."""
    for name, text in (("his", f"买家{HIS['name']}说"), ("order", "- **o1** 退款"), ("hers", "- **o12** 王梅")):
        keep(tmp_path / "reports" / SHOP, f"{name}.md", text)
    says(shop, "chen", "yes")
    look(shop)
    (answer,) = (row["text"] for row in shop.table("outbox") if "erased:" in row["text"])
    assert [True, True, False] == [f"{name}.md" in answer for name in ("his", "order", "hers")]
