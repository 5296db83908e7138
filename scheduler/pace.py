"""How fast a channel may be used: a rate, and one flood deadline for all that goes through it."""

from __future__ import annotations

from datetime import timedelta

from followup.model import Instant


class Pace:
    """A token bucket of one second; `per_second` 0 means no limit."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self.paused_until: Instant | None = None
        self._tokens = per_second
        self._at: Instant | None = None

    def allowed(self, now: Instant, most: int) -> int:
        """How many messages may go at `now`, at most `most`."""
        if self.paused_until is not None:
            if now < self.paused_until:
                return 0
            self.paused_until = None
        if not self.per_second:
            return most
        self._refill(now)
        return min(most, int(self._tokens))

    def spent(self, now: Instant, count: int) -> None:
        """So many messages went."""
        if self.per_second:
            self._refill(now)
            self._tokens -= count

    def pause_until(self, when: Instant) -> None:
        """The service asked for silence until `when`."""
        self.paused_until = max(when, self.paused_until or when)

    def next_free(self, now: Instant) -> Instant:
        """When the next message may go."""
        if self.paused_until is not None and now < self.paused_until:
            return self.paused_until
        if not self.per_second or self._tokens >= 1:
            return now
        return now + timedelta(seconds=(1 - self._tokens) / self.per_second)

    def _refill(self, now: Instant) -> None:
        if self._at is not None and now > self._at:
            gained = (now - self._at).total_seconds() * self.per_second
            self._tokens = min(max(self.per_second, 1.0), self._tokens + gained)
        self._at = now
