"""What is held for want of an open chat, on every kind of store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from followup.events import Action, AgentActed, ChatOpened, MessageReceived
from followup.linking import make_link
from followup.model import OutgoingState, Reminder, ReminderState, State, Task, Verdict
from followup.ports import Capabilities
from handlers import buyer_message, chat_opened
from handlers.agent_command import task_answered, wanted_task
from handlers.held import AGAIN, hold
from store.store import Store
from store.wanted import Wanted
from tests.handlers.linking import DEPS, NOON
from tests.store.makers import DAY, HOUR, a_buyer, a_chat, a_message, a_thread, an_order, keep, kept

WECOM = replace(DEPS, channels={"s": "wecom"}, capabilities={"wecom": Capabilities(window=2 * DAY, needs_chat=True)})
CHAT = a_chat("b1", "wecom", last_in_at=NOON - 3 * DAY)
MATTER = a_thread(kind="pending_refund", chat=CHAT.id, matter="R1")
OVER = replace(MATTER, id="s/o2/pending_refund", order_id="o2", state=State.SETTLED, closed_at=NOON)
NUDGE = Reminder(f"{MATTER.id}/refund.daily/R1@2026-03-01", MATTER.id, "s", "b1", "refund.daily", NOON + DAY)
NUDGE = replace(NUDGE, error="window_closed")
NOTICE = replace(NUDGE, id=f"{OVER.id}/refund.settled/R2", thread=OVER.id, step="refund.settled")
PLANNED = replace(NUDGE, id=f"{MATTER.id}/refund.daily/R1@2026-03-02", error="")


@pytest.fixture
def silent(store: Store) -> Store:
    """A buyer whose window is closed: a nudge and a notice of a matter that is over wait for it."""
    keep(store, an_order(), an_order("o2"), a_buyer(), CHAT, MATTER, OVER, NUDGE, NOTICE, PLANNED)
    return store


def due(store: Store) -> list[object]:
    """When the three are due."""
    return [found.due_at for each in (NUDGE, NOTICE, PLANNED) if (found := kept(store, each))]


def test_his_message_brings_what_was_held(silent: Store) -> None:
    """The notice is due at once, the nudge when he has had his answers; what was planned anyway keeps its time."""
    event = MessageReceived("s", "wecom", "b1", "m1", "hello", NOON)
    silent.run(lambda tx: buyer_message.buyer_message(event, tx, WECOM, NOON), buyer_message.wanted(event))
    assert [NOON + HOUR, NOON, NOON + DAY] == due(silent)


def test_in_an_open_chat_nothing_is_moved(silent: Store) -> None:
    """His next message opens nothing."""
    keep(silent, replace(CHAT, last_in_at=NOON - HOUR))
    event = MessageReceived("s", "wecom", "b1", "m1", "hello", NOON)
    silent.run(lambda tx: buyer_message.buyer_message(event, tx, WECOM, NOON), buyer_message.wanted(event))
    assert [NOON + DAY] * 3 == due(silent)


def test_taking_back_a_block_brings_it_too(silent: Store) -> None:
    """The chat takes messages again."""
    keep(silent, replace(CHAT, unreachable_at=NOON - HOUR))
    event = ChatOpened("s", "wecom", "b1", "e1", NOON, greet=False)
    silent.run(lambda tx: chat_opened.chat_opened(event, tx, WECOM, NOON), chat_opened.wanted(event))
    assert [NOON + HOUR, NOON, NOON + DAY] == due(silent)


def test_a_link_brings_it_too(silent: Store) -> None:
    """Another chat is tied to his order: the matter that is over is told there as well."""
    token, link = make_link("s", "o1", NOON, DAY)
    keep(silent, link)
    event = ChatOpened("s", "wecom", "77", "e1", NOON, token)
    silent.run(lambda tx: chat_opened.chat_opened(event, tx, WECOM, NOON), chat_opened.wanted(event))
    assert [NOON + HOUR, NOON, NOON + DAY] == due(silent)


@pytest.mark.parametrize("held", [NUDGE, NOTICE])
def test_what_a_person_did_is_not_said(silent: Store, held: Reminder) -> None:
    """The task done, a notice is dropped and a nudge waits a day; not done, both wait on."""
    task = Task(f"{held.thread}/window_closed/{held.id}", "s", held.thread, "window_closed", "…", NOON)
    keep(silent, task)
    event = AgentActed(held.thread, Action.TASK_DONE, "mei", NOON + HOUR, task=task.id)
    silent.run(lambda tx: task_answered(event, tx, WECOM), wanted_task(event))
    found = kept(silent, held)
    assert found is not None
    state, moved = (ReminderState.PENDING, HOUR) if held is NUDGE else (ReminderState.CANCELLED, timedelta())
    assert (state, NOON + DAY + moved) == (found.state, found.due_at)
    assert [PLANNED] == [kept(silent, PLANNED)]


@pytest.mark.parametrize("held", [NUDGE, NOTICE])
def test_what_a_person_could_not_do_waits_on(silent: Store, held: Reminder) -> None:
    """He did not reach the buyer either."""
    task = Task(f"{held.thread}/window_closed/{held.id}", "s", held.thread, "window_closed", "…", NOON)
    keep(silent, task)
    event = AgentActed(held.thread, Action.TASK_NOT_DONE, "mei", NOON + HOUR, task=task.id)
    silent.run(lambda tx: task_answered(event, tx, WECOM), wanted_task(event))
    assert held == kept(silent, held)


@pytest.mark.parametrize(
    ("id_", "more", "expected"),
    [
        (NOTICE.id, {}, NOTICE.id + AGAIN),
        (f"{NOTICE.id}@wecom", {}, NOTICE.id + AGAIN),
        (NOTICE.id + AGAIN, {}, ""),
        (f"{NOTICE.id}{AGAIN}@wecom", {}, ""),
        (NOTICE.id, {"history": ("started@1", "unsure@2", "started@3", "refused@4")}, ""),
        (NOTICE.id, {"expires_at": NOON}, ""),
    ],
)
def test_words_that_were_refused_are_planned_once_more(
    store: Store, id_: str, more: dict[str, object], expected: str
) -> None:
    """Under an id of their own, whichever chat refused them; not a second time, not if he may have them, not late."""
    message = replace(a_message(id_, state=OutgoingState.FAILED, channel="wecom", step="refund.settled"), **more)
    keep(store, OVER)
    store.run(lambda tx: hold(message, Verdict.WINDOW_CLOSED, OVER, tx, NOON), Wanted(threads=(OVER.id,)))
    found = store.run(lambda tx: [r.id for r in tx.pending(OVER.id)], Wanted(threads=(OVER.id,)))
    assert ([expected] if expected else []) == found
