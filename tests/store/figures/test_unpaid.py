"""The comparison: who is in which half, and what became of them."""

from __future__ import annotations

from dataclasses import replace

from followup.model import Instant, Verdict
from store.figures.unpaid import Group, groups
from store.store import SqlStore
from tests.store.figures.ledger import WEEK, judged, said, tell
from tests.store.makers import DAY, HOUR, MINUTE, NOON, a_buyer, a_chat, a_task, a_thread, an_order

FIRST = NOON + 15 * MINUTE


def an_unpaid(store: SqlStore, order: str, *verdicts: Verdict, paid_at: Instant | None = None, **more: object) -> str:
    """An unpaid order whose first reminder was judged so, one after another; returns its thread."""
    thread = a_thread(order, order, **more)
    told = [judged(thread.id, FIRST + n * HOUR, verdict) for n, verdict in enumerate(verdicts)]
    tell(store, an_order(order, order, paid_at=paid_at), thread, *told)
    return thread.id


def compared(store: SqlStore, now: Instant = NOON + 30 * DAY) -> tuple[Group, Group]:
    with store.engine.connect() as connection:
        return groups(connection, replace(WEEK, now=now))


def test_both_halves_are_what_they_were_meant_to_be(sql_store: SqlStore) -> None:
    """Sent, put off for ever and unreachable were to be reminded; held out were not. Who paid within three days did."""
    an_unpaid(sql_store, "1", Verdict.SENT, paid_at=NOON + DAY)
    an_unpaid(sql_store, "2", Verdict.QUIET_HOURS, Verdict.SETTLED, paid_at=NOON + 2 * HOUR)
    an_unpaid(sql_store, "3", Verdict.UNREACHABLE)
    an_unpaid(sql_store, "4", Verdict.SENT, paid_at=NOON + 4 * DAY)
    an_unpaid(sql_store, "5", Verdict.HELD_OUT, paid_at=NOON + DAY)
    an_unpaid(sql_store, "6", Verdict.HELD_OUT)
    assert (Group(orders=4, paid=2), Group(orders=2, paid=1)) == compared(sql_store)


def test_who_paid_or_stopped_before_the_first_reminder_is_in_neither(sql_store: SqlStore) -> None:
    """What was settled or stopped when it fell due tells nothing about reminding."""
    an_unpaid(sql_store, "1", Verdict.SETTLED, paid_at=NOON + MINUTE)
    an_unpaid(sql_store, "2", Verdict.OPTED_OUT)
    assert (Group(), Group()) == compared(sql_store)


def test_whom_we_spoke_to_before_is_in_neither(sql_store: SqlStore) -> None:
    """Who wrote in the first minutes and was answered is reminded whatever his half: he is left out of both."""
    for order, verdict in (("1", Verdict.SENT), ("2", Verdict.HELD_OUT)):
        thread = an_unpaid(sql_store, order, verdict)
        tell(sql_store, said(f"m{order}", NOON + MINUTE, buyer=order, thread=thread))
    assert (Group(), Group()) == compared(sql_store)


def test_an_order_needs_its_time(sql_store: SqlStore) -> None:
    """Two days old: it is not compared yet."""
    an_unpaid(sql_store, "1", Verdict.SENT)
    assert (Group(), Group()) == compared(sql_store, NOON + 2 * DAY)
    assert (Group(orders=1), Group()) == compared(sql_store, NOON + 3 * DAY)


def test_costs_stand_beside(sql_store: SqlStore) -> None:
    """A stop and an angry word after the first reminder count on the side of the order; those of before do not."""
    thread = an_unpaid(sql_store, "1", Verdict.SENT)
    tell(
        sql_store,
        a_buyer("1", opted_out_at=FIRST + HOUR),
        a_task("t1", thread, reason="angry", created_at=FIRST + HOUR),
        a_task("t2", thread, reason="angry", created_at=FIRST + 2 * HOUR),
    )
    an_unpaid(sql_store, "2", Verdict.HELD_OUT)
    tell(sql_store, a_buyer("2", opted_out_at=NOON - HOUR))
    assert (Group(1, 0, 1, 1), Group(1, 0, 0, 0)) == compared(sql_store)


def test_anger_counts_wherever_it_is_said(sql_store: SqlStore) -> None:
    """About another matter of his, or in a chat where nothing is followed up any more: as a stop does. That of somebody
    else, or from before, does not."""
    for order, verdict in (("1", Verdict.SENT), ("2", Verdict.HELD_OUT), ("3", Verdict.SENT)):
        an_unpaid(sql_store, order, verdict)
    case, chat = a_thread("9", "1", kind="after_sales"), a_chat("2")
    tell(
        sql_store,
        case,
        chat,
        a_task("t1", case.id, reason="angry", created_at=FIRST + HOUR),
        a_task("t2", chat.id, reason="angry", created_at=FIRST + HOUR),
        a_task("t3", a_thread("3", "3").id, reason="angry", created_at=NOON),
        a_task("t4", a_thread("3", "3").id, reason="buyer_message", created_at=FIRST + HOUR),
    )
    assert (Group(2, 0, 0, 1), Group(1, 0, 0, 1)) == compared(sql_store)
