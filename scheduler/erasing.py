"""Erases buyers: in the database first, then their files. What a crash leaves undone is done at the next look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, cast

import structlog

from followup.model import Instant, Segment
from followup.ports import Clock
from handlers.deps import Deps
from handlers.desk.erasing import (
    Erased,
    NotNow,
    deleted,
    erase,
    files_left,
    is_unscrubbed,
    requests,
    scrubbing_done,
    wanted,
)
from handlers.desk.posting import post
from scheduler.jobs import Job, every
from store import erasing
from store import him as known
from store.him import Him
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx

log = structlog.get_logger(__name__)
TRIES = 3
LOOK = 30


class Files(Protocol):
    """Where files of evidence stand."""

    def remove(self, path: str) -> None: ...


Papers = Callable[[Him], Sequence[Path]]
"""Finds the documents for the shop's people that name a buyer, which a person has to delete: they name others too."""


def find(store: SqlStore, shop: str, buyer: str) -> Him:
    """All that is known of a buyer now."""
    with store.engine.connect() as connection:
        return known.find(connection, shop, buyer)


def erase_buyer(shop: str, buyer: str, who: str, store: SqlStore, deps: Deps, now: Instant, files: Files) -> Erased:
    """Erase a buyer for good, and delete his files. Raises NotNow."""
    done = _erase(shop, buyer, who, store, deps, now)
    delete_files(store, files)
    scrubbed(store)
    return done


def scrubbed(store: SqlStore) -> bool:
    """Have the database forget for good what erased rows held, if that is still to be done; False if it is to be tried
    again."""
    if not store.run(lambda tx: is_unscrubbed(cast(SqlTx, tx))):
        return True
    done = erasing.scrub(store.engine)
    if done:
        store.run(lambda tx: scrubbing_done(cast(SqlTx, tx)))
    return done


def _erase(shop: str, buyer: str, who: str, store: SqlStore, deps: Deps, now: Instant) -> Erased:
    for left in reversed(range(TRIES)):
        him = find(store, shop, buyer)
        try:
            return store.run(partial(_erased, him, who, deps=deps, now=now), wanted(him))
        except NotNow:
            if not left:
                raise
    raise AssertionError("unreachable")


def _erased(him: Him, who: str, tx: Tx, deps: Deps, now: Instant) -> Erased:
    return erase(him, who, cast(SqlTx, tx), deps, now)


def delete_files(store: SqlStore, files: Files) -> None:
    """Delete the files of everybody who was erased; one that cannot be deleted is tried again at the next look."""
    left = store.run(lambda tx: files_left(cast(SqlTx, tx)))
    gone = [path for path in left if _removed(path, files)]
    if gone:
        store.run(lambda tx: deleted(gone, cast(SqlTx, tx)))


def _removed(path: str, files: Files) -> bool:
    try:
        files.remove(path)
    except OSError as error:
        log.error("file_not_deleted", error=error.strerror or type(error).__name__)
        return False
    return True


def erasing_job(store: SqlStore, deps: Deps, clock: Clock, files: Files, papers: Papers = lambda _: ()) -> Job:
    """Erases whom an owner wanted erased in the group, and says so there, with what is left for a person to delete."""

    async def look() -> None:
        await asyncio.to_thread(_look, store, deps, clock, files, papers)

    return Job("erasing", look, every(LOOK))


def _look(store: SqlStore, deps: Deps, clock: Clock, files: Files, papers: Papers) -> None:
    for shop, buyer, who in _asked(store):
        naming = papers(find(store, shop, buyer))
        try:
            done = erase_buyer(shop, buyer, who, store, deps, clock.now(), files)
        except NotNow:
            continue
        log.info("buyer_erased", shop=shop, orders=done.orders, threads=done.threads, files=len(done.files))
        store.run(partial(_tell, shop, done, naming, deps=deps, now=clock.now()))
    delete_files(store, files)
    scrubbed(store)


def _asked(store: SqlStore) -> Sequence[tuple[str, str, str]]:
    return store.run(lambda tx: requests(cast(SqlTx, tx)))


def _tell(shop: str, done: Erased, papers: Sequence[Path], tx: Tx, deps: Deps, now: Instant) -> None:
    named = ", ".join(path.name for path in papers)
    facts = {"orders": done.orders, "files": len(done.files), "who": done.pseudonym, "papers": named}
    text = deps.scripts.render("desk.erased", deps.agent_lang, facts, Segment.NEW, (), "").text
    post("", "answer", f"erased/{done.pseudonym}/{now:%Y-%m-%dT%H:%M:%S}", text, tx, deps, now, shop)
