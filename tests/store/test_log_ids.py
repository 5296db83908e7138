"""Which ids a line of the log carries."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from store.log_ids import about, at_hand, ids_of, stamp, with_ids
from store.store import SqlStore
from store.tx import Tx


def line(**said: Any) -> Mapping[str, Any]:
    """A line that is logged here."""
    return with_ids(None, "info", dict(said))


def test_ids_last_as_long_as_their_block() -> None:
    """An inner block adds to the outer one or takes its place, and an empty id changes nothing."""
    with about(thread="tea/1/unpaid_order", job="orders"):
        with about(thread="tea/2/unpaid_order", reminder=""):
            inner = dict(at_hand())
        outer = dict(at_hand())

    assert {"thread": "tea/2/unpaid_order", "job": "orders"} == inner
    assert {"thread": "tea/1/unpaid_order", "job": "orders"} == outer
    assert {} == at_hand()


def test_a_line_keeps_what_it_says_itself() -> None:
    """An id that the line names is not replaced; the others are added."""
    with about(thread="tea/1/unpaid_order", channel="web"):
        found = line(event="sent", channel="other")

    assert ("other", "tea/1/unpaid_order") == (found["channel"], found["thread"])


def test_a_stamp_is_asked_each_time() -> None:
    """What every line carries may change while the program runs, and is left out while it is empty."""
    number = [""]
    stamp(worker=lambda: number[0])
    before = line(event="x")
    number[0] = "17"
    after = line(event="x")
    stamp(worker="")

    assert (None, "17") == (before.get("worker"), after.get("worker"))


def test_an_error_remembers_where_it_was_raised() -> None:
    """Who logs it further out can say which thread it was about: the innermost that was at hand."""
    with pytest.raises(ValueError, match="broken") as raised, about(job="orders"), about(thread="tea/1/unpaid_order"):
        raise ValueError("broken")

    assert {"job": "orders", "thread": "tea/1/unpaid_order"} == ids_of(raised.value)
    assert {} == ids_of(RuntimeError())


async def test_they_go_along_into_the_writers_thread(sql_store: SqlStore) -> None:
    """What is at hand where a transaction is asked for is at hand within it, each with its own."""

    async def ids_within(thread: str) -> Mapping[str, str]:
        def look(_tx: Tx) -> Mapping[str, str]:
            return dict(at_hand())

        with about(thread=thread):
            return await sql_store.transact(look)

    found = await asyncio.gather(*(ids_within(f"tea/{n}/unpaid_order") for n in range(20)))

    assert [{"thread": f"tea/{n}/unpaid_order"} for n in range(20)] == found
