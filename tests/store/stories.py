"""Stories of a small shop, told to any store through the same handlers, and what is in the store afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from sqlalchemy import delete, select

from followup.events import (
    Action,
    AgentActed,
    AgentSpoke,
    DeliveryResult,
    MessageReceived,
    OrderChanged,
    Outcome,
    thread_id,
)
from followup.kinds import KINDS
from followup.kinds.unpaid_order import REASONS
from followup.model import (
    Decided,
    Instant,
    Money,
    Note,
    Order,
    OutgoingState,
    Rating,
    Refund,
    RefundStatus,
    Review,
    Status,
    Thread,
)
from followup.policy import Policy
from followup.understood import Intent, Understood
from handlers import agent_command, agent_says, buyer_message, order_changed
from handlers.delivery_result import delivery_result
from handlers.deps import Deps
from handlers.reminder_due import fire_due
from scripts_library.library import Library
from store import schema, views
from store.codec import reasons_to_json, to_micros
from store.memory import MemoryStore
from store.store import SqlStore
from store.tables import KEPT
from store.tx import Tx
from store.wanted import NOTHING, Wanted
from tests.store.makers import NOON

ORDERS = {"o1": "lin", "o2": "lin", "o3": "mo"}


def understand(text: str, now: datetime, _zone: ZoneInfo, _lang: str) -> Understood:
    """The text is the intent."""
    return Understood(Intent(text), now + timedelta(hours=30) if text == "later" else None)


DEPS = Deps(Library.load(), {"s": Policy("s")}, understand, {"s": "manual"})


@dataclass(frozen=True)
class Event:
    """Something that happens so many minutes after what happened before."""

    what: str
    order: str
    word: str
    minutes: int

    def work(self, n: int, now: Instant) -> tuple[Callable[[Tx], Any], Wanted]:
        """What the event does to a store, and what it wants first."""
        return WORK[self.what](self, n, now)

    @property
    def thread(self) -> str:
        """The thread that is meant: of the first kind that fits the word, else the first of all."""
        return thread_id("s", self.order, self.word if self.word in KINDS else "unpaid_order")


def _order(event: Event, _n: int, now: Instant) -> tuple[Callable[[Tx], Any], Wanted]:
    status = Status(event.word)
    paid_at = None if status in (Status.UNPAID, Status.CLOSED_UNPAID) else now
    return _changed(event, now, status=status, paid_at=paid_at)


def _refund(event: Event, _n: int, now: Instant) -> tuple[Callable[[Tx], Any], Wanted]:
    refund = Refund("s", f"r{event.order}", event.order, RefundStatus(event.word), Money(Decimal(37)), now, now)
    return _changed(event, now, (refund,), status=Status.PAID, paid_at=now)


def _review(event: Event, _n: int, now: Instant) -> tuple[Callable[[Tx], Any], Wanted]:
    review = Review("s", f"v{event.order}", event.order, Rating(event.word), now, now, "too small")
    return _changed(event, now, reviews=(review,), status=Status.FINISHED, paid_at=now)


def _changed(
    event: Event, now: Instant, refunds: tuple[Refund, ...] = (), reviews: tuple[Review, ...] = (), **more: Any
) -> tuple[Callable[[Tx], Any], Wanted]:
    order = Order("s", event.order, ORDERS[event.order], Status.UNPAID, Money(Decimal(37)), NOON, now, goods="scarf")
    change = OrderChanged(replace(order, tells_shipping=True, **more), refunds, reviews)
    return lambda tx: order_changed.order_changed(change, tx, DEPS, now), order_changed.wanted(change)


def _message(event: Event, n: int, now: Instant) -> tuple[Callable[[Tx], Any], Wanted]:
    message = MessageReceived("s", "manual", ORDERS[event.order], f"m{n}", event.word, now)
    return lambda tx: buyer_message.buyer_message(message, tx, DEPS, now), buyer_message.wanted(message)


def _tap(event: Event, n: int, now: Instant) -> tuple[Callable[[Tx], Any], Wanted]:
    message = MessageReceived("s", "manual", ORDERS[event.order], f"m{n}", "other", now, choice=event.word)
    return lambda tx: buyer_message.buyer_message(message, tx, DEPS, now), buyer_message.wanted(message)


def _act(event: Event, _n: int, now: Instant) -> tuple[Callable[[Tx], Any], Wanted]:
    kind = "review_revision" if event.word in ("solved", "confirmed") else "unpaid_order"
    act = AgentActed(thread_id("s", event.order, kind), Action(event.word), "mei", now)

    def handler(tx: Tx) -> None:
        with suppress(agent_command.NoSuchThread):
            agent_command.agent_acted(act, tx, DEPS)

    return handler, agent_command.wanted(act)


def _fire(_event: Event, _n: int, now: Instant) -> tuple[Callable[[Tx], Any], Wanted]:
    return lambda tx: fire_due(tx, DEPS, now, 100), NOTHING


def _deliver(event: Event, n: int, now: Instant) -> tuple[Callable[[Tx], Any], Wanted]:
    kind = list(KINDS)[n % len(KINDS)]
    thread = thread_id("s", event.order, kind)

    def handler(tx: Tx) -> None:
        for message in sorted(tx.unsent(thread), key=lambda m: m.id)[:1]:
            started = (*message.history, f"started@{to_micros(now)}")
            tx.save(replace(message, state=OutgoingState.SENDING, attempts=message.attempts + 1, history=started))
            delivery_result(DeliveryResult(message.id, Outcome(event.word), now), tx, DEPS)

    return handler, Wanted(threads=(thread,))


def _say(event: Event, _n: int, now: Instant) -> tuple[Callable[[Tx], Any], Wanted]:
    def handler(tx: Tx) -> None:
        with suppress(agent_says.NobodyToTell, agent_says.SaidAMomentAgo):
            agent_says.agent_says(AgentSpoke("mei", now, event.word, _first_thread(event, tx)), tx, DEPS)

    return handler, Wanted(orders=(("s", event.order),))


def _answer(event: Event, _n: int, now: Instant) -> tuple[Callable[[Tx], Any], Wanted]:
    def handler(tx: Tx) -> None:
        for task in sorted(tx.open_tasks(_first_thread(event, tx)), key=lambda task: task.id)[:1]:
            agent_command.task_answered(AgentActed("", Action(event.word), "mei", now, task=task.id), tx, DEPS)

    return handler, Wanted(orders=(("s", event.order),))


def _first_thread(event: Event, tx: Tx) -> str:
    ids = (thread_id("s", event.order, kind) for kind in KINDS)
    return next((id_ for id_ in ids if tx.get(Thread, id_) is not None), "none")


WORK: dict[str, Callable[[Event, int, Instant], tuple[Callable[[Tx], Any], Wanted]]] = {
    "order": _order,
    "refund": _refund,
    "review": _review,
    "message": _message,
    "tap": _tap,
    "act": _act,
    "fire": _fire,
    "deliver": _deliver,
    "say": _say,
    "answer": _answer,
}
_WORDS: dict[str, Sequence[str]] = {
    "order": list(Status),
    "refund": list(RefundStatus),
    "review": list(Rating),
    "message": list(Intent),
    "tap": list(REASONS),
    "act": ["solved", "confirmed", "benefit", "opt_out", "close", "note"],
    "fire": [""],
    "deliver": list(Outcome),
    "say": ["明天中午前给您答复", "今天内给您答复", "好的，查到了"],
    "answer": ["task_done", "task_not_done"],
}
_kinds = st.sampled_from([*WORK, "order", "fire", "fire", "deliver"])
_gaps = st.sampled_from([0, 1, 15, 60, 24 * 60, 4 * 24 * 60])
events = _kinds.flatmap(
    lambda what: st.builds(
        Event, st.just(what), st.sampled_from(list(ORDERS)), st.sampled_from(_WORDS[what]).map(str), _gaps
    )
)
stories = st.lists(events, max_size=30)


def told(story: Sequence[Event]) -> list[tuple[Callable[[Tx], Any], Wanted]]:
    """The work of a story, event by event."""
    now, work = NOON, []
    for n, event in enumerate(story):
        now += timedelta(minutes=event.minutes)
        work.append(event.work(n, now))
    return work


def contents(store: MemoryStore | SqlStore) -> dict[str, list[str]]:
    """Everything that is in a store, table by table."""
    if isinstance(store, MemoryStore):
        items = {cls.__name__: list(known.values()) for cls, known in store.tx.items.items()}
        items["Decided"] = [line for line in store.lines if isinstance(line, Decided)]
        items["Note"] = [line for line in store.lines if isinstance(line, Note)]
    else:
        items = _rows(store)
    return {name: sorted(map(_plain, rows)) for name, rows in items.items()}


def _plain(item: object) -> str:
    """For comparing: the checks of a decision are words, whether they are still members of an enum or not."""
    if not isinstance(item, Decided):
        return repr(item)
    decision = item.decision
    return f"{replace(item, decision=None)} {decision.verdict} {decision.retry_at} {reasons_to_json(decision)}"  # type: ignore[arg-type]


def _rows(store: SqlStore) -> dict[str, list[Any]]:
    with store.engine.connect() as connection:
        items = {
            cls.__name__: [how.codec.decode(row) for row in connection.execute(select(how.table))]
            for cls, how in KEPT.items()
        }
        items["Decided"] = list(views.decisions(connection, select(schema.decisions)))
        threads = connection.execute(select(schema.notes.c.thread).distinct()).scalars().all()
        items["Note"] = [note for thread in threads for note in views.notes_of(connection, thread)]
    return items


def empty(store: SqlStore) -> None:
    """Forget everything."""
    with store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        for table in schema.metadata.sorted_tables:
            connection.execute(delete(table))
