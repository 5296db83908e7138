"""A shop whose people have a group, and perhaps services beside it: what they are told, and what they do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self

from bot.desk import words
from followup.desk import alerting
from followup.desk.people import Person, Rank, Roster
from followup.desk.places import Place, Service
from followup.events import Action, AgentActed, Refusal
from followup.model import Instant, Outgoing, Task, TaskState
from followup.policy import Policy
from handlers.agent_command import task_answered
from handlers.desk.alerting import tell, wanted
from handlers.desk.cards import changed
from handlers.desk.giving import give
from tests.stories.shop import POLICY, SHOP, Shop

GROUP = "telegram.desk"
PLACE = Place(GROUP, "-100")
PEOPLE = {
    "li": Person("li", "小李", telegram="11"),
    "wang": Person("wang", "王姐", Rank.SUPERVISOR, "12"),
}


class AlertShop(Shop):
    """小李 is an agent, 王姐 the supervisor."""

    def __init__(
        self,
        now: str = "2026-03-02 14:00",
        policy: Policy = POLICY,
        services: Iterable[Service] = (),
        place: Place | None = PLACE,
        people: dict[str, Person] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(now, policy, **more)
        roster = Roster(PEOPLE if people is None else people)
        places = {SHOP: place} if place else {}
        reasons = {lang: words(lang).table["reasons"] for lang in ("zh-CN", "en")}
        self.deps = replace(self.deps, roster=roster, places=places, services=tuple(services), reasons=reasons)
        self._heard_of: dict[str, int] = {}
        self._refusing: set[str] = set()

    def has_to(self, reason: str, text: str = "请看一下", id_: str = "", thread: str = "", **more: Any) -> Self:
        """Somebody has something to do."""
        task = Task(id_ or f"{SHOP}/{reason}", SHOP, thread or SHOP, reason, text, self.clock.now())
        self.store.run(lambda tx: give(replace(task, **more), tx, self.deps))
        return self._settle()

    def takes(self, reason: str, who: str = "li") -> Self:
        """Somebody takes the last task with that reason."""
        now = self.clock.now()

        def take(tx: Any) -> None:
            tx.save(mine := alerting.taken(self.task(reason), who, now))
            changed(mine, tx, self.deps, now)

        self.store.run(take)
        return self._settle()

    def does(self, reason: str, who: str = "li") -> Self:
        """Somebody has done it."""
        now = self.clock.now()
        event = AgentActed("", Action.TASK_DONE, who, now, task=self.task(reason).id)
        self.store.run(lambda tx: changed(task_answered(event, tx, self.deps), tx, self.deps, now))
        return self._settle()

    def refuses(self, channel: str) -> Self:
        """From now on that way takes nothing."""
        self._refusing.add(channel)
        return self

    def alerts(self, channel: str = GROUP, step: str = "alert") -> list[str]:
        """What people were told by that way since the last call: when, and the words."""
        known = [(message, at) for message, at in self._sent() if message.channel == channel and message.step == step]
        seen = self._heard_of.get(f"{channel}/{step}", 0)
        self._heard_of[f"{channel}/{step}"] = len(known)
        zone = self.policy.zone
        return [f"{at.astimezone(zone):%a %H:%M} {message.text}" for message, at in known[seen:]]

    def cards(self) -> list[Outgoing]:
        """All cards that were shown, and their changes."""
        return [message for message, _ in self._sent() if message.step == "card"]

    def _sent(self) -> list[tuple[Outgoing, Instant]]:
        stored = [self.store.tx.get(Outgoing, message.id) for message in self.delivered]
        return [(message, message.sent_at) for message in stored if message is not None and message.sent_at is not None]

    def _send(self, message: Outgoing, now: Instant) -> None:
        if message.channel in self._refusing:
            self.answers.appendleft(Refusal.CONTENT)
        super()._send(message, now)

    def _to_tell(self) -> list[Task]:
        return [task for task in self._all(Task) if task.state is TaskState.OPEN and task.alert_at is not None]

    def _settle(self) -> Self:
        super()._settle()
        now = self.clock.now()
        due = [task.id for task in self._to_tell() if task.alert_at is not None and task.alert_at <= now]
        its = wanted(SHOP, due, self.deps, now)
        if due and self.store.run(lambda tx: tell(SHOP, due, tx, self.deps, now), its):
            super()._settle()
        return self

    def _next(self) -> Instant | None:
        now = self.clock.now()
        minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        times = [at if at > now else minute for task in self._to_tell() if (at := task.alert_at) is not None]
        return min([*times, *filter(None, [super()._next()])], default=None)

    def open_tasks(self) -> list[Task]:
        """What is still to be done."""
        return [task for task in self._all(Task) if task.state is TaskState.OPEN]
