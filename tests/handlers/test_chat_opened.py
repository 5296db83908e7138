"""Opening, showing a link and proving an order on every kind of store: what one transaction wrote the next finds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from followup.linking import digest_of
from followup.model import Buyer, Inbound, Link, Reminder, Thread, Tries
from store.audit import audit
from store.store import SqlStore, Store
from tests.handlers.linking import HELP, NOON, Linking
from tests.store.makers import a_buyer, a_reminder, a_thread

DAY = timedelta(days=1)


@pytest.fixture
def linking(store: Store) -> Linking:
    return Linking(store)


def test_a_link_ties_chat_threads_and_reminders(linking: Linking) -> None:
    """Everything is stored: the link is used up, the chat the buyer's and preferred, the thread spoken of in it, and
    a reminder that was held for want of a chat has its time back."""
    order = linking.ordered()
    token = linking.link(order)
    assert linking.opens("77", token, NOON + HELP)
    chat = linking.chat()
    assert ("b1", NOON + HELP) == (chat.buyer, chat.linked_at)
    link = linking.used(Link(digest_of(token), "s", "o1", NOON, NOON))
    assert (NOON + HELP, chat.id) == (link.used_at, link.chat)
    assert chat.id == _stored(linking, a_thread()).chat
    assert chat.id == _stored(linking, a_buyer()).preferred
    assert NOON + HELP == _stored(linking, a_reminder()).due_at


def test_an_opening_is_handled_once(linking: Linking) -> None:
    """A repeat is known by the channel's own id, and kept like a message."""
    assert [True, False] == [linking.opens("77", at=NOON + n * DAY, id_="x") for n in (0, 1)]
    kept = linking.stored(Inbound("s/telegram", "x", "s", "", NOON, ""))
    assert ("s/telegram/77", NOON) == (kept.chat, kept.at) if kept else False


def test_a_proof_in_two_messages(linking: Linking) -> None:
    """The second message finds the order that was asked about, though it does not name it."""
    linking.ordered()
    linking.says("order o1")
    assert ("s/telegram/77", "o1") == (linking.chat().buyer, linking.chat().asked_order)
    linking.says("1234")
    assert ("b1", "") == (linking.chat().buyer, linking.chat().asked_order)


@pytest.mark.parametrize("order", ["o1", "o9"])
def test_wrong_guesses_are_counted(linking: Linking, order: str) -> None:
    """Of the chat and about the order, whether or not there is one."""
    linking.ordered()
    linking.says(f"order {order}")
    for wrong in ("0000", "1111"):
        linking.says(wrong)
    counted = [linking.stored(Tries("s", subject, 0, NOON)) for subject in ("chat/s/telegram/77", f"order/{order}")]
    assert [2, 2] == [tries.count for tries in counted if tries]


def test_a_chat_that_goes_over_to_another_buyer_takes_its_threads_along(linking: Linking) -> None:
    """With their reminders; the first buyer is left with a stand-in, and what is known of him."""
    first, second = linking.ordered(), linking.ordered("o2", "b2")
    linking.opens("77", linking.link(first))
    linking.opens("77", linking.link(second))
    assert ["b2", "b2"] == [_stored(linking, a_thread(order)).buyer for order in ("o1", "o2")]
    assert "b2" == _stored(linking, a_reminder()).buyer
    linking.ordered("o3", "b1")
    assert "s/telegram/?b1" == _stored(linking, a_thread("o3")).chat
    if isinstance(linking.store, SqlStore):
        with linking.store.engine.connect() as connection:
            assert [] == audit(connection).findings


def test_a_stranger_who_is_met_again_is_known(linking: Linking) -> None:
    """A buyer whose first message came before his first order keeps his name and language."""
    linking.opens("77")
    order = linking.ordered()
    linking.opens("77", linking.link(order), NOON + DAY)
    assert Buyer("s", "b1", preferred="s/telegram/77") == _stored(linking, Buyer("s", "b1"))


def _stored(linking: Linking, item: object) -> Any:
    found = linking.stored(item)
    assert isinstance(found, Thread | Buyer | Reminder)
    return found
