"""A channel whose other end is the simulation: it hears what the program says, and fails as the weather tells it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from followup.events import (
    ChatClosed,
    ChatOpened,
    DeliveryResult,
    Incoming,
    MessageRecalled,
    MessageReceived,
    Outcome,
    Receipt,
    Refusal,
)
from followup.model import Attachment, Cursor, Instant, Media, Outgoing, Raw
from followup.ports import Capabilities, Clock, Inbox, NotYet, TooLarge, Unparseable
from tests.simulation.weather import HEARING, SENDING, Weather

FOR_EVER = 10_000_000.0
_KINDS: dict[str, type[Any]] = {
    each.__name__: each for each in (MessageReceived, ChatOpened, ChatClosed, MessageRecalled, Receipt)
}


@dataclass(frozen=True, slots=True)
class Said:
    """A message that was put into the channel's hands: when that was, and when it reached the other end."""

    message: Outgoing
    asked_at: Instant
    at: Instant


class Line:
    """The channel `line`. Every call of `send` is shown to `asked`; what arrives stands in `said`, in that order."""

    name = "line"

    def __init__(
        self, can: Capabilities, weather: Weather, said: list[Said], asked: Callable[[Outgoing], None]
    ) -> None:
        self.capabilities, self._weather, self._asked = can, weather, asked
        self.said = said
        self.clock: Clock

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Hand it over, or not, and tell, or not."""
        self._asked(message)
        return await self._hand_over(message)

    async def edit(self, message: Outgoing, _external_id: str) -> DeliveryResult:
        """The same for a change of what was sent."""
        return await self._hand_over(message)

    async def receive(self, _inbox: Inbox) -> None:
        """What is heard comes from the schedule."""
        await asyncio.sleep(FOR_EVER)

    async def parse(self, raw: Raw) -> Sequence[Incoming]:
        """Read what `packed` wrote."""
        match self._weather.strikes(HEARING):
            case "not_yet":
                raise NotYet("the service is away")
            case "slow":
                await asyncio.sleep(self._weather.chance.uniform(0.0, 40.0))
        try:
            told = json.loads(raw.body)
        except ValueError as error:
            raise Unparseable("no JSON") from error
        return [_event(each) for each in told]

    async def fetch(self, attachment: Attachment) -> bytes:
        """What a buyer sent beside words."""
        if attachment.size > 10**7:
            raise TooLarge("too large")
        if self._weather.strikes(HEARING):
            raise NotYet("the service is away")
        return f"photo {attachment.ref}".encode()

    async def close(self) -> None:
        """Nothing is open."""

    async def _hand_over(self, message: Outgoing) -> DeliveryResult:
        asked_at, fault = self.clock.now(), self._weather.strikes(SENDING)
        went = not fault or fault.endswith("_went")
        early = self._weather.chance.random() < 0.5
        if went and early:
            self._arrives(message, asked_at)
        await asyncio.sleep(self._weather.delay())
        if went and not early:
            self._arrives(message, asked_at)
        return await self._answer(message, fault)

    def _arrives(self, message: Outgoing, asked_at: Instant) -> None:
        if not (self.capabilities.idempotent and any(one.message.id == message.id for one in self.said)):
            self.said.append(Said(message, asked_at, self.clock.now()))

    async def _answer(self, message: Outgoing, fault: str) -> DeliveryResult:
        now, chance = self.clock.now(), self._weather.chance
        match fault.partition("_")[0]:
            case "":
                return DeliveryResult(message.id, Outcome.ACCEPTED, now, external_id=f"x{len(self.said)}")
            case "retry":
                return DeliveryResult(message.id, Outcome.RETRY, now, error="busy")
            case "flood":
                return DeliveryResult(message.id, Outcome.RETRY, now, retry_at=now + self._weather.later())
            case "refused":
                return DeliveryResult(message.id, Outcome.REFUSED, now, error="no", refusal=chance.choice([*Refusal]))
            case "unsure":
                return DeliveryResult(message.id, Outcome.UNSURE, now, error="no answer")
            case "hung":
                await asyncio.sleep(FOR_EVER)
        raise ConnectionResetError("the line broke")


def packed(*events: Incoming) -> bytes:
    """Events as the service writes them."""
    return json.dumps([_plain(event) for event in events], ensure_ascii=False).encode("utf-8", "surrogatepass")


def _plain(event: Incoming) -> dict[str, Any]:
    names = event.__dataclass_fields__
    told = {name: getattr(event, name) for name in names}
    told["at"] = event.at.isoformat()
    if isinstance(event, MessageReceived):
        told["attachments"] = [(one.media.value, one.ref, one.size) for one in event.attachments]
    return {"kind": type(event).__name__, **told}


def _event(told: dict[str, Any]) -> Incoming:
    told = dict(told)
    made = _KINDS[told.pop("kind")]
    told["at"] = datetime.fromisoformat(told["at"])
    if "attachments" in told:
        told["attachments"] = tuple(Attachment(Media(kind), ref, size=size) for kind, ref, size in told["attachments"])
    if "refusal" in told:
        told["refusal"] = Refusal(told["refusal"])
    event: Incoming = made(**told)
    return event


def raw_of(external_id: str, body: bytes, at: Instant) -> Raw:
    """An event as it is delivered."""
    return Raw(Line.name, external_id, body, at)


CURSOR = f"{Line.name}/offset"


def cursor_at(number: int) -> Cursor:
    """How far the line was read."""
    return Cursor(CURSOR, str(number))
