from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from followup.model import OutgoingState, ReminderState, Role
from store.console import calendar
from store.console.calendar import Count, Span
from store.store import SqlStore
from tests.store.makers import DAY, HOUR, MINUTE, NOON, a_buyer, a_chat, a_message, a_reminder, a_thread, keep

TODAY = Span(NOON - 12 * HOUR, NOON + 12 * HOUR, NOON)
TOMORROW = Span(NOON + 12 * HOUR, NOON + 36 * HOUR, NOON)
EVERY = {"s": DAY}


def read(store: SqlStore, look: Any, *args: Any, **more: Any) -> Any:
    with store.engine.connect() as connection:
        return look(connection, *args, **more)


class TestCounted:
    def test_by_the_quarter_and_the_kind(self, sql_store: SqlStore) -> None:
        """What is planned for ten past counts for the full hour, each kind by itself."""
        keep(sql_store, a_reminder(due=NOON + 10 * MINUTE), a_reminder("o2", "b2", due=NOON + 14 * MINUTE))
        keep(sql_store, a_reminder("o3", "b3", due=NOON + 15 * MINUTE))
        keep(sql_store, a_reminder("o4", "b4", "refund.daily", due=NOON))
        assert [
            Count(NOON, "pending_refund", 1, 0),
            Count(NOON, "unpaid_order", 2, 0),
            Count(NOON + 15 * MINUTE, "unpaid_order", 1, 0),
        ] == read(sql_store, calendar.counted, None, TODAY, EVERY)

    def test_what_says_nothing_is_not_counted(self, sql_store: SqlStore) -> None:
        """Looks, ends of waiting, and what is no longer planned."""
        keep(sql_store, a_reminder(step="unpaid.give_up"), a_reminder("o2", step="look"))
        keep(sql_store, a_reminder("o3", state=ReminderState.CANCELLED))
        assert [] == read(sql_store, calendar.counted, None, TODAY, EVERY)

    def test_what_is_overdue_is_planned_for_now(self, sql_store: SqlStore) -> None:
        """It goes with the next look; on other days it is not told of."""
        keep(sql_store, a_reminder(due=NOON - 3 * DAY))
        assert [NOON] == [each.at for each in read(sql_store, calendar.counted, None, TODAY, EVERY)]
        assert [] == read(sql_store, calendar.counted, None, TOMORROW, EVERY)

    def test_what_is_over_is_empty(self, sql_store: SqlStore) -> None:
        """Nothing is planned for yesterday."""
        keep(sql_store, a_reminder(due=NOON - DAY))
        yesterday = Span(NOON - 36 * HOUR, NOON - 12 * HOUR, NOON)
        assert [] == read(sql_store, calendar.counted, None, yesterday, EVERY)

    def test_what_waits_in_the_outbox_is_counted(self, sql_store: SqlStore) -> None:
        """By the kind of its thread; what went is not, nor what is for the shop's own people."""
        keep(sql_store, a_thread(), a_message(due_at=NOON + HOUR), a_message("m2", state=OutgoingState.SENT))
        keep(sql_store, a_message("m3", role=Role.ALERT), a_message("m4", thread="s/manual/b1", due_at=NOON + HOUR))
        assert [Count(NOON + HOUR, "", 1, 0), Count(NOON + HOUR, "unpaid_order", 1, 0)] == read(
            sql_store, calendar.counted, None, TODAY, EVERY
        )

    def test_the_second_nudge_of_a_buyer_will_wait(self, sql_store: SqlStore) -> None:
        """One within a day after another of his, also of two due together; a notice waits for nothing."""
        keep(sql_store, a_reminder(due=NOON), a_reminder("o2", due=NOON), a_reminder("o3", due=NOON + HOUR))
        keep(sql_store, a_reminder("o4", "b2", due=NOON), a_reminder("o5", step="refund.settled", due=NOON))
        found = read(sql_store, calendar.counted, None, TODAY, EVERY)
        assert [("pending_refund", 1, 0), ("unpaid_order", 3, 1), ("unpaid_order", 1, 1)] == [
            (each.kind, each.count, each.waits) for each in found
        ]

    def test_a_nudge_of_yesterday_counts_too(self, sql_store: SqlStore) -> None:
        """As long as the shop leaves a buyer alone; one that does so for an hour has no need to wait."""
        keep(sql_store, a_buyer(nudged_at=NOON - 20 * HOUR), a_reminder(due=NOON))
        waits = {every: read(sql_store, calendar.counted, None, TODAY, {"s": every})[0].waits for every in (DAY, HOUR)}
        assert {DAY: 1, HOUR: 0} == waits

    def test_only_the_shops_that_are_looked_at(self, sql_store: SqlStore) -> None:
        """Nothing of another shop."""
        other = a_reminder("o2", shop="other", id="other/o2/unpaid_order/unpaid.help")
        keep(sql_store, a_reminder(), other, a_message(shop="other"), a_thread())
        counts = {
            shops: sum(each.count for each in read(sql_store, calendar.counted, shops, TODAY, EVERY))
            for shops in (None, ("s",), ("other",), ())
        }
        assert {None: 3, ("s",): 1, ("other",): 2, (): 0} == counts


class TestTouches:
    def test_what_is_planned_for_an_hour(self, sql_store: SqlStore) -> None:
        """One by one in the order of time, with the thread and the buyer's name; messages that wait come first."""
        keep(sql_store, a_thread(), a_thread("o2", "b2"), a_buyer(name="Lin"), a_message(due_at=NOON + 30 * MINUTE))
        keep(sql_store, a_reminder(due=NOON + 20 * MINUTE), a_reminder("o2", "b2", due=NOON + 10 * MINUTE))
        keep(sql_store, a_reminder("o2", "b2", "unpaid.last_call", due=NOON + HOUR))
        found = read(sql_store, calendar.touches, None, Span(NOON, NOON + HOUR, NOON))
        assert [("Lin", "o1", 30), ("b2", "o2", 10), ("Lin", "o1", 20)] == [
            (each.buyer, each.thread.order_id, (each.due_at - NOON) // MINUTE) for each in found
        ]
        assert [True, False, False] == [each.message is not None for each in found]

    def test_every_count_can_be_opened(self, sql_store: SqlStore) -> None:
        """Also what waits for a buyer of whom nothing is followed up."""
        keep(sql_store, a_message(thread="s/manual/b1"), a_thread("o2"), a_reminder("o2"))
        counts = read(sql_store, calendar.counted, None, TODAY, EVERY)
        found = read(sql_store, calendar.touches, None, TODAY)
        assert sum(each.count for each in counts) == len(found)
        assert ["", "unpaid_order"] == [each.thread.kind for each in found]

    def test_a_list_has_an_end(self, sql_store: SqlStore) -> None:
        """No more than asked for."""
        keep(sql_store, *(a_thread(f"o{n}") for n in range(5)), *(a_reminder(f"o{n}") for n in range(5)))
        assert 3 == len(read(sql_store, calendar.touches, None, TODAY, 3))


def test_the_next_planned_touch(sql_store: SqlStore) -> None:
    """Where to look when a day is empty; None if nothing is planned any more."""
    keep(sql_store, a_reminder(due=NOON + DAY), a_reminder("o2", due=NOON + 2 * DAY))
    after = [read(sql_store, calendar.next_planned, None, NOON + days * DAY) for days in (0, 2, 3)]
    assert [NOON + DAY, NOON + 2 * DAY, None] == after


def test_what_is_known_around_a_buyer(sql_store: SqlStore) -> None:
    """All that is planned for him on whatever day, with his threads and chats, and nothing of others."""
    keep(sql_store, a_buyer(), a_buyer("b2"), a_chat(), a_chat("b2"), a_thread(), a_thread("o2", "b2"))
    keep(sql_store, a_reminder(due=NOON + 9 * DAY), a_reminder("o2", "b2"), a_reminder(step="unpaid.give_up"))
    found = read(sql_store, calendar.around, [("s", "b1"), ("s", "b1")])
    assert ([("s", "b1")], [("s", "b1")]) == (list(found.buyers), list(found.chats))
    assert ["unpaid.help"] == [each.step for each in found.planned["s", "b1"]]
    assert ["s/o1/unpaid_order"] == list(found.threads)


def test_a_hundred_thousand_touches_are_counted_by_the_database(sqlite_url: str) -> None:
    """The answer has a row for a quarter of an hour and kind, however many touches there are, and the database finds
    them by index."""
    store = SqlStore(sqlite_url)
    keep(store, *(a_reminder(f"o{n}", f"b{n}", due=NOON + timedelta(seconds=n)) for n in range(3000)))
    week = Span(NOON, NOON + 7 * DAY, NOON)
    found = read(store, calendar.counted, None, week, EVERY)
    store.close()
    assert (3000, 4) == (sum(each.count for each in found), len(found))


@pytest.mark.parametrize("minutes", [0, 14, 15, 59])
def test_a_count_belongs_to_its_quarter(sql_store: SqlStore, minutes: int) -> None:
    """The quarter begins at its first instant."""
    keep(sql_store, a_reminder(due=NOON + minutes * MINUTE))
    assert [NOON + minutes // 15 * 15 * MINUTE] == [
        each.at for each in read(sql_store, calendar.counted, None, TODAY, EVERY)
    ]
