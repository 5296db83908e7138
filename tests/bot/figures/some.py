"""A small week of shop `s`, and its report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from bot.figures.names import Names
from bot.figures.report import Report, make
from followup.desk.deadlines import ClockState, Deadline, Due
from followup.desk.people import Person, Roster
from followup.model import Money, Note, OutgoingState, Role, TaskState, Verdict
from store.figures import By
from store.migrate import upgrade
from store.store import SqlStore
from tests.store.figures.ledger import WEEK, heard, judged, said, tell
from tests.store.makers import DAY, HOUR, MINUTE, NOON, a_task, a_thread, an_order

ROSTER = Roster({"li": Person("li", "小李"), "wang": Person("wang", "=HYPERLINK(1)")})
EN, ZH = Names("en", ROSTER), Names("zh-CN", ROSTER)
CONFIG = """\
[database]
url = "sqlite:///{path}"

[agents]
lang = "{lang}"

[agents.people.li]
name = "小李"

[shops.s]
platform = "independent"
"""


def a_week(store: SqlStore) -> None:
    """One order recovered, one lost, a question answered by 小李, a clock missed, another running."""
    thread, lost = a_thread("o1", agent="li"), a_thread("o2", "b2")
    tell(
        store,
        an_order("o1", paid_at=NOON + HOUR, total=Money(Decimal("25.50"))),
        an_order("o2", "b2"),
        replace(thread, closed_at=NOON + HOUR),
        lost,
        said("n1", NOON + 15 * MINUTE, "unpaid.help", role=Role.NUDGE, thread=thread.id),
        said("n2", NOON + 15 * MINUTE, "unpaid.help", "b2", role=Role.NUDGE, thread=lost.id, state=OutgoingState.SENT),
        judged(thread.id, NOON + 15 * MINUTE),
        judged(lost.id, NOON + 15 * MINUTE),
        heard("1", NOON),
        said("a", NOON + 5 * MINUTE, "says", thread=thread.id),
        Note(thread.id, NOON + 5 * MINUTE, "小李", "says 您好"),
        a_task("t1", thread.id, assignee="li", taken_at=NOON + 3 * MINUTE, state=TaskState.DONE, closed_at=NOON + HOUR),
        Deadline("c1", thread.id, "s", Due.LOGISTICS, NOON, NOON, NOON, None, ClockState.BREACHED, 0, NOON + DAY),
        Deadline("c2", thread.id, "s", Due.REFUND, NOON, NOON + HOUR, NOON + 2 * HOUR, None),
    )


def held_out(store: SqlStore, orders: int, paid: int, held: int, held_paid: int) -> None:
    """So many more orders that were reminded, and that were held out, with so many of each that were paid."""
    verdicts = [Verdict.SENT] * orders + [Verdict.HELD_OUT] * held
    pays = [n < paid for n in range(orders)] + [n < held_paid for n in range(held)]
    for n, (verdict, is_paid) in enumerate(zip(verdicts, pays, strict=True)):
        thread = a_thread(f"h{n}", f"h{n}")
        order = an_order(f"h{n}", f"h{n}", paid_at=NOON + DAY if is_paid else None)
        tell(store, order, thread, judged(thread.id, NOON + 15 * MINUTE, verdict))


def a_report(url: str, by: By = By.DAY, *more: Callable[[SqlStore], None]) -> Report:
    """The report of the week, and of whatever more happened in it."""
    from bot.figures.report import one_person

    store = SqlStore(url)
    try:
        for happen in (a_week, *more):
            happen(store)
        with store.engine.connect() as connection:
            return make(connection, replace(WEEK, by=by), one_person(ROSTER))
    finally:
        store.close()


def a_shop(folder: Path, lang: str = "en") -> Path:
    """A configuration whose database holds the week."""
    url = f"sqlite:///{folder}/shop.db"
    upgrade(url)
    store = SqlStore(url)
    a_week(store)
    store.close()
    path = folder / "config.toml"
    path.write_text(CONFIG.format(path=folder / "shop.db", lang=lang), "utf-8")
    return path
