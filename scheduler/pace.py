"""How fast a channel may be used: a rate, a pause in each chat, and one flood deadline for all that goes through it."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Spacing:
    """How a message that counts for so many keeps its distance in its chat: `every` apart, and at most `most` (0: any
    number) in any time as long as `within`."""

    every: timedelta = timedelta()
    most: int = 0
    within: timedelta = timedelta()
    count: int = 1


class Chats:
    """When each chat may have its next message; only those that have to wait are remembered."""

    def __init__(self) -> None:
        self._free_at: dict[str, Instant] = {}
        self._counts_until: dict[str, list[Instant]] = {}
        self._look_at = FEW

    def said(self, chat: str, now: Instant, spacing: Spacing) -> None:
        """Something went to a chat, and its next message waits."""
        if spacing.most:
            counted = self._counts_until[chat] = [until for until in self._counts_until.get(chat, ()) if until > now]
            for _ in range(min(spacing.count, spacing.most)):
                insort(counted, now + spacing.within)
        if spacing.every:
            self._free_at[chat] = now + spacing.every * spacing.count
        if len(self._free_at) + len(self._counts_until) > self._look_at:
            self._forget(now)

    def waits_until(self, chat: str, now: Instant, spacing: Spacing) -> Instant | None:
        """When the chat may have this next message; None if it may now."""
        free = self._free_at.get(chat, now)
        if spacing.most:
            counted = [until for until in self._counts_until.get(chat, ()) if until > now]
            too_many = len(counted) + min(spacing.count, spacing.most) - spacing.most
            free = max(free, counted[too_many - 1]) if too_many > 0 else free
        return free if free > now else None

    def _forget(self, now: Instant) -> None:
        self._free_at = {chat: free for chat, free in self._free_at.items() if free > now}
        self._counts_until = {chat: until for chat, until in self._counts_until.items() if until[-1] > now}
        self._look_at = max(FEW, 2 * (len(self._free_at) + len(self._counts_until)))
