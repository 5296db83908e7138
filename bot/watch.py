"""Watching the folder of exports: a file that has stopped growing is imported and moved to `done`."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from bot.config import Config
from bot.importing import import_file
from bot.orders.sources import open_source
from followup.ports import Clock, UnknownFormat
from handlers.deps import Deps
from scheduler.jobs import Job, every
from store.store import Store

log = structlog.get_logger(__name__)
SUFFIXES = {".csv", ".xlsx", ".jsonl", ".ndjson"}
SETTLED = timedelta(seconds=2)


@dataclass(frozen=True)
class Watch:
    """`folder/<shop>/*` holds new exports; they end in `folder/<shop>/done`, unreadable ones in `…/unreadable`."""

    config: Config
    store: Store
    deps: Deps
    clock: Clock

    async def look(self) -> None:
        """Import what lies there."""
        for shop in self.deps.policies:
            for path in self._ready(shop):
                await self._import(shop, path)

    def _ready(self, shop: str) -> list[Path]:
        folder = Path(self.config.orders.folder) / shop
        folder.mkdir(parents=True, exist_ok=True)
        still = (self.clock.now() - SETTLED).timestamp()
        files = (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
        fresh = [path for path in files if not path.name.endswith(".rejected.csv")]
        return sorted((path for path in fresh if path.stat().st_mtime <= still), key=lambda path: path.stat().st_mtime)

    async def _import(self, shop: str, path: Path) -> None:
        settings = self.config.shops[shop]
        source = open_source(path, shop, self.deps.policies[shop].zone, settings.currency)
        try:
            imported = await import_file(path, source, self.store, self.deps, self.clock)
        except (UnknownFormat, OSError) as error:
            log.error("orders_unreadable", file=path.name, error=str(error))
            _move(path, "unreadable")
            return
        log.info("orders_imported", file=path.name, rejected=len(imported.rejected), **imported.counts)
        _move(path, "done")


def watch_job(config: Config, store: Store, deps: Deps, clock: Clock) -> Job:
    """The regular look into the folder."""
    watch = Watch(config, store, deps, clock)
    return Job("orders", watch.look, every(config.orders.poll_seconds))


def _move(path: Path, into: str) -> None:
    target = path.parent / into
    target.mkdir(exist_ok=True)
    shutil.move(path, _free(target / path.name))


def _free(path: Path) -> Path:
    number = 1
    free = path
    while free.exists():
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return free
