"""Any service that Apprise knows: mail, Slack, ntfy, Discord and a hundred others, by an address of its own kind."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from apprise import Apprise, AppriseResult, AppriseResultStatus, NotifyFormat

from bot.redact import Redactor
from followup.events import DeliveryResult, Outcome
from followup.model import Outgoing
from followup.ports import Capabilities, Clock

PER_SECOND = 20 / 60
TIMEOUT = 60.0
LONGEST, LONGEST_ERROR = 4000, 200
FALSE_SUCCESS = {"wecombot": "wecom_robot", "dingtalk": "dingtalk", "feishu": "feishu", "lark": "feishu"}
"""Of these Apprise reads the HTTP status alone, and calls success what they refuse; so each has a type of its own."""


class AppriseService:
    """A service of Apprise. Apprise waits for its own rates in threads of its own, never in the loop.

    Raises ValueError for an address that Apprise does not know.
    """

    def __init__(self, name: str, url: str, clock: Clock) -> None:
        self.name, self._clock = name, clock
        self._redactor = Redactor.knowing((url,) if url else ())
        self._apprise = Apprise()
        if url and not self._apprise.add(url):
            raise ValueError("Apprise knows no such address; https://appriseit.com lists them")
        if wrong := sorted(_kinds(self._apprise) & FALSE_SUCCESS.keys()):
            raise ValueError(f'use type = "{FALSE_SUCCESS[wrong[0]]}": Apprise takes its refusals for success')
        longest = min((plugin.body_maxlen for plugin in self._apprise), default=LONGEST)
        self.capabilities = Capabilities(longest_text=min(longest, LONGEST), per_second=PER_SECOND)

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Hand the text to Apprise. It seldom knows why something failed, so that is tried again."""
        result = await self._apprise.async_notify(
            body=message.text, body_format=NotifyFormat.TEXT, timeout=TIMEOUT, log_level=logging.WARNING
        )
        now = self._clock.now()
        if bool(result):
            return DeliveryResult(message.id, Outcome.ACCEPTED, now)
        is_late = result.status == AppriseResultStatus.TIMEOUT
        outcome = Outcome.UNSURE if is_late else Outcome.RETRY
        return DeliveryResult(message.id, outcome, now, error=self._why(result))

    def _why(self, result: AppriseResult) -> str:
        """What Apprise said of it, without what is secret in its address."""
        said = "; ".join(dict.fromkeys(_lines(result))) or result.status.name.lower()
        return self._redactor.text(said)[:LONGEST_ERROR]


def _kinds(services: Apprise) -> set[str]:
    """How the addresses of these services begin."""
    kinds: set[str] = set()
    for service in services:
        for protocol in (service.protocol, service.secure_protocol):
            kinds |= {protocol} if isinstance(protocol, str) else set(protocol or ())
    return kinds


def _lines(result: AppriseResult) -> Iterator[str]:
    return (str(entry.message) for entry in result.logs() if entry.message)
