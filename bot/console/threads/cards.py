"""What the list says of a thread, in words: data alone, which the browser shows as text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from bot.console.desk import Desk, Visit
from bot.console.parts import when
from bot.report.labels import labels
from bot.routine.names import names as routine_names
from followup.desk.deadlines import Deadline
from followup.model import Instant, Reminder
from store.console.thread_rows import BUYER, HUIFANG, Row, Word, pressing

LINE = 140


@dataclass(frozen=True)
class Cards:
    """Says it for one who looks, by the clock of each shop."""

    desk: Desk
    visit: Visit
    now: Instant

    def card(self, row: Row) -> dict[str, Any]:
        """All that is shown of a thread."""
        thread, zone = row.thread, self.desk.zone(row.thread.shop)
        names, own = self.visit.names, routine_names(self.visit.lang)
        ended = names.name("outcomes", thread.outcome) if thread.state.closed and thread.outcome else ""
        return {
            "id": thread.id,
            "order": thread.order_id or row.buyer,
            "buyer": row.buyer if thread.order_id else "",
            "goods": row.goods,
            "shop": thread.shop if len(self.desk.deps.policies) > 1 else "",
            "kind": names.name("kinds", thread.kind),
            "state": names.name("states", thread.state.value),
            "over": thread.state.closed,
            "flag": {"colour": thread.flag, "name": own.of("flags", thread.flag)} if thread.flag else None,
            "agent": self.who(thread.agent),
            "opened": when(thread.opened_at, zone, self.now),
            "outcome": names("also").join(filter(None, (ended, own.of("causes", row.cause)))),
            "last": self._last(row.last, zone) if row.last else None,
            "next": self._next(row.next, zone) if row.next else None,
            "clock": self._clock(row.clock, zone) if row.clock else None,
            "tasks": self._tasks(row, zone) if row.tasks else None,
        }

    def who(self, id_: str) -> str:
        """What one of the shop's people, the buyer or the bot is called."""
        if id_ in (BUYER, HUIFANG):
            return self.visit.names(id_)
        person = self.desk.deps.roster.people.get(id_)
        return (person.name or id_) if person else id_

    def _last(self, word: Word, zone: tzinfo) -> dict[str, str]:
        return {"who": self.who(word.who), "at": when(word.at, zone, self.now), "text": line(word.text)}

    def _next(self, planned: Reminder, zone: tzinfo) -> dict[str, str]:
        """What is said next; of what is kept back until the buyer writes, why."""
        held = labels(self.visit.lang)["verdicts"].get(planned.error, "") if planned.error else ""
        step = self.visit.names.step(planned.step)
        return {"what": step, "at": when(planned.due_at, zone, self.now), "held": held}

    def _clock(self, clock: Deadline, zone: tzinfo) -> dict[str, str]:
        how = "late" if clock.is_late(self.now) else "risk" if clock.is_at_risk(self.now) else "calm"
        if clock.is_paused and how == "calm":
            how = "paused"
        what = self.visit.names.name("clocks", clock.due)
        return {"what": what, "at": when(clock.due_at, zone, self.now), "how": how}

    def _tasks(self, row: Row, zone: tzinfo) -> dict[str, Any]:
        first = row.tasks[0]
        return {
            "what": self.visit.names.name("reasons", first.reason),
            "more": len(row.tasks) - 1,
            "at": when(pressing(first), zone, self.now) if first.due_at else "",
            "late": first.due_at is not None and first.due_at <= self.now,
            "urgent": any(task.urgent for task in row.tasks),
            "who": self.who(first.assignee) if first.assignee != row.thread.agent else "",
        }


def line(text: str) -> str:
    """A text in one line that is not too long."""
    words = " ".join(text.split())
    return words if len(words) <= LINE else f"{words[: LINE - 1]}…"
