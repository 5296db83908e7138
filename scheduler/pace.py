"""How fast a channel may be used: a rate, a pause in each chat, and one flood deadline for all that goes through it."""

from __future__ import annotations

from datetime import timedelta

from followup.model import Instant

FEW = 1000


class Pace:
    """A bucket that holds the messages of one second, at least one; `per_second` 0 means no limit.

    It is kept as the instant at which it will be full again, so that nothing is ever rounded.
    """

    def __init__(self, per_second: float) -> None:
        self.paused_until: Instant | None = None
        self._each = timedelta(seconds=1 / per_second) if per_second else timedelta()
        self._most = max(1, int(per_second))
        self._full_at: Instant | None = None

    def allowed(self, now: Instant, most: int) -> int:
        """How many messages may go at `now`, at most `most`."""
        if self._is_paused(now):
            return 0
        if not self._each:
            return most
        missing = self._full(now) - now
        return min(most, (self._most * self._each - missing) // self._each)

    def spent(self, now: Instant, count: int) -> None:
        """So many messages went."""
        self._full_at = self._full(now) + count * self._each

    def pause_until(self, when: Instant) -> None:
        """The service asked for silence until `when`."""
        self.paused_until = max(when, self.paused_until or when)

    def next_free(self, now: Instant) -> Instant:
        """When the next message may go."""
        free = max(now, self._full(now) - (self._most - 1) * self._each)
        return max(free, self.paused_until) if self.paused_until else free

    def _is_paused(self, now: Instant) -> bool:
        return self.paused_until is not None and now < self.paused_until

    def _full(self, now: Instant) -> Instant:
        """When the bucket is full again; a clock that was set back does not hold it up."""
        latest = now + self._most * self._each
        self._full_at = now if self._full_at is None else min(max(self._full_at, now), latest)
        return self._full_at


class Chats:
    """When each chat may have its next message; only those that have to wait are remembered."""

    def __init__(self) -> None:
        self._free_at: dict[str, Instant] = {}
        self._look_at = FEW

    def said(self, chat: str, now: Instant, every: timedelta) -> None:
        """Something went to a chat, and its next message waits for so long."""
        if not every:
            return
        self._free_at[chat] = now + every
        if len(self._free_at) > self._look_at:
            self._free_at = {chat: free for chat, free in self._free_at.items() if free > now}
            self._look_at = max(FEW, 2 * len(self._free_at))

    def waits_until(self, chat: str, now: Instant) -> Instant | None:
        """When the chat may have its next message; None if it may now."""
        free = self._free_at.get(chat, now)
        return free if free > now else None
