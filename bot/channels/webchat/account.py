"""What the parts of one web chat share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.channels.webchat.history import History, NoHistory
from bot.channels.webchat.limits import Limits
from bot.channels.webchat.photos import Photos
from bot.channels.webchat.rooms import Rooms
from bot.config_channels import WebchatOptions
from followup.model import EPOCH, Instant
from followup.ports import Clock, NotYet

_TICK, _SET_BACK = timedelta(microseconds=1), timedelta(seconds=1)


def nowhere() -> str:
    """No address is known."""
    raise NotYet("it is not served yet, and channels.<name>.url is not set")


class Moments:
    """The clock's time, but no two moments are the same, so that what happened in one is in order for good."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._last = clock, EPOCH

    def now(self) -> Instant:
        """The present instant, or one a little later."""
        now = self._clock.now()
        if now <= self._last < now + _SET_BACK:
            now = self._last + _TICK
        self._last = now
        return now


@dataclass
class Account:
    """One web chat: who it is, what it remembers, and where it is reached.

    `bases` are the paths it is served under, the first being its own in links; `served_at` gives the beginning of its
    address on this machine, and raises NotYet while that is not known.
    """

    name: str
    shop: str
    options: WebchatOptions
    moments: Moments
    photos: Photos
    rooms: Rooms
    limits: Limits
    history: History = field(default_factory=NoHistory)
    lang: Callable[[], str] = lambda: "en"
    bases: tuple[str, ...] = ()
    served_at: Callable[[], str] = nowhere
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def title(self) -> str:
        """What stands above the conversation."""
        return self.options.title or self.shop


def make_account(name: str, shop: str, options: WebchatOptions, clock: Clock) -> Account:
    """An account whose limits are counted by the machine's own time."""
    photos = Photos(options.folder / name, options.largest_photo_mb * 1024 * 1024)
    parts = (Moments(clock), photos, Rooms(time.monotonic), Limits(time.monotonic))
    return Account(name, shop, options, *parts, bases=(f"/chat/{name}",))
