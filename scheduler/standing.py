"""How a channel stands: stored when it changes, said once when it is lost and once when it is back."""

from __future__ import annotations

from datetime import timedelta

import structlog

from followup.model import ChannelState, Health, Instant
from followup.ports import Clock
from handlers.channel_state import Reported, channel_state, long_away, wanted
from handlers.cleaned import clean_text
from handlers.deps import Deps
from store import raw_rows
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx
from store.wanted import Wanted

log = structlog.get_logger(__name__)
STOPPED = "huifang stopped"
LONG = timedelta(minutes=15)
IN_A_ROW = timedelta(minutes=30)
"""A gap that begins so soon after the last one is told as one with it."""


class Standing:
    """The state of one channel of a shop."""

    def __init__(self, channel: str, shop: str, store: SqlStore, deps: Deps, clock: Clock) -> None:
        self.channel = self._channel = channel
        self._shop = shop
        self._store, self._deps, self._clock = store, deps, clock
        self._known = self._reported = self._asked = False
        self._health: Health | None = None
        self._detail = ""
        self._began = clock.now()
        self._lost_at: Instant | None = None
        self._gap: tuple[Instant, Instant] | None = None

    @property
    def health(self) -> Health | None:
        """What the channel reported last, if it has since the program began."""
        return self._health if self._reported else None

    async def report(self, health: Health, detail: str = "", gap: bool = False) -> None:
        """The channel says how it stands; with `gap`, what was said since it was lost will never arrive."""
        await self._remember()
        detail = clean_text(detail)
        now = self._clock.now()
        if not self._reported and self._health is health is Health.UP:
            await self._up_again(ChannelState(self._channel, health, now, detail))
        if (health, detail) == (self._health, self._detail) and not gap:
            self._reported = True
            return
        deaf_since = await self._deaf_since() if gap and self._health is not None else None
        event = Reported(self._channel, self._shop, health, now, detail, deaf_since)
        await self._store.transact(lambda tx: channel_state(event, tx, self._deps), wanted(event))
        self._tell(health, detail, now)
        self._gap = (deaf_since, now) if deaf_since is not None else self._gap
        if health is Health.UP:
            self._lost_at, self._asked = None, False
        elif self._lost_at is None:
            self._lost_at = now
        self._health, self._detail, self._reported = health, detail, True

    async def look(self) -> None:
        """Have a person see to it, once, if the channel is down for long and says nothing of what would help."""
        if self._asked or self.health not in (None, Health.DOWN):
            return
        now, since = self._clock.now(), max(self._began, self._lost_at or self._began)
        if now - since < LONG:
            return
        detail = self._detail if self._reported else ""
        event = Reported(self._channel, self._shop, Health.DOWN, now, detail, since)
        await self._store.transact(lambda tx: long_away(event, tx, self._deps))
        self._asked = True

    async def fell_silent(self, why: str) -> None:
        """The channel ended without saying why: it is down, if it had not said worse."""
        await self._remember()
        if self._health in (None, Health.UP):
            await self.report(Health.DOWN, why)

    async def stopped(self) -> None:
        """The program ends, and hears nothing until it is started again."""
        if self._health is Health.UP:
            await self.report(Health.DOWN, STOPPED)

    def _tell(self, health: Health, detail: str, now: Instant) -> None:
        if health is self._health or (self._health is None and health is Health.UP):
            return
        if health is Health.UP:
            away = str(now - self._lost_at).partition(".")[0] if self._lost_at else ""
            log.info("channel_back", channel=self._channel, away=away)
            return
        why = "" if health is Health.LOGIN else detail  # a code to log in with is for the shop's people alone
        if self._health in (None, Health.UP):
            tell = log.info if detail == STOPPED else log.warning
            tell("channel_lost", channel=self._channel, health=health, why=why)
        else:
            log.warning("channel_still_lost", channel=self._channel, health=health, why=why)

    async def _up_again(self, state: ChannelState) -> None:
        """The last program was killed while the channel was up: it has been up since now, not since then."""
        await self._store.transact(lambda tx: tx.save(state), Wanted(states=(self._channel,)))
        self._detail = state.detail

    async def _remember(self) -> None:
        """How it stood when the program ended."""
        if self._known:
            return
        wanted = Wanted(states=(self._channel,))
        state = await self._store.transact(lambda tx: tx.get(ChannelState, self._channel), wanted)
        self._known = True
        if state is not None:
            self._health, self._detail = state.health, state.detail
            self._lost_at = None if state.health is Health.UP else state.since

    async def _deaf_since(self) -> Instant:
        """When the gap began that ends now. After a crash the last thing heard is the last thing known."""
        lost_at = self._lost_at or await self._store.transact(self._last_heard) or self._clock.now()
        if self._gap is not None and lost_at - self._gap[1] < IN_A_ROW:
            return min(lost_at, self._gap[0])
        return lost_at

    def _last_heard(self, tx: Tx) -> Instant | None:
        assert isinstance(tx, SqlTx)
        return raw_rows.last_heard(tx, self._channel)
