"""Handing over at the end of a shift, and the digest of some days: what is kept of them, and posted to the people."""

from __future__ import annotations

from dataclasses import replace

from followup.desk.digest import Digest
from followup.desk.handover import Clearing, Handing
from followup.desk.records import Handover
from followup.model import Instant, Task, TaskState
from handlers.deps import Deps
from handlers.desk.giving import give
from handlers.desk.posting import post
from store.routine_views import digests_of
from store.tx import Tx

NOTICE = "notice"


def hand_over(told: Handing, text: str, tx: Tx, deps: Deps) -> Handover:
    """Keep what a shift leaves, and tell the next one in the shop's group, once (rule 104)."""
    tx.save(told.record)
    post("", NOTICE, told.id, text, tx, deps, told.made_at, told.shop)
    return told.record


def clear(cleared: Clearing, tx: Tx, now: Instant) -> None:
    """Nothing of a handover is left to do."""
    tx.save(replace(cleared.handover, cleared_at=now))


def tell_digest(told: Digest, text: str, tx: Tx, deps: Deps, now: Instant) -> Task:
    """Keep a digest, and post it to the shop's group if there is anything to tell (rules 44, 102)."""
    thread = digests_of(told.shop)
    id_ = f"{thread}/{told.until:%Y-%m-%dT%H:%MZ}"
    if not told.is_empty:
        post("", NOTICE, id_, text, tx, deps, now, told.shop)
    done = Task(id_, told.shop, thread, "digest", text, now, TaskState.DONE, closed_at=now, closed_by="huifang")
    return give(done, tx, deps)
