"""The terminal as a chat: whoever sits before it is the buyer."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

from followup.attachments import with_lines
from followup.events import DeliveryResult, MessageReceived, Outcome
from followup.model import Outgoing
from followup.ports import Capabilities, Clock


class Terminal:
    """Shows messages through `show(message)` and turns typed lines into events."""

    name = "terminal"
    capabilities = Capabilities(idempotent=False, longest_text=2000)

    def __init__(self, clock: Clock, show: Callable[[Outgoing], None]) -> None:
        self._clock, self._show = clock, show
        self._lines = itertools.count(1)
        self._session = f"{clock.now().timestamp():.6f}"

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Show the words, a line for each attachment under them; a screen that cannot be written to (BrokenPipeError)
        is a refusal."""
        try:
            self._show(replace(message, text=with_lines(message.text, message.attachments)))
        except OSError as error:
            return DeliveryResult(message.id, Outcome.REFUSED, self._clock.now(), error=str(error))
        return DeliveryResult(message.id, Outcome.ACCEPTED, self._clock.now())

    def typed(self, shop: str, address: str, line: str) -> MessageReceived:
        """The event of a line typed by the buyer at `address`."""
        id_ = f"{self._session}-{next(self._lines)}"
        return MessageReceived(shop, self.name, address, id_, line, self._clock.now())
