"""The bot that gets killed: `python -m tests.bot.channels.child CHANNEL FOLDER PORT KILL [ADDRESS…]`.

KILL is "taken:3" (dies when the third event was committed and not yet handled), "sent:2" (dies when the service has
accepted the second message and nobody has written that down) or "never". Each ADDRESS that has a chat gets an order
to be reminded of. Runs until its standard input closes.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from followup.events import DeliveryResult, Outcome
from followup.model import Cursor, Outgoing, Raw
from scheduler.clock import SystemClock
from scheduler.inbox import ChannelInbox
from tests.bot.channels.live import Live
from tests.bot.channels.peers import PEERS


class Fate:
    """Kills the process at the n-th time that something happens."""

    def __init__(self, kill: str) -> None:
        self._what, _, number = kill.partition(":")
        self._left = int(number or 0)

    def happened(self, what: str) -> None:
        """It may be the last thing."""
        if what == self._what:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class DoomedInbox(ChannelInbox):
    """Dies right after a commit, before anything is handled."""

    fate: Fate

    async def take(self, raws: Sequence[Raw], cursor: Cursor | None = None) -> None:
        await super().take(raws, cursor)
        for _ in raws:
            self.fate.happened("taken")


async def main(kind: str, folder: str, port: str, kill: str, *addresses: str) -> None:
    """Run until killed, or until nobody wants us any more."""
    fate = Fate(kill)
    peer = PEERS[kind](Path(folder) / "unused")
    peer.port = int(port)
    channel = peer.channel(SystemClock())
    send = channel.send

    async def doomed(message: Outgoing) -> DeliveryResult:
        result = await send(message)
        if result.outcome is Outcome.ACCEPTED:
            fate.happened("sent")
        return result

    channel.send = doomed
    DoomedInbox.fate = fate
    live = Live(Path(folder) / "bot", channel)
    live.wire()
    for inbox in live.app.inboxes:
        inbox.__class__ = DoomedInbox
    for number, address in enumerate(addresses, 1):
        if live.chat(address):
            live.learn(address, number)
    await live.app.engine.start()
    await asyncio.to_thread(sys.stdin.read)
    await live.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
