"""A channel whose other end is a file, and which behaves as badly as it is told; reproducible by its seed."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson

from followup.events import DeliveryResult, Incoming, MessageReceived, Outcome, Receipt, Refusal
from followup.model import Attachment, Cursor, Health, Outgoing, Raw
from followup.ports import Capabilities, Inbox, Unparseable
from scheduler.clock import SystemClock
from tests.chaos.files import Hearing

PORTION = 100


@dataclass(frozen=True)
class Behaviour:
    """How often (0 to 1) a call ends in each bad way, and how long (seconds) one that is `late` or `hangs` takes.

    `dropped`: it arrived, and the connection is gone. `broken`: it never arrived, and nobody can know. `busy`: nothing
    was taken, try again. `floods`: nothing was taken, and everybody is to wait. `repeats`: what is heard comes twice.
    """

    dropped: float = 0.0
    broken: float = 0.0
    busy: float = 0.0
    refused: float = 0.0
    floods: float = 0.0
    hangs: float = 0.0
    late: float = 0.0
    repeats: float = 0.0
    seconds: float = 0.0
    slow: float = 0.0


class ChaosChannel:
    """Hears what stands in the file `said`, and appends what is told to the file `told`."""

    name = "file"
    capabilities = Capabilities(anywhere=True)

    def __init__(self, folder: Path, seed: int, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self._folder, self._seed, self._clock = folder, seed, SystemClock()
        self._hearing = Hearing(folder / "told")
        self._acknowledged = os.open(folder / "acknowledged", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Take a message as the behaviour says: what is chosen hangs on the seed, the message and the attempt alone."""
        how = self.behaviour
        chance = random.Random(f"{self._seed}/{message.id}/{len(message.history)}")
        await asyncio.sleep(how.slow)
        match self._chosen(how, chance.random()):
            case "busy":
                return self._result(message, Outcome.RETRY, error="busy")
            case "floods":
                until = self._clock.now() + timedelta(seconds=how.seconds)
                return DeliveryResult(message.id, Outcome.RETRY, self._clock.now(), error="flood", retry_at=until)
            case "refused":
                return self._result(message, Outcome.REFUSED, error="not taken")
            case "broken":
                raise ConnectionError("the connection broke")
            case "dropped":
                self._hearing.hear(message, self._clock.now())
                raise ConnectionError("the connection was dropped")
            case "hangs" | "late":
                self._hearing.hear(message, self._clock.now())
                await asyncio.sleep(how.seconds)
            case _:
                self._hearing.hear(message, self._clock.now())
        return self._result(message, Outcome.ACCEPTED)

    def _chosen(self, how: Behaviour, at: float) -> str:
        for name in ("dropped", "broken", "busy", "refused", "floods", "hangs", "late"):
            at -= getattr(how, name)
            if at < 0:
                return name
        return ""

    def _result(self, message: Outgoing, outcome: Outcome, error: str = "") -> DeliveryResult:
        refusal = {"refusal": Refusal.CONTENT} if outcome is Outcome.REFUSED else {}
        external = message.id if outcome is Outcome.ACCEPTED else ""
        return DeliveryResult(message.id, outcome, self._clock.now(), external, error, **refusal)  # type: ignore[arg-type]

    async def receive(self, inbox: Inbox) -> None:
        """Read on from where the last commit says, and acknowledge what is committed."""
        await inbox.report(Health.UP)
        at = int(await inbox.cursor(f"{self.name}/at") or 0)
        chance = random.Random(f"{self._seed}/{at}")
        while True:
            raws, end = self._read(at)
            if raws:
                await inbox.take(raws, Cursor(f"{self.name}/at", str(end)))
                os.write(self._acknowledged, f"{end}\n".encode())
                if chance.random() < self.behaviour.repeats:
                    continue
                at = end
            await asyncio.sleep(0.005 if raws else 0.02)

    def _read(self, at: int) -> tuple[list[Raw], int]:
        path = self._folder / "said"
        if not path.exists():
            return [], at
        with path.open("rb") as file:
            file.seek(at)
            lines = [line for line in (file.readline() for _ in range(PORTION)) if line.endswith(b"\n")]
        now = self._clock.now()
        raws = [Raw(self.name, orjson.loads(line)["id"], line, now) for line in lines]
        return raws, at + sum(map(len, lines))

    async def parse(self, raw: Raw) -> Sequence[Incoming]:
        """A buyer's words, or the news that a message did not arrive after all."""
        said = orjson.loads(raw.body)
        if "failed" in said:
            return [Receipt(self.name, said["failed"], raw.at, Refusal.BLOCKED, "not delivered")]
        return [MessageReceived("s", self.name, said["chat"], said["id"], said["text"], raw.at)]

    async def fetch(self, attachment: Attachment) -> bytes:
        raise Unparseable(attachment.ref)

    async def close(self) -> None:
        """Nothing to let go of."""
