"""What is meant on the command line: a thread's id, an order's number or a task's code; and times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.commands.common import mistake, zone_of

if TYPE_CHECKING:
    from bot.app import App
    from followup.model import Instant, Thread

TIMES = "30m, 2h, 明天9点, “tomorrow 9 am” or “2026-11-25 15:00”"


@dataclass(frozen=True, slots=True)
class Meant:
    """A thread, or a chat in which nothing is followed up, and the task of it that was named, if one was."""

    thread: str
    task: str = ""

    @property
    def shop(self) -> str:
        """Whose it is."""
        return self.thread.partition("/")[0]


def meant(app: App, given: str) -> Meant:
    """What a thread's id, an order's number, a task's code or a chat's id means; anything else ends the command."""
    from store import views
    from store.him import is_chat

    with app.store.engine.connect() as connection:
        threads = views.threads_meant(connection, given)
        if threads:
            return Meant(_one(threads, given).id)
        if task := _task(given, views.open_task_ids(connection)):
            return Meant(views.thread_of_task(connection, task), task)
        if is_chat(connection, given):
            return Meant(given)
    raise mistake(f"there is no thread, order or open task {given!r}; `huifang threads` and `huifang tasks` list them")


def _one(found: list[Thread], given: str) -> Thread:
    """The thread that is open, else the newest."""
    still_open = [thread for thread in found if not thread.state.closed]
    if len(still_open) > 1:
        raise mistake(f"order {given} has several open threads, name one: {', '.join(each.id for each in still_open)}")
    return still_open[0] if still_open else max(found, key=lambda thread: thread.opened_at)


def _task(given: str, ids: list[str]) -> str:
    from followup.desk.codes import Unclear, meant

    try:
        return meant(given, ids)
    except Unclear as error:
        if "there is no open task" in str(error):
            return ""
        raise mistake(error) from None


def moment(app: App, given: str, shop: str) -> Instant:
    """The moment that a time means in a shop, later than now; anything else ends the command."""
    from zoneinfo import ZoneInfo

    from handlers.desk.typed import until

    zone, now = zone_of(app, shop), app.clock.now()
    assert isinstance(zone, ZoneInfo)
    found = until(given, now, zone)
    if found is None:
        raise mistake(f"{given!r} is no time within the next 60 days; expected {TIMES}")
    return found
