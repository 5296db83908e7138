"""What the audit says of events that were delivered and not handled."""

from __future__ import annotations

from datetime import timedelta

from followup.model import Raw, RawState
from store.audit import audit
from store.store import SqlStore
from tests.store.makers import NOON, keep


def a_raw(id_: str, state: RawState = RawState.WAITING, age: timedelta = timedelta()) -> Raw:
    """An event as it was delivered so long ago."""
    return Raw("telegram", id_, b"{}", NOON - age, state)


def test_one_that_waits_for_long_is_found(sql_store: SqlStore) -> None:
    """An hour is enough to handle anything; what is handled or put aside waits for nothing."""
    late = timedelta(hours=1, seconds=1)
    keep(sql_store, a_raw("new"), a_raw("late", age=late), a_raw("done", RawState.HANDLED, late))
    keep(sql_store, a_raw("aside", RawState.PUT_ASIDE, late))
    with sql_store.engine.connect() as connection:
        result = audit(connection, now=NOON)
    assert [("unheard", "telegram/late")] == [(finding.rule, finding.id) for finding in result.findings]
    assert {"waiting": 2, "handled": 1, "put_aside": 1} == result.counts["raw_events"]


def test_what_was_put_aside_is_told(sql_store: SqlStore) -> None:
    """It breaks no rule, for a person was told; and it is not forgotten."""
    keep(sql_store, a_raw("1", RawState.PUT_ASIDE), a_raw("2", RawState.PUT_ASIDE))
    with sql_store.engine.connect() as connection:
        result = audit(connection, now=NOON)
    told = "2 events were put aside; `huifang channels aside` lists them"
    assert (True, told) == (result.ok, result.as_text().splitlines()[1])
