"""Reading evidence: what is fetched next, and which seals an order has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from followup.evidence import Evidence, EvidenceState
from followup.model import Media, Note
from store import evidence_views, schema
from store.store import SqlStore
from store.tx import Tx
from tests.store.makers import DAY, HOUR, MINUTE, NOON, SHARED, a_thread

THREAD = "s/o1/unpaid_order"


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[SqlStore]:
    """A fresh database of each kind."""
    store = SqlStore(request.getfixturevalue(f"{request.param}_url"))
    schema.metadata.create_all(store.engine)
    yield store
    store.close()


def a_photo(id_: str, **more: Any) -> Evidence:
    """A photo that waits to be fetched."""
    return replace(Evidence(id_, THREAD, "s", "s/fake/b1", "fake", id_, NOON, Media.PHOTO, id_), **more)


def save(store: SqlStore, *items: Any) -> None:
    def write(tx: Tx) -> None:
        for item in items:
            tx.save(item)

    store.run(write, SHARED)


def waiting(store: SqlStore, channel: str = "fake", limit: int = 9) -> list[tuple[str, int]]:
    """What is to be fetched at noon, and how many are kept beside each."""
    with store.engine.connect() as connection:
        found = evidence_views.waiting(connection, channel, NOON, limit)
    return [(each.evidence.id, each.beside) for each in found]


def test_new_files_come_before_those_that_failed(store: SqlStore) -> None:
    """The least tried first, then the oldest; what is not due, not wanted or of another channel waits."""
    save(
        store,
        a_photo("tried", tries=2, at=NOON - DAY, retry_at=NOON),
        a_photo("later", tries=1, retry_at=NOON + MINUTE),
        a_photo("new"),
        a_photo("old", at=NOON - HOUR),
        a_photo("lost", state=EvidenceState.LOST),
        a_photo("other", channel="telegram"),
    )
    assert [("old", 0), ("new", 0), ("tried", 0)] == waiting(store)
    assert [("old", 0)] == waiting(store, limit=1)
    assert [("other", 0)] == waiting(store, "telegram")


def test_what_is_kept_beside_a_file_is_counted(store: SqlStore) -> None:
    """In its thread over all channels; outside all threads, in its chat."""
    kept = {"state": EvidenceState.KEPT}
    save(
        store,
        a_photo("1"),
        a_photo("2", **kept),
        a_photo("3", channel="telegram", chat="s/telegram/5", **kept),
        a_photo("4", thread="", at=NOON + MINUTE),
        a_photo("5", thread="", **kept),
        a_photo("6", thread="", chat="s/fake/b2", **kept),
    )
    assert [("1", 2), ("4", 1)] == waiting(store)


def test_a_photo_moves_to_its_thread(store: SqlStore) -> None:
    """Once it is filed it is no stray any more, in this transaction and in the next."""
    save(store, a_photo("1", thread=""), a_photo("2", thread="", chat="s/fake/b2"))

    def file(tx: Tx) -> list[str]:
        for each in tx.unfiled("s/fake/b1"):
            tx.save(replace(each, thread=THREAD))
        return [each.id for each in (*tx.unfiled("s/fake/b1"), *tx.every_evidence_of(THREAD))]

    assert ["1"] == store.run(file, SHARED)
    assert ["1"] == store.run(lambda tx: [each.id for each in tx.every_evidence_of(THREAD)], SHARED)
    assert ["2"] == store.run(lambda tx: [each.id for each in tx.unfiled("s/fake/b2")], SHARED)


def test_the_seals_of_an_order(store: SqlStore) -> None:
    """Its own notes of that kind, in the order of time."""

    def seal(tx: Tx) -> None:
        tx.save(a_thread())
        tx.save(a_thread("o2", "b2", id="s/o2/unpaid_order"))
        for thread, at, text in (
            (THREAD, NOON + HOUR, "sealed b"),
            (THREAD, NOON, "sealed a"),
            (THREAD, NOON, "sealed_not c"),
            ("s/o2/unpaid_order", NOON, "sealed d"),
        ):
            tx.add(Note(thread, at, "Mei", text))

    store.run(seal, SHARED)
    with store.engine.connect() as connection:
        assert ["sealed a", "sealed b"] == [note.text for note in evidence_views.seals(connection, "sealed", "o1")]
