"""What of a chat's quota is used."""

from __future__ import annotations

import pytest

from followup.model import OutgoingState
from followup.policy import Policy
from followup.ports import Capabilities
from followup.understood import Intent, Understood
from handlers.budget import give_back, renewed, spent, used_up
from handlers.deps import Deps
from scripts_library.library import Library
from store.store import Store
from store.wanted import Wanted
from tests.store.makers import MINUTE, NOON, a_chat, a_message, keep, kept

LIMITED = {"wecom": Capabilities(quota=5)}
DEPS = Deps(Library.load(), {"s": Policy("s")}, lambda *_: Understood(Intent.OTHER), {}, LIMITED)
CHAT = a_chat("b1", "wecom", last_in_at=NOON, used=4)
FREE = a_chat("b1", "telegram", last_in_at=NOON)


def test_a_fresh_quota_is_less_what_still_waits(store: Store) -> None:
    """Due and on its way count, what was sent or dropped does not, nor another chat's, nor a welcome."""
    states = (OutgoingState.DUE, OutgoingState.SENDING, OutgoingState.SENT, OutgoingState.CANCELLED)
    mine = {"chat": CHAT.id, "channel": "wecom"}
    keep(store, CHAT, a_chat(), *(a_message(f"m{n}", state=state, **mine) for n, state in enumerate(states)))
    keep(store, a_message("welcome", code="once", **mine), a_message("other"))
    after = store.run(lambda tx: renewed(CHAT, NOON + MINUTE, tx, DEPS), Wanted(chats=(CHAT.id,)))
    assert 2 == after.used


@pytest.mark.parametrize("minutes", [-1, 0])
def test_an_older_message_that_comes_late_renews_nothing(store: Store, minutes: int) -> None:
    """The channel counts from the newest message, and so do we."""
    assert CHAT == store.run(lambda tx: renewed(CHAT, NOON + minutes * MINUTE, tx, DEPS))


def test_a_channel_without_a_quota_counts_nothing(store: Store) -> None:
    """Its chats are not written for the sake of a number that nobody reads."""
    found = store.run(lambda tx: (spent(FREE, 3, DEPS), used_up(FREE, DEPS), renewed(FREE, NOON + MINUTE, tx, DEPS)))
    assert all(chat is FREE for chat in found)


def test_messages_are_counted_and_given_back(store: Store) -> None:
    """Planned ones count, one that will never go is given back, and no count falls below none."""
    assert (6, 5) == (spent(CHAT, 2, DEPS).used, used_up(CHAT, DEPS).used)
    keep(store, CHAT)
    message = a_message(chat=CHAT.id, channel="wecom")
    for _ in range(6):
        store.run(lambda tx: give_back(message, tx), Wanted(chats=(CHAT.id,)))
    chat = kept(store, CHAT)
    assert chat is not None
    assert 0 == chat.used
