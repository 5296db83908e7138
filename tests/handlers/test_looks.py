"""What time alone begins: a planned look opens it, on every store, also where the buyer has no chat yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import select

from followup.events import OrderChanged
from followup.model import (
    Chat,
    Instant,
    Order,
    Parcel,
    ParcelStatus,
    Reminder,
    ReminderState,
    State,
    Status,
    Task,
    Thread,
)
from followup.policy import Policy
from followup.ports import Capabilities
from followup.understood import Intent, Understood
from handlers.deps import Deps
from handlers.order_changed import order_changed, wanted
from handlers.reminder_due import fire_due
from scripts_library.library import Library
from store.audit import audit
from store.store import SqlStore, Store
from store.tables import KEPT
from tests.store.makers import DAY, HOUR, NOON, a_chat, a_thread, an_order, keep

T = TypeVar("T")
LATE, STUCK = "s/o1/late_shipment", "s/o1/stuck_parcel"


def deps(needs_chat: bool = False) -> Deps:
    can = {"manual": Capabilities(needs_chat=needs_chat)}
    return Deps(Library.load(), {"s": Policy("s")}, lambda *_: Understood(Intent.OTHER), {"s": "manual"}, can)


DEPS = deps()


def learn(store: Store, order: Order, *parcels: Parcel, now: Instant = NOON, of: Deps = DEPS) -> None:
    event = OrderChanged(order, parcels=parcels)
    store.run(lambda tx: order_changed(event, tx, of, now), wanted(event))


def fire(store: Store, now: Instant, of: Deps = DEPS) -> None:
    while store.run(lambda tx: fire_due(tx, of, now)):
        pass


def paid(**more: object) -> Order:
    return an_order(status=Status.PAID, paid_at=NOON, tells_shipping=True, **more)


def a_parcel(moved_at: Instant, **more: object) -> Parcel:
    parcel = Parcel("s", "YT123456", "o1", ParcelStatus.ON_ITS_WAY, NOON, moved_at, moved_at=moved_at)
    return replace(parcel, **more)  # type: ignore[arg-type]


def read(store: Store, cls: type[T]) -> list[T]:
    """All items of a class."""
    if not isinstance(store, SqlStore):
        return store.run(lambda tx: list(tx.items[cls].values()))
    with store.engine.connect() as connection:
        return [KEPT[cls].codec.decode(row) for row in connection.execute(select(KEPT[cls].table))]


def looks(store: Store, thread: str) -> list[tuple[Instant, ReminderState]]:
    found = (each for each in read(store, Reminder) if each.thread == thread and each.step == "look")
    return sorted((each.due_at, each.state) for each in found)


def threads(store: Store) -> dict[str, str]:
    return {thread.id: thread.buyer for thread in read(store, Thread)}


@pytest.mark.parametrize("needs_chat", [False, True], ids=["chat", "stand-in"])
def test_a_look_opens_what_has_begun(store: Store, needs_chat: bool) -> None:
    """Paid and not shipped: nothing before its time, a thread and a task at it, whether or not the buyer has a chat."""
    of = deps(needs_chat)
    learn(store, paid(), of=of)
    fire(store, NOON + 2 * DAY - timedelta(seconds=1), of)
    assert ({}, [(NOON + 2 * DAY, ReminderState.PENDING)]) == (threads(store), looks(store, LATE))
    fire(store, NOON + 2 * DAY, of)
    assert ({LATE: "b1"}, [(NOON + 2 * DAY, ReminderState.FIRED)]) == (threads(store), looks(store, LATE))
    assert ["late_shipment"] == [task.reason for task in read(store, Task)]
    assert (1, needs_chat) == (len(read(store, Chat)), read(store, Chat)[0].address == "")


def test_a_look_that_finds_nothing_opens_nothing(store: Store) -> None:
    """Shipped in time."""
    learn(store, paid())
    learn(store, replace(paid(), status=Status.SHIPPED, observed_at=NOON + HOUR))
    fire(store, NOON + 9 * DAY)
    assert ({}, [(NOON + 2 * DAY, ReminderState.FIRED)]) == (threads(store), looks(store, LATE))


def test_one_look_at_a_time_follows_a_parcel(store: Store) -> None:
    """Five movements plan one look; when it comes it plans the next, and that one finds the parcel standing still."""
    shipped = replace(paid(), status=Status.SHIPPED)
    for day in range(5):
        at = NOON + day * DAY / 2
        learn(store, replace(shipped, observed_at=at), a_parcel(at), now=at)
    assert [(NOON + 3 * DAY, ReminderState.PENDING)] == looks(store, STUCK)
    fire(store, NOON + 3 * DAY)
    assert (NOON + 5 * DAY, ReminderState.PENDING) == looks(store, STUCK)[-1]
    fire(store, NOON + 5 * DAY - HOUR)
    assert {} == threads(store)
    fire(store, NOON + 5 * DAY)
    assert {STUCK: "b1"} == threads(store)


def test_an_earlier_date_plans_an_earlier_look(store: Store) -> None:
    """The source names a time that comes sooner than the shop's own figure."""
    learn(store, paid())
    learn(store, paid(ship_by=NOON + DAY, observed_at=NOON + HOUR), now=NOON + HOUR)
    fire(store, NOON + DAY)
    assert [LATE] == list(threads(store))


def test_the_second_parcel_of_an_open_thread_is_looked_at_too(store: Store) -> None:
    """While one is followed up, another stops: its task comes in time."""
    shipped = replace(paid(), status=Status.SHIPPED)
    learn(store, shipped, a_parcel(NOON), replace(a_parcel(NOON + DAY), id="YT999999"))
    for day in (3, 4):
        fire(store, NOON + day * DAY)
    assert ["stuck_parcel"] * 2 == [task.reason for task in read(store, Task)]


def test_a_look_goes_on_under_the_name_of_who_is_spoken_to(store: Store) -> None:
    """The order was tied to another person's chat meanwhile: his chats are locked, and the thread is his."""
    learn(store, paid())
    theirs = a_chat("known", "telegram", linked_at=NOON)
    keep(store, theirs, a_thread(buyer="known", chat=theirs.id, state=State.SETTLED, closed_at=NOON))
    fire(store, NOON + 2 * DAY)
    assert "known" == threads(store)[LATE]
    assert [ReminderState.FIRED] == [state for _, state in looks(store, LATE)]


def test_the_ledger_with_looks_is_proven(sql_store: SqlStore) -> None:
    """A look that fired said nothing, and one may be planned while its thread is closed: neither is lost."""
    shipped = replace(paid(), status=Status.SHIPPED)
    learn(sql_store, shipped, a_parcel(NOON))
    fire(sql_store, NOON + 3 * DAY)
    moved = NOON + 3 * DAY + HOUR
    learn(sql_store, replace(shipped, observed_at=moved), a_parcel(moved), now=moved)
    with sql_store.engine.connect() as connection:
        assert [] == audit(connection).findings
