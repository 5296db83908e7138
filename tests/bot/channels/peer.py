"""What the contract suite asks of the other side of a channel: a service with buyers on it, run as a process of its
own wherever somebody else wrote it."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from followup.ports import Clock, Receiver


class Fault(StrEnum):
    """What this service is able to do to us; the suite tries on each channel those that it has.

    FLOOD: sends are answered "not before so many seconds". BLOCK: a buyer blocks us, and sends to him are refused.
    REFUSE: one message is refused for its content. REPEAT: the same event is delivered again. GARBAGE: an event that
    means nothing arrives among the others. WHILE_AWAY: what buyers say while nobody listens is kept for us.
    """

    FLOOD = "flood"
    BLOCK = "block"
    REFUSE = "refuse"
    REPEAT = "repeat"
    GARBAGE = "garbage"
    WHILE_AWAY = "while_away"


class Peer(Protocol):
    """A service. Buyers are known by addresses that it understands; `buyer(n)` is the address of the n-th, from 1."""

    faults: frozenset[Fault]

    async def start(self) -> None:
        """Start, or start again on the same port after `kill` (what the service keeps, it keeps)."""
        ...

    async def kill(self) -> None:
        """The service is gone at once; connections break."""
        ...

    def channel(self, clock: Clock) -> Receiver:
        """A new channel object of shop "tea" for this service; its name is that of its type ("telegram")."""
        ...

    def buyer(self, number: int) -> str: ...

    async def says(self, address: str, text: str) -> str:
        """The buyer writes; returns the external id that MessageReceived will carry."""
        ...

    async def heard(self, address: str) -> list[str]:
        """The texts that have reached a buyer, oldest first."""
        ...

    async def repeat(self, external_id: str) -> None:
        """REPEAT: deliver that event once more."""
        ...

    async def garbage(self) -> None:
        """GARBAGE: deliver an event that cannot be parsed."""
        ...

    async def flood(self, seconds: int) -> None:
        """FLOOD: answer the next send, of whichever chat, with so long a pause."""
        ...

    async def block(self, address: str) -> None:
        """BLOCK: the buyer wants nothing from us any more."""
        ...

    async def refuse_next(self) -> None:
        """REFUSE: the next send is refused for its content."""
        ...

    async def stop(self) -> None:
        """Leave nothing behind, not a process either."""
        ...
