"""A backup every day, and old ones deleted; what a stop has missed is made up for."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo

import structlog
from sqlalchemy.exc import DBAPIError

from bot.backup import forgotten, keeping
from bot.backup.making import make
from bot.backup.manifest import NoBackup
from bot.backup.places import Places
from bot.config import Backup
from followup.model import Instant
from followup.ports import Clock
from handlers.deps import Deps
from handlers.desk.failing_backup import backup_failed, wanted
from scheduler.jobs import Job, every
from store.engine import DatabaseError
from store.store import SqlStore
from store.troubles import trouble_of

log = structlog.get_logger(__name__)
LOOK = 300.0
FAULTS = (DatabaseError, DBAPIError, sqlite3.Error, OSError, ValueError)


def backup_job(
    store: SqlStore, deps: Deps, own: Backup, places: Places, zone: tzinfo, clock: Clock, secrets: Sequence[str] = ()
) -> Job:
    """Makes the backup of the day once its time has come. One that fails is tried again at the next look, and people
    hear of it once a day."""

    async def look() -> None:
        try:
            await asyncio.to_thread(_keep_list, store, own)
            if own.daily_at is not None and is_due(own, own.daily_at, zone, clock.now()):
                await asyncio.to_thread(_make, store, own, places, clock.now(), secrets)
        except FAULTS as error:
            why = reason(error)
            log.error("backup_failed", why=why)
            await store.transact(lambda tx: backup_failed(why, tx, deps, clock.now()), wanted(deps, clock.now()))

    return Job("backup", look, every(LOOK))


def is_due(own: Backup, daily_at: time, zone: tzinfo, now: Instant) -> bool:
    """Whether no backup was made since the last time of day at which one is to be made."""
    local = now.astimezone(zone)
    day = local.date() if local.time() >= daily_at else local.date() - timedelta(days=1)
    last = datetime.combine(day, daily_at, zone)
    newest = next(iter(keeping.kept(own.folder)), None)
    return newest is None or newest.made_at < last


def reason(error: Exception) -> str:
    """Why there is no backup, without any row of the database in it."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    is_ours = isinstance(error, NoBackup | DatabaseError | sqlite3.Error)
    return str(error) if is_ours else trouble_of(error).value or type(error).__name__


def _keep_list(store: SqlStore, own: Backup) -> None:
    """Whoever was forgotten meanwhile is on the list beside the backups."""
    with store.engine.connect() as connection:
        forgotten.keep(connection, own.folder)


def _make(store: SqlStore, own: Backup, places: Places, now: Instant, secrets: Sequence[str]) -> None:
    made = make(store, places, own.folder, now, evidence=own.evidence, secrets=secrets)
    gone = keeping.prune(own.folder, own.keep, own.keep_days, now)
    _keep_list(store, own)
    log.info("backup_made", name=made.path.name, size=made.path.stat().st_size, deleted=len(gone))
