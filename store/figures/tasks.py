"""What people were given to do, and how soon they took it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from followup.model import TaskState
from store.figures.counting import Cut, count, label, number_of, sample
from store.figures.scope import By, Scope
from store.figures.tally import Tally
from store.figures.unpaid import ANGRY
from store.schema import tasks as tasks_table
from store.schema import threads

DIGEST = "digest"
"""A record of what people were told, which nobody is to do."""
_of = tasks_table.c


def tasks(connection: Connection, scope: Scope, into: Tally) -> None:
    """Count the tasks given in the period and the complaints among them, those done in it, and how long each that was
    given waited until somebody took it."""
    cut = _cut(_of.created_at, _of.assignee, scope)
    given = _select(scope, _of.created_at, label(cut), func.count(), number_of(_of.reason == ANGRY)).group_by("part")
    count(connection, scope, into, cut, ["tasks_given", "complaints"], given)
    took = _select(scope, _of.created_at, label(cut), _of.taken_at - _of.created_at)
    sample(connection, scope, into, cut, "task_taken", took.where(_of.taken_at >= _of.created_at))
    cut = _cut(_of.closed_at, _of.closed_by, scope)
    done = _select(scope, _of.closed_at, label(cut), func.count()).where(_of.state == TaskState.DONE.value)
    count(connection, scope, into, cut, ["tasks_done"], done.group_by("part"))


def _cut(at: ColumnElement[int], agent: ColumnElement[str], scope: Scope) -> Cut:
    return scope.cut(at, agent, func.coalesce(threads.c.kind, ""))


def _select(scope: Scope, at: ColumnElement[int], *what: Any) -> Select[Any]:
    found: Select[Any] = select(*what).where(_of.shop == scope.shop, _of.reason != DIGEST, scope.during(at))
    if scope.by is By.KIND:
        return found.outerjoin_from(tasks_table, threads, threads.c.id == _of.thread)
    return found
