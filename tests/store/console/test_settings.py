"""What the settings read: the audit in pages, and how channels are used."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from followup.desk.logins import Act
from followup.model import ChannelState, Health, OutgoingState
from store.console.settings import acts, channels
from store.store import SqlStore
from tests.store.makers import NOON, a_message, keep

SECOND = timedelta(seconds=1)
ACTS = [
    Act(
        f"a{n:02}",
        NOON + SECOND * (n // 2),
        "li" if n % 3 else "chen",
        "did.take" if n % 2 else "saw.thread",
        f"t{n % 5}",
    )
    for n in range(20)
]


def ids(found: list[Act]) -> list[str]:
    return [each.id for each in found]


def read(store: SqlStore, **asked: object) -> list[Act]:
    def look(connection: Connection) -> list[Act]:
        return acts(connection, **asked)  # type: ignore[arg-type]

    with store.engine.connect() as connection:
        return look(connection)


def test_pages_follow_each_other_without_a_gap(sql_store: SqlStore) -> None:
    """Also where many things happened in one moment."""
    keep(sql_store, *ACTS)
    found: list[Act] = []
    while page := read(sql_store, most=3, before=found[-1] if found else None):
        found += page
    assert ids(sorted(ACTS, key=lambda act: (-act.at.timestamp(), act.id))) == ids(found)


def test_the_audit_is_filtered(sql_store: SqlStore) -> None:
    """By person, by what it is about, and by whether he saw or did it."""
    keep(sql_store, *ACTS)
    found = read(sql_store, person="chen", kind="did", about="t3")
    assert {each.id for each in ACTS if (each.person, each.what, each.about) == ("chen", "did.take", "t3")} == {
        *ids(found)
    }
    assert found


def test_channels_tell_what_they_carried_last(sql_store: SqlStore) -> None:
    """Also one that never ran; the newest message counts."""
    older = replace(a_message(), state=OutgoingState.SENT, sent_at=NOON)
    newer = replace(a_message(), id="newer", state=OutgoingState.SENT, sent_at=NOON + SECOND)
    keep(sql_store, older, newer, ChannelState(older.channel, Health.UP, NOON))
    with sql_store.engine.connect() as connection:
        found = {each.name: each for each in channels(connection, ("never",))}
    assert (None, None) == (found["never"].state, found["never"].last_out)
    mine = found[older.channel]
    assert mine.state
    assert (Health.UP, NOON + SECOND) == (mine.state.health, mine.last_out)
