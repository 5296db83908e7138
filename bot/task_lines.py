"""Tasks as `huifang tasks` shows them: whose they are, by when, and whether that is near or over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import TYPE_CHECKING

from bot.desk import Words, words
from followup.desk.codes import code_of
from followup.desk.pressing import Pressing, pressing, until
from followup.model import Instant, Task

if TYPE_CHECKING:
    from bot.app import App
    from store.views import Waiting


def shown(waiting: Waiting, app: App, zone: tzinfo) -> tuple[str, str]:
    """A task's heading and its words; words that came too late are not shown, so that nobody pastes them."""
    task, now = waiting.task, app.clock.now()
    too_late = task.expires_at is not None and task.expires_at <= now
    return " · ".join(filter(None, _parts(waiting, app, zone, now))), "" if too_late else task.text


def _parts(waiting: Waiting, app: App, zone: tzinfo, now: Instant) -> Iterator[str]:
    task, said = waiting.task, words(app.deps.agent_lang)
    yield f"{code_of(task.id)}  {said.name('reasons', task.reason)}"
    yield said("task_urgent") if task.urgent else ""
    yield said("order", order=waiting.order_id) if waiting.order_id else ""
    yield waiting.buyer
    yield task.shop if len(app.deps.policies) > 1 else ""
    yield f"{task.created_at.astimezone(zone):%m-%d %H:%M}"
    yield _whose(task, said, app)
    yield _by_when(task, said, app, zone, now)


def _whose(task: Task, said: Words, app: App) -> str:
    if not task.assignee:
        return ""
    person = app.deps.roster.people.get(task.assignee)
    return said("task_given" if task.taken_at is None else "task_taken", who=person.name if person else task.assignee)


def _by_when(task: Task, said: Words, app: App, zone: tzinfo, now: Instant) -> str:
    """Until when words may be pasted; of any other task by when it is to be done."""
    end, stands = until(task), pressing(task, app.deps.policies.get(task.shop), now)
    if end is None:
        return ""
    told = f"{end.astimezone(zone):%m-%d %H:%M}"
    if task.expires_at is not None:
        return said("too_late" if stands is Pressing.LATE else "valid_until", until=told)
    return said(f"task_{stands.value}", until=told)
