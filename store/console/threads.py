"""A page of threads: what needs a person first, by when it is due; then the others, those last touched first.

A page begins behind (or ends before) a place in that order, not at a number, so that it costs the same however far down
it is and nothing is shown twice when something is added above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select

from followup.model import Instant
from store.among import among
from store.console.thread_filter import Asked, fits, found
from store.console.thread_rows import Row, listed, rows, rows_of
from store.schema import after_sales, in_state, tasks, threads

__all__ = ["MANY", "SIZE", "Asked", "Page", "Place", "Row", "page", "rows_of"]

SIZE, MANY, SEARCHED = 50, 100, 2000
"""Rows of a page; above how many nobody counts; and how many matches of a search are listed, the newest of them."""
_by = func.coalesce(tasks.c.due_at, tasks.c.created_at)
_waiting = (
    select(tasks.c.thread, func.min(_by).label("due"))
    .where(in_state(tasks, "open"))
    .group_by(tasks.c.thread)
    .subquery("waiting")
)
_threads = select(threads.c.id).outerjoin_from(threads, after_sales, after_sales.c.thread == threads.c.id)


@dataclass(frozen=True, slots=True)
class Place:
    """A thread's place in the order: whether it needs a person, the moment by which that is sorted (in microseconds),
    and its id."""

    waits: bool
    at: int
    thread: str

    def __str__(self) -> str:
        return f"{'w' if self.waits else 'r'}{self.at}-{self.thread}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """The place that was written as this text; None if it is none."""
        at, _, thread = text[1:].partition("-")
        is_one = text[:1] in ("w", "r") and at.isascii() and at.isdigit() and len(at) <= 17 and thread
        return cls(text[0] == "w", int(at), thread) if is_one else None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in their order; the page before ends at `newer`, the next begins behind `older` (None: there is none).
    `count` is how many there are in all; one more than MANY stands for all above."""

    rows: tuple[Row, ...]
    count: int
    newer: Place | None = None
    older: Place | None = None


def page(
    connection: Connection,
    asked: Asked,
    now: Instant,
    after: Place | None = None,
    before: Place | None = None,
    size: int = SIZE,
) -> Page:
    """The first rows that are asked for, those after a place, or those before one (the first, if they are not enough
    for a page)."""
    walk = _Walk(connection, asked, now)
    back, place = before is not None, before or after
    some = walk.steps(place, back, size + 1)
    if back and len(some) <= size:
        back, place = False, None
        some = walk.steps(place, back, size + 1)
    is_more, shown = len(some) > size, some[:size]
    if back:
        shown.reverse()
    newer, older = (is_more, True) if back else (place is not None, is_more)
    ends = [_place(row) for row in (shown[0], shown[-1])] if shown else [None, None]
    return Page(tuple(rows(connection, shown)), walk.count, ends[0] if newer else None, ends[1] if older else None)


class _Walk:
    """The order of the threads that are asked for. They are counted first: where they are few they are sorted when they
    are found, for going through all threads by time to find a few takes long."""

    def __init__(self, connection: Connection, asked: Asked, now: Instant) -> None:
        self._connection, self._where = connection, fits(asked, now)
        self._ids = self._search(asked.words.strip())
        if self._ids is not None:
            self._where = [among(threads.c.id)]
        self.count = self._counted() if self._ids is None else min(len(self._ids), MANY + 1)
        self._are_few = self._ids is not None or self.count <= MANY
        self._parts = [True] if asked.needs_person else [True, False]

    def steps(self, place: Place | None, back: bool, limit: int) -> list[Any]:
        """What comes next from a place (or before it): first in its own part of the order, then in the other."""
        parts = self._parts[::-1] if back else self._parts
        if place and place.waits in parts:
            parts = parts[parts.index(place.waits) :]
        some: list[Any] = []
        for waits in parts if self.count else ():
            here = place if place and place.waits == waits else None
            if len(some) < limit:
                some += self._run(self._part(waits, here, back).limit(limit - len(some)))
        return some

    def _search(self, words: str) -> list[str] | None:
        """The threads in which the words are found, those that are newest; None if nothing is looked for."""
        if not words:
            return None
        matches = _threads.where(*self._where, threads.c.id.in_(found(words)))
        matches = matches.order_by((threads.c.active_at + 0).desc(), threads.c.id.desc()).limit(SEARCHED)
        return list(self._connection.execute(matches).scalars())

    def _counted(self) -> int:
        some = _threads.where(*self._where).limit(MANY + 1).subquery()
        return self._connection.execute(select(func.count()).select_from(some)).scalar_one()

    def _part(self, waits: bool, place: Place | None, back: bool) -> Select[Any]:
        """Those that need a person, the first due first, or the others, the newest first; backwards the other way."""
        up, at = waits != back, cast("ColumnElement[int]", _waiting.c.due)
        if waits:
            statement = listed.join(_waiting, _waiting.c.thread == threads.c.id)
        else:
            statement = listed.where(threads.c.id.not_in(select(_waiting.c.thread)))
            at = threads.c.active_at + 0 if self._are_few else threads.c.active_at
        statement = statement.add_columns(literal(waits).label("waits"), at.label("sorted_by")).where(*self._where)
        order = (at.asc(), threads.c.id.asc()) if up else (at.desc(), threads.c.id.desc())
        return (statement if place is None else statement.where(*_beyond(at, place, up))).order_by(*order)

    def _run(self, statement: Select[Any]) -> Sequence[Any]:
        return self._connection.execute(statement, {} if self._ids is None else {"ids": self._ids}).all()


def _beyond(at: ColumnElement[Any], place: Place, up: bool) -> Sequence[ColumnElement[bool]]:
    """What comes behind a place; the first condition is what an index can begin with."""
    id_ = threads.c.id
    if up:
        return at >= place.at, (at > place.at) | (id_ > place.thread)
    return at <= place.at, (at < place.at) | (id_ < place.thread)


def _place(row: Any) -> Place:
    return Place(bool(row.waits), row.sorted_by, row.id)
