"""The channel of platforms whose buyers may be spoken to only in the platform's own chat.

The words become an agent's task, to be pasted there by a person (docs/law.md).
"""

from __future__ import annotations

from followup.events import DeliveryResult, Outcome
from followup.model import Outgoing, Task
from followup.ports import Capabilities, Clock
from store.store import Store


class Manual:
    """Hands every message to an agent; handing over the same message again changes nothing."""

    name = "manual"
    capabilities = Capabilities(idempotent=True)

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Put the words before an agent; accepted once the task is stored."""
        task = Task(
            id=f"paste/{message.id}",
            shop=message.shop,
            thread=message.thread,
            reason="paste",
            text=message.text,
            created_at=self._clock.now(),
            outgoing=message.id,
            expires_at=message.expires_at,
        )
        await self._store.transact(lambda tx: tx.save(task))
        return DeliveryResult(message.id, Outcome.ACCEPTED, self._clock.now(), external_id=task.id)
