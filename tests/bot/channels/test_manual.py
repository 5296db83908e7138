"""The channel whose messages a person pastes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.channels.manual import Manual
from followup.events import Outcome
from followup.model import Attachment, Media, State, Task, TaskState, Thread
from scheduler.clock import FakeClock
from store.memory import MemoryStore
from store.store import SqlStore
from store.wanted import Wanted
from tests.bot.channels.test_contract import a_message, some_deps
from tests.scheduler.shop import HOUR, NOON


async def test_the_task_says_all_that_an_agent_needs() -> None:
    """The words alone, for which thread and message, and until when they are worth pasting."""
    store = MemoryStore()
    result = await Manual(store, FakeClock(NOON), some_deps()).send(a_message())
    (task,) = store.tx.items[Task].values()
    assert task == Task(
        id="paste/tea/1/unpaid_order/unpaid.help",
        shop="tea",
        thread="tea/1/unpaid_order",
        reason="paste",
        text=a_message().text,
        created_at=NOON,
        outgoing=a_message().id,
        expires_at=NOON + HOUR,
        due_at=NOON + HOUR,
        alert_at=NOON,
    )
    assert result.external_id == task.id


async def test_attachments_are_lines_under_the_words() -> None:
    """The agent sees what to attach, and where it is."""
    store = MemoryStore()
    photo = Attachment(Media.PHOTO, "https://shop.example/1.jpg")
    await Manual(store, FakeClock(NOON), some_deps()).send(a_message(attachments=(photo,)))
    (task,) = store.tx.items[Task].values()
    assert task.text == f"{a_message().text}\n[photo] https://shop.example/1.jpg"


async def test_a_repeat_does_not_open_a_task_that_was_done(sqlite_url: str) -> None:
    """After a crash the same words are handed over again; what the agent has pasted meanwhile stays done."""
    store = SqlStore(sqlite_url)
    channel = Manual(store, FakeClock(NOON), some_deps())
    task = (await channel.send(a_message())).external_id

    def done(tx):  # type: ignore[no-untyped-def]
        tx.save(replace(tx.get(Task, task), state=TaskState.DONE))

    store.run(done, Wanted(tasks=(task,)))
    assert (await channel.send(a_message())).outcome is Outcome.ACCEPTED
    state = store.run(lambda tx: tx.get(Task, task).state, Wanted(tasks=(task,)))  # type: ignore[union-attr]
    store.close()
    assert state is TaskState.DONE


async def test_words_that_could_not_be_stored_were_not_handed_over() -> None:
    """If the task cannot be stored the error is raised, which the outbox reads as unsure and tries again."""

    class Full:
        async def transact(self, *_: Any) -> Any:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await Manual(Full(), FakeClock(NOON), some_deps()).send(a_message())  # type: ignore[arg-type]


async def test_a_matter_settled_on_the_way_is_not_to_be_pasted() -> None:
    """The buyer paid between the decision and the hand-over: no open task asks an agent to remind him."""
    store = MemoryStore()
    message = a_message()
    over = Thread(
        message.thread, "tea", "1", "unpaid_order", "lin", message.chat, State.SETTLED, NOON, NOON, outcome="paid"
    )
    store.run(lambda tx: tx.save(over))
    await Manual(store, FakeClock(NOON), some_deps()).send(message)
    (task,) = store.tx.items[Task].values()
    assert (TaskState.CANCELLED, "paid") == (task.state, task.answer)
