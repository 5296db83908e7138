"""The picture of the day, posted to the people of each shop at its hour, once a day (rule 100)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from functools import partial
from pathlib import Path

import structlog

from followup.model import Attachment, Instant, Media, Outgoing
from followup.ports import Clock
from handlers.deps import Deps
from handlers.desk.posting import post
from scheduler.jobs import Job, every
from store.store import SqlStore
from store.tx import Tx
from store.wanted import Wanted

log = structlog.get_logger(__name__)
LOOK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, and the line under it."""

    path: Path
    caption: str


Draw = Callable[[str, Instant], Drawn]
"""Draws the day of a shop as it is now; runs in a thread of its own."""


def picture_jobs(store: SqlStore, deps: Deps, clock: Clock, draw: Draw, at: time) -> Iterator[Job]:
    """For each shop whose people have a group a look every few minutes whether its picture is due."""
    for shop in deps.policies:
        if shop in deps.places:
            work = partial(post_if_due, shop, store, deps, clock, draw, at)
            yield Job(f"picture/{shop}", work, every(LOOK.total_seconds()))


async def post_if_due(shop: str, store: SqlStore, deps: Deps, clock: Clock, draw: Draw, at: time) -> None:
    """Draw and post the day of a shop once its hour has come, unless that was done today. A day that the program was
    not running is left out."""
    now = clock.now()
    local = now.astimezone(deps.policy(shop).zone)
    key = f"picture/{shop}/{local:%Y-%m-%d}"
    if local.time() < at or await store.transact(partial(_is_posted, key), _wanted(key)):
        return
    drawn = await asyncio.to_thread(draw, shop, now)
    await store.transact(partial(_post, key, shop, drawn, deps, now), _wanted(key))
    log.info("picture_posted", shop=shop, file=drawn.path.name)


def _id(key: str) -> str:
    return f"desk/notice/{key}"


def _wanted(key: str) -> Wanted:
    return Wanted(outgoing=(_id(key),))


def _is_posted(key: str, tx: Tx) -> bool:
    return tx.get(Outgoing, _id(key)) is not None


def _post(key: str, shop: str, drawn: Drawn, deps: Deps, now: Instant, tx: Tx) -> None:
    if _is_posted(key, tx):
        return
    picture = Attachment(Media.PHOTO, str(drawn.path), drawn.path.name, "image/png", drawn.path.stat().st_size)
    post("", "notice", key, drawn.caption, tx, deps, now, shop, attachments=(picture,))
