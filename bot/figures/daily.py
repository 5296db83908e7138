"""Draws the picture of the day into the folder of reports. Implements `scheduler.picture.Draw`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import structlog

from bot.config import Config
from bot.figures.names import Names
from bot.figures.picture import draw
from followup.model import Instant
from followup.ports import Clock
from handlers.deps import Deps
from scheduler.jobs import Job
from scheduler.picture import Drawn, picture_jobs
from store.figures import Scope
from store.figures.scope import midnight
from store.store import SqlStore

log = structlog.get_logger(__name__)
DAY = timedelta(days=1)


def daily_pictures(config: Config, store: SqlStore, deps: Deps, clock: Clock) -> Iterator[Job]:
    """The jobs that post the picture; none where Pillow is not installed, which is logged."""
    if not deps.places:
        return
    if find_spec("PIL") is None:
        log.warning("no_picture_of_the_day", why="needs pip install 'huifang[pictures]'")
        return
    yield from picture_jobs(store, deps, clock, Daily(config, store, deps), config.reports.picture_at)


@dataclass(frozen=True)
class Daily:
    """Pictures of the shops of a configuration, one file a shop and day."""

    config: Config
    store: SqlStore
    deps: Deps

    def __call__(self, shop: str, now: Instant) -> Drawn:
        """Draw the day so far. Raises OSError."""
        scope = self._scope(shop, now)
        path = self._path(shop, now.astimezone(scope.zone))
        with self.store.engine.connect() as connection:
            line = draw(path, connection, scope, Names(self.deps.agent_lang, self.deps.roster))
        return Drawn(path, line)

    def _scope(self, shop: str, now: Instant) -> Scope:
        zone = self.deps.policy(shop).zone
        today = now.astimezone(zone).date()
        currency = self.config.shops[shop].currency
        return Scope(shop, zone, midnight(today, zone), midnight(today + DAY, zone), now, currency=currency)

    def _path(self, shop: str, local: datetime) -> Path:
        folder = (self.config.reports.folder / shop).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"day-{local:%Y-%m-%d}.png"
