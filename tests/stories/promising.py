"""A shop whose people write to buyers, and keep what they promise or not."""

from __future__ import annotations

from typing import Any, Self

from followup.events import AgentSpoke, thread_id
from followup.model import OutgoingState
from followup.promises import Promise
from handlers.agent_says import Said, agent_says
from tests.stories.shop import SHOP, Shop, Spoken

REFUND = "pending_refund"


class TalkingShop(Shop):
    """An agent's words stand in the story as `<<`, as what the bot says does with `<`."""

    last: Said

    def says(self, text: str, kind: str = REFUND, order: str = "1001", **more: Any) -> Self:
        """小美 writes to the buyer of an order."""
        now = self.clock.now()
        event = AgentSpoke("小美", now, text, thread_id(SHOP, order, kind), **more)
        self.last = self.store.run(lambda tx: agent_says(event, tx, self.deps))
        return self._settle()

    def asks_for_his_money(self) -> Self:
        """A paid order whose refund was asked for, with the words that acknowledge it read."""
        self.paid_order().refund(deadline=None)
        self.heard()
        self.tasks()
        return self

    def promises(self) -> list[str]:
        """Every promise: by whom, by when, what became of it."""
        zone = self.policy.zone
        found: list[Promise] = sorted(self._all(Promise), key=lambda each: (each.made_at, each.id))
        return [f"{each.said_by} {each.due_at.astimezone(zone):%a %H:%M} {each.state.value}" for each in found]

    def clocks(self) -> list[str]:
        """What is planned to keep promises."""
        zone, planned = self.policy.zone, self.reminders()
        found = [each for each in planned if each.step.startswith("promise.") and each.state.value == "pending"]
        return [
            f"{each.due_at.astimezone(zone):%a %H:%M} {each.step}" for each in sorted(found, key=lambda r: r.due_at)
        ]

    def spoken_of(self, step: str) -> list[str]:
        """The texts of one script that buyers received."""
        return [message.text for message in self.delivered if message.step == step]

    def in_doubt(self) -> int:
        """How many messages nobody knows the fate of."""
        return sum(message.state is OutgoingState.UNSURE for message in self.outbox())


__all__ = ["REFUND", "Spoken", "TalkingShop"]
