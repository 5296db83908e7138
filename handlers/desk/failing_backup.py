"""No backup could be made: a person hears of it, once a day."""

from __future__ import annotations

from followup.model import Instant, Segment, Task
from handlers.deps import Deps
from handlers.desk.giving import give
from store.tx import Tx
from store.wanted import Wanted

REASON = "backup_failed"


def wanted(deps: Deps, now: Instant) -> Wanted:
    """The task of the day, if there is one."""
    return Wanted(tasks=(_id(deps, now),))


def backup_failed(error: str, tx: Tx, deps: Deps, now: Instant) -> Task:
    """Give a task about it to the people of the first shop."""
    shop, id_ = next(iter(deps.policies)), _id(deps, now)
    words = deps.scripts.render(f"agent.{REASON}", deps.agent_lang, {"error": error}, Segment.NEW, (), id_)
    return give(Task(id_, shop, f"{shop}/{REASON}", REASON, words.text, now), tx, deps)


def _id(deps: Deps, now: Instant) -> str:
    return f"{next(iter(deps.policies))}/{REASON}/{now:%Y-%m-%d}"
