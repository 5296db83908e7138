"""Watching the folder of exports: a file that has stopped growing is imported and moved to `done`."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from bot.config import Config
from bot.importing import Imported, import_file
from bot.orders.sources import open_source
from followup.ports import Clock, UnknownFormat
from handlers.deps import Deps
from scheduler.jobs import Job, every
from store.store import Store

log = structlog.get_logger(__name__)
SUFFIXES = {".csv", ".xlsx", ".jsonl", ".ndjson"}
SETTLED = timedelta(seconds=2)
Looks = tuple[int, int]


class Watch:
    """`folder/<shop>/*` holds new exports; they end in `folder/<shop>/done`, unreadable ones in `…/unreadable`.

    Where there is only one shop, the folder itself is its own as well.
    """

    def __init__(self, config: Config, store: Store, deps: Deps, clock: Clock) -> None:
        self._config, self._store, self._deps, self._clock = config, store, deps, clock
        self._root = config.orders.folder
        self._seen: dict[Path, Looks] = {}
        self._finished: dict[Path, Looks] = {}

    async def look(self) -> None:
        """Import what lies there."""
        try:
            await self._look()
        except OSError as error:
            log.error("orders_folder_unusable", folder=str(self._root), why=error.strerror or str(error))

    async def _look(self) -> None:
        shops = list(self._deps.policies)
        for shop in shops:
            for path in self._ready(self._root / shop):
                await self._import(shop, path)
        for path in self._ready(self._root):
            if len(shops) == 1:
                await self._import(shops[0], path)
            else:
                self._finished[path] = _looks(path)
                log.warning("orders_of_which_shop", file=path.name, put_it_into=f"{self._root}/<shop>/")

    def _ready(self, folder: Path) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        files = [path for path in folder.iterdir() if _is_export(path) and self._is_still(path)]
        return sorted(files, key=lambda path: path.stat().st_mtime_ns)

    def _is_still(self, path: Path) -> bool:
        """Whether nobody writes to it: for two seconds by our clock, or since the last look if that is of no use."""
        looks, before = _looks(path), self._seen.get(path)
        self._seen[path] = looks
        if looks == self._finished.get(path):
            return False
        age = self._clock.now() - datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return age >= SETTLED or (age < timedelta() and looks == before)

    async def _import(self, shop: str, path: Path) -> None:
        settings = self._config.shops[shop]
        try:
            source = open_source(path, shop, self._deps.policy(shop).zone, settings.currency)
            imported = await import_file(path, source, self._store, self._deps, self._clock)
        except (UnknownFormat, OSError) as error:
            # A table without its headings begins with somebody's row: the log does not say what the file holds.
            why = error.sentence if isinstance(error, UnknownFormat) else error.strerror or type(error).__name__
            log.error("orders_unreadable", file=path.name, why=why)
            self._move(path, "unreadable")
            return
        _tell(path, imported)
        for file in filter(None, (imported.rejected_file, path)):
            self._move(file, "done")

    def _move(self, path: Path, into: str) -> None:
        target = path.parent / into
        try:
            target.mkdir(exist_ok=True)
            shutil.move(path, _free(target / path.name))
        except OSError as error:
            self._finished[path] = _looks(path)
            log.error("orders_not_moved", file=path.name, into=into, why=error.strerror or str(error))


def watch_job(config: Config, store: Store, deps: Deps, clock: Clock) -> Job:
    """The regular look into the folder, the first before anybody is reminded of what an export may have settled."""
    watch = Watch(config, store, deps, clock)
    return Job("orders", watch.look, every(config.orders.poll_seconds), at_start=True)


def _is_export(path: Path) -> bool:
    """Not what a link leads to: whoever may put files here need not be one who may read all others."""
    is_file = path.is_file() and not path.is_symlink()
    return path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "~$")) and is_file


def _looks(path: Path) -> Looks:
    """What changes when somebody writes to the file."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _tell(path: Path, imported: Imported) -> None:
    counts = {change.value: count for change, count in imported.counts.items()}
    log.info("orders_imported", file=path.name, rejected=len(imported.rejected), **counts)
    if imported.trouble:
        log.warning("rejected_rows_not_written", file=path.name, why=imported.trouble)


def _free(path: Path) -> Path:
    number = 1
    free = path
    while free.exists():
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return free
