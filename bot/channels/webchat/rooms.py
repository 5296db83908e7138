"""Who looks at a chat now, and what was said there in the last minutes, so that nothing is lost between what the
database tells of a chat and what happens meanwhile."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from bot.channels.webchat.message import Change, Frame, Message

RETAINED, MOST_RETAINED, MOST_ROOMS = 300.0, 200, 10_000
"""Seconds for which a room remembers what was said, how much of it, and how many rooms there are."""
LONGEST_NUMBER = 18
Seconds = Callable[[], float]


class Window(Protocol):
    """Somebody who is shown what happens in a chat. What is offered may not wait."""

    def offer(self, frame: Frame) -> None: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """The `number`th thing that happened in a room."""

    number: int
    at: float
    what: Message | Change


class Room:
    """One chat while somebody looks at it, or shortly after; `order` keeps what its windows say one after another."""

    def __init__(self, seconds: Seconds) -> None:
        self._seconds, self._epoch = seconds, secrets.token_hex(8)
        self._log: deque[Entry] = deque()
        self._number = self._forgotten = 0
        self._windows: set[Window] = set()
        self._waiting: set[asyncio.Event] = set()
        self.order = asyncio.Lock()
        self.touched = seconds()

    @property
    def cursor(self) -> str:
        """Where the log ends now."""
        return self._cursor(self._number)

    @property
    def is_watched(self) -> bool:
        """Whether somebody looks at it now."""
        return bool(self._windows or self._waiting)

    @property
    def is_idle(self) -> bool:
        """Whether nobody needs it any more."""
        return self.touched <= self._seconds() - RETAINED and not self.is_watched

    def push(self, what: Message | Change, besides: Window | None = None) -> None:
        """Show everybody what happened; the window `besides` knows already."""
        self.touched = self._seconds()
        self._number += 1
        self._log.append(Entry(self._number, self.touched, what))
        self._forget()
        frame = what.frame(self.cursor)
        for window in [each for each in self._windows if each is not besides]:
            window.offer(frame)
        for event in self._waiting:
            event.set()

    def shown(self, id_: str) -> Message | None:
        """The message of this id, if it was shown lately, as it was then."""
        messages = (each.what for each in self._log if isinstance(each.what, Message))
        return next((message for message in messages if message.id == id_), None)

    def since(self, cursor: str) -> list[Entry] | None:
        """What happened after the cursor; None if nobody knows any more."""
        epoch, _, number = cursor.partition("-")
        if epoch != self._epoch or not number.isdecimal() or len(number) > LONGEST_NUMBER:
            return None
        self._forget()
        seen = int(number)
        return [each for each in self._log if each.number > seen] if self._forgotten <= seen <= self._number else None

    def recent(self) -> list[Entry]:
        """What happened so lately that the database may not have all of it."""
        self._forget()
        return list(self._log)

    def frame(self, entry: Entry) -> Frame:
        """The frame of what happened then."""
        return entry.what.frame(self._cursor(entry.number))

    @contextmanager
    def shown_to(self, window: Window) -> Iterator[None]:
        """Meanwhile the window is offered all that happens."""
        self._windows.add(window)
        try:
            yield
        finally:
            self._windows.discard(window)
            self.touched = self._seconds()

    async def news(self, seconds: float) -> None:
        """Wait until something happens, or so long."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(event)
            self.touched = self._seconds()

    def wake(self) -> None:
        """Nobody is to wait any longer."""
        for event in self._waiting:
            event.set()

    def _cursor(self, number: int) -> str:
        return f"{self._epoch}-{number}"

    def _forget(self) -> None:
        before = self._seconds() - RETAINED
        while self._log and (self._log[0].at <= before or len(self._log) > MOST_RETAINED):
            self._forgotten = self._log.popleft().number


class Rooms:
    """The rooms of one account by their addresses; those that nobody needs go, the longest unused first. However many
    strangers come, nobody who looks at a chat is forgotten."""

    def __init__(self, seconds: Seconds, most: int = MOST_ROOMS) -> None:
        self._seconds, self._most = seconds, most
        self._rooms: OrderedDict[str, Room] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rooms)

    def at(self, address: str) -> Room:
        """The room of this address, made where there is none."""
        room = self._rooms.get(address)
        if room is None:
            self._tidy()
            room = self._rooms[address] = Room(self._seconds)
        room.touched = self._seconds()
        self._rooms.move_to_end(address)
        return room

    def clear(self) -> None:
        """Forget all that was shown: another process may have shown more since."""
        self._rooms.clear()

    def wake(self) -> None:
        """Nobody is to wait any longer in any room."""
        for room in self._rooms.values():
            room.wake()

    def _tidy(self) -> None:
        """Look at the two that were not used for the longest time."""
        for _ in range(min(2, len(self._rooms))):
            address, room = next(iter(self._rooms.items()))
            if room.is_idle or (len(self._rooms) >= self._most and not room.is_watched):
                del self._rooms[address]
            else:
                self._rooms.move_to_end(address)
