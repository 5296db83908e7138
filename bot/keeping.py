"""The regular work that keeps a shop's data, and lets go of it: backups, and what was kept long enough."""

from __future__ import annotations

from pathlib import Path

from bot.backup.job import backup_job
from bot.backup.places import places
from bot.config import Config, Retention
from followup.ports import Clock
from handlers.deps import Deps
from scheduler.erasing import Files
from scheduler.jobs import Job
from scheduler.retention import retention_job
from store.retention import Days
from store.store import SqlStore


def keeping_jobs(
    config: Config, store: SqlStore, deps: Deps, clock: Clock, files: Files, file: Path | None
) -> tuple[Job, Job]:
    """The backup of the day, and the retention; `files` is where those of buyers stand, `file` the configuration."""
    zone = deps.policies[next(iter(config.shops))].zone
    found = places(config, file)
    return (
        backup_job(store, deps, config.backup, found, zone, clock, config.known_secrets()),
        retention_job(store, days_of(config.retention), clock, files),
    )


def days_of(own: Retention) -> Days:
    """How long each kind of data is kept, by its name; what is kept for good is not in it."""
    return {name: days for name, days in own.model_dump().items() if days}
