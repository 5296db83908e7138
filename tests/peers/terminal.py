"""The screen as a service: what is typed waits in a queue, what is shown is kept. Ours, and in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import orjson

from bot.channels.terminal import Terminal
from followup.events import Incoming, MessageReceived
from followup.model import Attachment, Health, Outgoing, Raw
from followup.ports import Clock, Inbox, Unparseable
from tests.bot.channels.peer import Fault


class TypedTerminal(Terminal):
    """The terminal with an inbox before it, as the other channels have."""

    def __init__(self, clock: Clock, peer: TerminalPeer) -> None:
        super().__init__(clock, peer.show)
        self._peer, self._clock = peer, clock

    async def receive(self, inbox: Inbox) -> None:
        """Line by line."""
        await inbox.report(Health.UP)
        while True:
            address, id_, line = await self._peer.typed.get()
            body = orjson.dumps([address, line])
            await inbox.take([Raw(self.name, id_, body, self._clock.now())])

    async def parse(self, raw: Raw) -> Sequence[Incoming]:
        """One line is one message."""
        try:
            address, line = orjson.loads(raw.body)
        except ValueError as error:
            raise Unparseable(str(error)) from None
        return [MessageReceived("tea", self.name, address, raw.external_id, line, raw.at)]

    async def fetch(self, attachment: Attachment) -> bytes:
        """Nothing can be typed but text."""
        raise Unparseable("a terminal has no files")

    async def close(self) -> None:
        """Nothing to let go of."""


class TerminalPeer:
    """Somebody at a keyboard, for as many buyers as the suite wants."""

    faults = frozenset({Fault.REPEAT, Fault.WHILE_AWAY})

    def __init__(self, folder: Path) -> None:
        self.typed: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()
        self._shown: list[Outgoing] = []
        self._lines: list[tuple[str, str, str]] = []

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def channel(self, clock: Clock) -> TypedTerminal:
        return TypedTerminal(clock, self)

    def buyer(self, number: int) -> str:
        return f"tty{number}"

    def show(self, message: Outgoing) -> None:
        """What the screen shows."""
        self._shown.append(message)

    async def says(self, address: str, text: str) -> str:
        """A line, with its number as its id."""
        line = (address, f"line-{len(self._lines)}", text)
        self._lines.append(line)
        self.typed.put_nowait(line)
        return line[1]

    async def repeat(self, external_id: str) -> None:
        """The same line under the same id."""
        self.typed.put_nowait(next(line for line in self._lines if line[1] == external_id))

    async def heard(self, address: str) -> list[str]:
        return [message.text for message in self._shown if message.address == address]
