"""What a person of the shop does with threads and tasks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from followup.events import Action, AgentActed, OrderChanged
from followup.model import (
    Instant,
    Note,
    Outgoing,
    OutgoingState,
    RefundStatus,
    Reminder,
    Status,
    Task,
    TaskState,
)
from handlers.agent_command import NoSuchTask, NoSuchThread, agent_acted, task_answered, wanted
from handlers.order_changed import order_changed
from handlers.order_changed import wanted as order_changed_wanted
from handlers.reminder_due import fire_due
from store.store import SqlStore
from store.tables import KEPT
from tests.followup.makers import NOON, a_refund, an_order, minutes
from tests.stories.shop import SHOP, Shop


def with_paste(shop: Shop) -> Task:
    """The last message of the shop as words to be pasted."""
    message = list(shop.store.tx.items[Outgoing].values())[-1]
    paste = Task("paste/1", SHOP, message.thread, "paste", message.text, shop.clock.now(), outgoing=message.id)
    shop.store.run(lambda tx: tx.save(paste))
    return paste


def answer(shop: Shop, action: Action, task: str = "paste/1", text: str = "") -> Task:
    event = AgentActed("", action, "mei", shop.clock.now(), text, task)
    return shop.store.run(lambda tx: task_answered(event, tx, shop.deps))


def test_there_is_no_such_thread() -> None:
    """A wrong number is told, and nothing is written."""
    shop = Shop()
    event = AgentActed("shop/1/unpaid_order", Action.SOLVED, "mei", shop.clock.now())
    with pytest.raises(NoSuchThread, match="shop/1/unpaid_order"):
        shop.store.run(lambda tx: agent_acted(event, tx, shop.deps))
    assert [] == shop.store.lines


@pytest.mark.parametrize(
    ("action", "task", "message"),
    [
        (Action.TASK_DONE, TaskState.DONE, OutgoingState.SENT),
        (Action.TASK_NOT_DONE, TaskState.NOT_DONE, OutgoingState.FAILED),
    ],
)
def test_pasted_or_not_is_recorded(action: Action, task: TaskState, message: OutgoingState) -> None:
    """Words that were not pasted count as failed, with the agent's reason; either answer leaves a note."""
    shop = Shop().order().after("15m")
    with_paste(shop)
    answered = answer(shop, action, text="buyer gone")
    assert (task, "mei", "buyer gone") == (answered.state, answered.closed_by, answered.answer)
    assert message == next(iter(shop.store.tx.items[Outgoing].values())).state
    assert f"{action.value} paste buyer gone" == [line.text for line in shop.store.lines if isinstance(line, Note)][-1]


def test_a_task_is_answered_once() -> None:
    """Two agents click: the second is told that it is done."""
    shop = Shop().order().after("15m")
    with_paste(shop)
    answer(shop, Action.TASK_DONE)
    with pytest.raises(NoSuchTask, match="paste/1"):
        answer(shop, Action.TASK_NOT_DONE)


def test_solved_may_be_said_again() -> None:
    """Solved, confirmed, and solved again by a colleague: one note on the review all the same."""
    shop = Shop("2026-03-02 10:00").paid_order().review().agent("solved", "review_revision").buyer_says("解决了")
    shop.agent("solved", "review_revision").buyer_says("解决了").after("1d")
    assert ["review.note"] == shop.steps()


class Desk:
    """The handlers on a database that remembers nothing between two events."""

    def __init__(self, store: SqlStore) -> None:
        self.store, self.deps = store, Shop().deps

    def told(self, event: OrderChanged) -> None:
        now = event.order.observed_at
        self.store.run(lambda tx: order_changed(event, tx, self.deps, now), order_changed_wanted(event))

    def fires(self, now: Instant) -> None:
        self.store.run(lambda tx: fire_due(tx, self.deps, now))

    def opted_out(self, thread: str, now: Instant) -> None:
        event = AgentActed(thread, Action.OPT_OUT, "mei", now)
        self.store.run(lambda tx: agent_acted(event, tx, self.deps), wanted(event))

    def states(self, cls: type) -> dict[str, str]:
        """The states of all rows, read afresh."""
        kept = KEPT[cls]
        with self.store.engine.connect() as connection:
            rows = [kept.codec.decode(row) for row in connection.execute(select(kept.table))]
        return {row.id: row.state.value for row in rows}


def test_an_opt_out_told_in_one_thread_reaches_them_all(sql_store: SqlStore) -> None:
    """The other order's touch is cancelled, the help that waits in the outbox is taken back, and the agents' own
    touches go on."""
    desk = Desk(sql_store)
    for number in ("1001", "1002"):
        desk.told(OrderChanged(an_order(NOON, id=number)))
    desk.fires(NOON + minutes(15))
    desk.opted_out("shop/1002/unpaid_order", NOON + minutes(16))
    assert {"shop/1001/unpaid_order/unpaid.help": "cancelled"} == desk.states(Outgoing)
    assert {
        "shop/1001/unpaid_order/unpaid.help": "fired",
        "shop/1001/unpaid_order/unpaid.last_call": "cancelled",
        "shop/1001/unpaid_order/unpaid.give_up": "pending",
        "shop/1002/unpaid_order/unpaid.help": "cancelled",
        "shop/1002/unpaid_order/unpaid.give_up": "pending",
    } == desk.states(Reminder)


def test_an_opt_out_reaches_words_of_a_closed_thread(sql_store: SqlStore) -> None:
    """The refund is settled, its thread closed, the news waits in the outbox: it is taken back as well."""
    desk = Desk(sql_store)
    order = an_order(NOON, status=Status.PAID, paid_at=NOON)
    paid_back = a_refund(NOON, status=RefundStatus.PAID_BACK, settled_at=NOON, observed_at=NOON + minutes(1))
    desk.told(OrderChanged(order, (a_refund(NOON),)))
    desk.told(OrderChanged(replace(order, observed_at=NOON + minutes(1)), (paid_back,)))
    desk.fires(NOON + minutes(2))
    desk.told(OrderChanged(an_order(NOON + minutes(3), id="1002")))
    desk.opted_out("shop/1002/unpaid_order", NOON + minutes(4))
    assert {"shop/1001/pending_refund/refund.settled/R1": "cancelled"} == desk.states(Outgoing)
