"""The day's routine: a handover at the end of each shift, a digest by cause on its days (rules 44, 102, 104).

What a stop of the program has missed is made up for at the next look, once, for the last shift and the last digest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import structlog
from sqlalchemy import Connection

from followup.desk.digest import Digest, digest, slots
from followup.desk.handover import Clearing, Handing, by_urgency, handover_id
from followup.desk.hours import Turn, next_shift_end, shift_ends
from followup.desk.records import Handover
from followup.model import Instant
from followup.policy import Policy
from followup.ports import Clock
from handlers.deps import Deps
from handlers.desk.handing_over import clear, hand_over, tell_digest
from scheduler.jobs import Job, every
from store import routine_views
from store.engine import steady
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx

T = TypeVar("T")
log = structlog.get_logger(__name__)
LOOK = timedelta(minutes=2)
BACK = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Document:
    """A document whole, in Markdown, for a file; and as it is posted, shorter and without marks."""

    text: str
    posted: str


class Paper(Protocol):
    """Writes documents for people, and keeps them as files; the same name is written anew."""

    def handover(self, told: Handing) -> Document: ...

    def digest(self, told: Digest) -> Document: ...

    def keep(self, shop: str, name: str, text: str) -> Path: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What is made, and when: times of day in each shop's zone."""

    handover: bool = True
    digest_on: frozenset[int] = frozenset({0})
    digest_at: time = time(9, 0)


def routine_jobs(store: SqlStore, deps: Deps, clock: Clock, paper: Paper, plan: Plan) -> Iterator[Job]:
    """For each shop a look every few minutes whether a handover or a digest is due."""
    for shop in deps.policies:
        if plan.handover:
            work = partial(hand_over_if_due, shop, store, deps, clock, paper)
            yield Job(f"handover/{shop}", work, every(LOOK.total_seconds()))
        if plan.digest_on:
            work = partial(digest_if_due, shop, store, deps, clock, paper, plan)
            yield Job(f"digest/{shop}", work, every(LOOK.total_seconds()))


async def hand_over_if_due(shop: str, store: SqlStore, deps: Deps, clock: Clock, paper: Paper) -> None:
    """Hand over what the last shift left, unless that was done; else see whether the last handover is cleared. A shift
    before the program was there left nothing."""
    now, policy = clock.now(), deps.policy(shop)
    turn = last_turn(policy, now)
    if turn is None:
        return
    last = await _aside(store, lambda connection: routine_views.last_handover(connection, shop))
    if last is None and not await _aside(store, partial(_had_work, shop, turn)):
        return
    if _is_due(last, turn):
        await _hand_over(shop, turn, store, deps, now, paper)
    elif last is not None and last.cleared_at is None:
        cleared = await _aside(store, lambda connection: routine_views.clearing(connection, last))
        if cleared.is_cleared:
            await store.transact(lambda tx: clear(cleared, tx, now))


async def digest_if_due(shop: str, store: SqlStore, deps: Deps, clock: Clock, paper: Paper, plan: Plan) -> None:
    """Tell of the days since the digest before, unless that was done since it was last due."""
    now, policy = clock.now(), deps.policy(shop)
    due = slots(now, policy.zone, plan.digest_on, plan.digest_at)
    if due is None or not await _aside(store, partial(_is_untold, shop, due[1])):
        return
    told = await _aside(store, partial(read_digest, shop, *due))
    written = paper.digest(told)
    if not told.is_empty:
        paper.keep(shop, f"digest-{due[1].astimezone(policy.zone):%Y-%m-%d}.md", written.text)

    def tell(tx: Tx) -> None:
        if _is_untold(shop, due[1], _of(tx)):
            tell_digest(told, written.posted, tx, deps, now)

    await store.transact(tell)
    log.info("digest_told", shop=shop, matters=told.matters)


def current_turn(policy: Policy, now: Instant) -> Turn | None:
    """The shift at work, as if it ended now; else the one that ended last."""
    ends = shift_ends(policy.hours, policy.zone, now, now + BACK)
    at_work = next((turn for turn in ends if turn.opens_at <= now), None)
    return replace(at_work, closes_at=now) if at_work else last_turn(policy, now)


def last_turn(policy: Policy, now: Instant) -> Turn | None:
    """The shift of a shop that ended last, within the last days."""
    ended = shift_ends(policy.hours, policy.zone, now - BACK, now)
    return ended[-1] if ended else None


def file_of(handover: Handover, policy: Policy) -> str:
    """The name of a handover's file: the day on which the shift ended, its hour, and its name."""
    return f"handover-{handover.ended_at.astimezone(policy.zone):%Y-%m-%d-%H%M}-{handover.shift}.md"


def read_handing(shop: str, turn: Turn, now: Instant, policy: Policy, connection: Connection) -> Handing:
    """What a shift leaves, as it stands now."""
    matters = by_urgency(routine_views.open_matters(connection, shop), now, _soon(policy, now))
    figures = routine_views.counts(connection, shop, turn.opens_at, turn.closes_at, len(matters))
    last = routine_views.last_handover(connection, shop)
    if last is not None and last.id == handover_id(shop, turn.shift.name, turn.closes_at):
        last = None
    before = routine_views.clearing(connection, last) if last and last.threads else None
    return Handing(shop, turn.shift.name, turn.opens_at, turn.closes_at, now, matters, figures, before)


def read_digest(shop: str, since: Instant, until: Instant, connection: Connection) -> Digest:
    """The matters of that time by cause, against those of as long a time before."""
    entries = routine_views.entries(connection, shop, since, until)
    return digest(shop, since, until, entries, routine_views.entries(connection, shop, since - (until - since), since))


def read_clearing(shop: str, connection: Connection) -> Clearing | None:
    """How the last handover of a shop was cleared so far; None if there was none."""
    last = routine_views.last_handover(connection, shop)
    return routine_views.clearing(connection, last) if last else None


def reading(store: SqlStore, look: Callable[[Connection], T]) -> T:
    """What `look` finds at one moment, on a connection that holds up nobody who writes."""
    with store.engine.connect() as connection:
        steady(connection)
        return look(connection)


async def _aside(store: SqlStore, look: Callable[[Connection], T]) -> T:
    """The same beside the loop: a shop with a hundred thousand matters takes a second."""
    return await asyncio.to_thread(reading, store, look)


async def _hand_over(shop: str, turn: Turn, store: SqlStore, deps: Deps, now: Instant, paper: Paper) -> None:
    told = await _aside(store, partial(read_handing, shop, turn, now, deps.policy(shop)))
    written = await asyncio.to_thread(paper.handover, told)
    file = paper.keep(shop, file_of(told.record, deps.policy(shop)), written.text)

    def keep(tx: Tx) -> None:
        if _is_due(routine_views.last_handover(_of(tx), shop), turn):
            hand_over(told, written.posted, tx, deps)

    await store.transact(keep)
    log.info("handed_over", shop=shop, shift=told.shift, matters=len(told.matters), file=file.name)


def _had_work(shop: str, turn: Turn, connection: Connection) -> bool:
    return routine_views.has_followed(connection, shop, turn.closes_at)


def _is_due(last: Handover | None, turn: Turn) -> bool:
    return last is None or last.ended_at < turn.closes_at


def _is_untold(shop: str, due: Instant, connection: Connection) -> bool:
    last = routine_views.last_digest(connection, shop)
    return last is None or last.created_at < due


def _soon(policy: Policy, now: Instant) -> Instant:
    """By when the next shift ends."""
    try:
        return next_shift_end(policy.hours, policy.zone, now)
    except ValueError:
        return now + BACK


def _of(tx: Tx) -> Connection:
    assert isinstance(tx, SqlTx)
    return tx.connection
