"""Whatever happens to a case in whatever order, it never breaks, never nags, and ends or is with a person."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from followup.after_sales.model import Branch, Remedy
from followup.after_sales.moves import CannotMove
from followup.after_sales.procedures import ASKED
from followup.causes import Cause
from followup.events import Move
from followup.model import ParcelStatus, ReminderState, Role, State, Task, TaskState
from tests.stories.complaining import CaseShop
from tests.stories.shop import SHOP

WORDS = (
    "收到的围巾破了",
    "少发了一件",
    "发错颜色了",
    "起球了",
    "我要退款",
    "取消订单",
    "换货",
    "没有",
    "320克",
    "好的",
    "已经解决了",
)
CHOICES = (*(id_ for asked in ASKED.values() for id_, _ in asked.choices), "all_well", "not_well")
MOVES = (Move.SHOWN, Move.RECALLED, Move.UNINVITED, Move.ARRIVED, Move.REGISTER)

acts = st.one_of(
    st.tuples(st.just("says"), st.sampled_from(WORDS)),
    st.tuples(st.just("taps"), st.sampled_from(CHOICES)),
    st.tuples(st.just("shows"), st.sampled_from(("", "收到的围巾破了"))),
    st.tuples(st.just("courier"), st.sampled_from([status.value for status in ParcelStatus])),
    st.tuples(st.just("refund"), st.sampled_from(("requested", "paid_back", "withdrawn"))),
    st.tuples(st.just("moves"), st.sampled_from(MOVES)),
    st.tuples(st.just("opens"), st.sampled_from(Branch)),
    st.tuples(st.just("remedy"), st.sampled_from([remedy for remedy in Remedy if remedy])),
    st.tuples(st.just("cause"), st.sampled_from([cause for cause in Cause if cause])),
    st.tuples(st.just("later"), st.sampled_from(("10m", "7h", "1d", "3d"))),
)


def happens(shop: CaseShop, act: str, what: str) -> None:
    """One thing happens; a move that does not fit is refused with a sentence."""
    try:
        match act:
            case "says":
                shop.buyer_says(what)
            case "taps":
                shop.taps(what)
            case "shows":
                shop.shows(what)
            case "courier":
                shop.courier_says(what)
            case "refund":
                shop.refund(what)
            case "moves":
                shop.agent_moves(what, text="SF3333333333")
            case "opens":
                shop.agent_moves("open", branch=Branch(what))
            case "remedy":
                shop.agent_moves("remedy", remedy=Remedy(what))
            case "cause":
                shop.agent_moves("cause", cause=Cause(what))
            case _:
                shop.after(what)
    except CannotMove:
        return


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.booleans(), st.lists(acts, min_size=1, max_size=9))
def test_a_case_always_ends_or_is_with_a_person(is_signed: bool, told: list[tuple[str, str]]) -> None:
    """No reminder breaks, nobody is nudged twice a day, and a year later nothing is planned any more."""
    shop = CaseShop("2026-03-02 10:00")
    shop.signed_order() if is_signed else shop.shipped_order()
    for act, what in told:
        happens(shop, act, what)
    shop.after("365d")
    case = [reminder for reminder in shop.reminders() if "/after_sales/" in reminder.id]
    assert [] == [reminder.id for reminder in case if reminder.state is ReminderState.PUT_ASIDE]
    assert [] == [reminder.id for reminder in case if reminder.state is ReminderState.PENDING]
    assert len(shop.steps()) == len({message.id for message in shop.delivered})
    thread = next((each for each in shop.store.tx.every_thread_of(SHOP, "lin") if each.kind == "after_sales"), None)
    if thread is not None and not thread.state.closed:
        open_tasks = [task for task in shop.store.tx.items[Task].values() if task.state is TaskState.OPEN]
        assert thread.state is State.WITH_AGENT or open_tasks
    nudged = [message.created_at for message in shop.delivered if message.role is Role.NUDGE]
    assert all(later - earlier >= timedelta(hours=24) for earlier, later in pairwise(nudged))
