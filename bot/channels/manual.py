"""The channel of platforms whose buyers may be spoken to only in the platform's own chat.

The words become an agent's task, to be pasted there by a person (docs/law.md).
"""

from __future__ import annotations

from dataclasses import replace

from followup.attachments import with_lines
from followup.events import DeliveryResult, Outcome
from followup.model import Outgoing, Role, Task, TaskState, Thread
from followup.ports import Capabilities, Clock
from handlers.deps import Deps
from handlers.desk.giving import give
from store.store import Store
from store.tx import Tx
from store.wanted import Wanted


class Manual:
    """Hands every message to an agent; handing over the same message again changes nothing."""

    name = "manual"
    capabilities = Capabilities(idempotent=True, anywhere=True)

    def __init__(self, store: Store, clock: Clock, deps: Deps) -> None:
        self._store, self._clock, self._deps = store, clock, deps

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Put the words before an agent, a line for each attachment under them; accepted once the task is stored."""
        task = Task(
            id=f"paste/{message.id}",
            shop=message.shop,
            thread=message.thread,
            reason="paste",
            text=with_lines(message.text, message.attachments),
            created_at=self._clock.now(),
            outgoing=message.id,
            expires_at=message.expires_at,
        )
        await self._store.transact(lambda tx: _put(task, message, tx, self._deps), Wanted(threads=(message.thread,)))
        return DeliveryResult(message.id, Outcome.ACCEPTED, self._clock.now(), external_id=task.id)


def _put(task: Task, message: Outgoing, tx: Tx, deps: Deps) -> None:
    """Keep the task; a reminder whose matter was settled on the way is not to be pasted any more."""
    thread = tx.get(Thread, message.thread)
    if message.role is Role.NUDGE and thread is not None and thread.state.closed:
        task = replace(task, state=TaskState.CANCELLED, closed_at=task.created_at, answer=thread.outcome)
    give(task, tx, deps)
