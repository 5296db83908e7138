"""What was written to the shop's own people and does not reach them: never a matter between a buyer and the shop."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from followup.desk.alerting import UNDELIVERED
from followup.model import Instant, Outgoing, OutgoingState, Role, Segment, Task, TaskState
from handlers.deps import Deps
from handlers.desk.giving import give
from store.tx import Tx

LONGEST = 300
LONG = timedelta(hours=1)


def is_for_us(message: Outgoing) -> bool:
    """Whether a message goes to the shop's own people."""
    return message.role is Role.ALERT


def undelivered(message: Outgoing, state: OutgoingState, error: str, tx: Tx, deps: Deps, now: Instant) -> None:
    """Keep that a message to the shop's people never goes. If it was refused, or tried for long, they hear of that by
    the other ways, and `huifang tasks` shows it until the way works again. What was only to be changed is no loss."""
    why = error or message.error
    tx.save(replace(message, state=state, error=why))
    is_over = state is OutgoingState.FAILED or (message.attempts and now - message.created_at >= LONG)
    if not is_over or message.edits:
        return
    thread = f"{message.shop}/{message.channel}"
    if not any(task.reason == UNDELIVERED for task in tx.open_tasks(thread)):
        id_ = f"{thread}/{UNDELIVERED}/{now:%Y-%m-%dT%H}"  # at the most one an hour, if it comes and goes
        facts = {"channel": message.channel, "error": why[:LONGEST]}
        words = deps.scripts.render(f"agent.{UNDELIVERED}", deps.agent_lang, facts, Segment.NEW, (), id_)
        give(Task(id_, message.shop, thread, UNDELIVERED, words.text, now), tx, deps)


def is_way(channel: str, deps: Deps) -> bool:
    """Whether a channel leads to the shop's own people."""
    groups = {place.channel for place in deps.places.values()}
    return channel in groups | {service.channel for service in deps.services}


def works_again(channel: str, tx: Tx, deps: Deps, now: Instant) -> None:
    """A way to the shop's people has taken something: nobody needs to look at it any more."""
    for task in [task for shop in deps.policies for task in tx.open_tasks(f"{shop}/{channel}")]:
        if task.reason == UNDELIVERED:
            tx.save(replace(task, state=TaskState.CANCELLED, closed_at=now, answer="alerts get through again"))
