"""What a transaction knows of whose things are, also when they change hands, and when they are read again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store.tx import Tx
from tests.store.makers import a_chat, a_thread


@pytest.fixture
def tx() -> Tx:
    """A transaction that has read a chat and a thread of `b1`."""
    tx = Tx()
    tx.remember(a_chat())
    tx.remember(a_thread())
    return tx


def owned(tx: Tx, buyer: str) -> tuple[int, int]:
    """How many chats and threads a buyer has."""
    return len(tx.chats_of("s", buyer)), len(tx.threads_of("s", buyer))


def test_what_changes_hands_is_found_with_its_new_buyer(tx: Tx) -> None:
    """And no longer with the old one."""
    for item in (a_chat(), a_thread()):
        tx.save(replace(item, buyer="b2"))
    assert ((0, 0), (1, 1)) == (owned(tx, "b1"), owned(tx, "b2"))


def test_a_failed_handler_gives_everything_back(tx: Tx) -> None:
    """As if nothing had changed hands."""
    mark = tx.mark()
    for item in (a_chat(), a_thread()):
        tx.save(replace(item, buyer="b2"))
    tx.back_to(mark)
    assert ((1, 1), (0, 0)) == (owned(tx, "b1"), owned(tx, "b2"))
    assert a_thread() == tx.threads_of("s", "b1")[0]


def test_what_was_read_is_forgotten_and_what_was_known_is_not(tx: Tx) -> None:
    """Read again, a chat is found with the buyer that it has then."""
    tx.save(a_chat("b3"))
    known = tx.known()
    tx.remember(a_chat("b4"))
    tx.forget_all_but(known)
    assert [1, 1, 0] == [len(tx.chats_of("s", buyer)) for buyer in ("b1", "b3", "b4")]
    tx.remember(replace(a_chat("b4"), buyer="b5"))
    assert [0, 1] == [len(tx.chats_of("s", buyer)) for buyer in ("b4", "b5")]
