"""However a period is cut, its parts add up to the whole."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from followup.model import Note, Role, Verdict
from store.figures import By, Tally
from store.store import SqlStore
from tests.store.figures.ledger import MONDAY, counted, heard, judged, said, tell
from tests.store.makers import a_refund, a_task, a_thread, an_order
from tests.store.stories import empty

minutes = st.integers(-2 * 24 * 60, 9 * 24 * 60)
happenings = st.lists(
    st.tuples(st.sampled_from(["paid", "thread", "refund", "talk", "verdict", "task"]), minutes, st.integers(0, 5)),
    max_size=25,
)


def happen(store: SqlStore, told: list[tuple[str, int, int]]) -> None:
    """Things of a shop, each at its minute of the week and a little before and after it."""
    for n, (what, minute, of) in enumerate(told):
        at = MONDAY + timedelta(minutes=minute)
        after, who = at + timedelta(hours=of), ("li", "wang", "")[of % 3]
        kind = ("unpaid_order", "after_sales", "inquiry", "review_revision")[of % 4]
        match what:
            case "paid":
                tell(store, an_order(f"p{n}", paid_at=at))
            case "thread":
                thread = a_thread(f"o{n}", f"b{n}", kind, opened_at=at, closed_at=after, agent=who)
                paid = an_order(f"o{n}", f"b{n}", created_at=after, paid_at=after if of else None)
                tell(store, thread, paid, said(f"n{n}", at, buyer=f"b{n}", thread=thread.id, role=Role.NUDGE))
            case "refund":
                tell(store, a_refund(f"r{n}", f"p{of}", requested_at=at, settled_at=after))
            case "talk":
                answer = said(f"m{n}", after, "says" if of % 2 else "reply.received", f"b{of}", thread=f"s/t{n}")
                tell(store, heard(f"i{n}", at, f"b{of}"), answer, Note(f"s/t{n}", after, who, "says 好"))
            case "verdict":
                tell(store, judged(f"s/o{of}/unpaid_order", at, list(Verdict)[of]))
            case "task":
                tell(store, a_task(f"t{n}", assignee=who, created_at=at, taken_at=after, closed_at=after))


def whole(tally: Tally) -> dict[str, object]:
    """The total of every name, and its samples in order."""
    sampled = {name for _, name in tally.samples}
    return {name: tally.count(name) for name in tally.apart} | {name: sorted(tally.times(name)) for name in sampled}


def summed(tally: Tally) -> dict[str, object]:
    """The same as the sum of the parts; of what cannot be told apart the whole."""
    parts = tally.parts()
    sampled = {name for _, name in tally.samples}
    counts: dict[str, object] = {
        name: sum(tally.count(name, part) or 0 for part in parts) if apart else tally.count(name)
        for name, apart in tally.apart.items()
    }
    times = {name: [t for part in parts for t in tally.times(name, part)] for name in sampled if tally.apart[name]}
    return (
        counts
        | {name: sorted(found) for name, found in times.items()}
        | {name: sorted(tally.times(name)) for name in sampled if not tally.apart[name]}
    )


def test_the_parts_add_up_to_the_whole(sql_store: SqlStore) -> None:
    """By day, week, agent and kind: the same total, and each the sum of its parts."""

    @given(happenings)
    @settings(max_examples=25)
    def check(told: list[tuple[str, int, int]]) -> None:
        empty(sql_store)
        happen(sql_store, told)
        tallies = [counted(sql_store, by) for by in By]
        totals = [whole(tally) for tally in tallies]
        assert [totals[0]] * 4 == totals
        assert totals == [summed(tally) for tally in tallies]

    check()
