"""A shop whose clocks are looked at the moment their time comes."""

from __future__ import annotations

from typing import Self

from followup.desk.deadlines import ClockState, Deadline, Due
from followup.events import Action, AgentActed, AgentSpoke, thread_id
from followup.model import Instant, Note, Task, TaskState
from handlers import agent_command, agent_says
from handlers.desk.clocks import clock_due
from store.wanted import Wanted
from tests.stories.complaining import CaseShop
from tests.stories.shop import SHOP


class ClockShop(CaseShop):
    """What its people say and do, and how its clocks stand."""

    def person_says(self, text: str, kind: str = "", order: str = "1001", chat: str = "") -> Self:
        """小美 writes to the buyer: about an order, or in a chat."""
        thread = "" if chat else thread_id(SHOP, order, kind)
        event = AgentSpoke("小美", self.clock.now(), text, thread, chat)
        self.store.run(lambda tx: agent_says.agent_says(event, tx, self.deps), agent_says.wanted(event))
        return self._settle()

    def answers_task(self, reason: str, done: bool = True) -> Self:
        """小美 did the last task with that reason, or could not."""
        task, action = self.task(reason), Action.TASK_DONE if done else Action.TASK_NOT_DONE
        event = AgentActed(task.thread, action, "小美", self.clock.now(), task=task.id)
        self.store.run(lambda tx: agent_command.task_answered(event, tx, self.deps), agent_command.wanted_task(event))
        return self._settle()

    def clocks(self, due: str = "") -> list[str]:
        """Every clock so far: what, by when, and how it stands."""
        return [self._shown(each) for each in self._clocks() if due in ("", each.due)]

    def open_clocks(self) -> list[str]:
        """Those that run or stand still, in the order in which they are due."""
        is_open = (ClockState.RUNNING, ClockState.PAUSED)
        found = sorted((each for each in self._clocks() if each.state in is_open), key=lambda each: each.due_at)
        return [self._shown(each) for each in found]

    def last_clock(self, due: str) -> Deadline:
        """The last clock of that name."""
        return [each for each in self._clocks() if each.due is Due(due)][-1]

    def open_task(self, reason: str) -> Task:
        """The last open task with that reason."""
        return [task for task in self._all(Task) if task.reason == reason and task.state is TaskState.OPEN][-1]

    def open_reasons(self) -> list[str]:
        """The reasons of all open tasks."""
        return sorted(task.reason for task in self._all(Task) if task.state is TaskState.OPEN)

    def spoken_of(self, due: str) -> list[str]:
        """The tasks that were given for clocks of that name."""
        return [task.reason for task in self._all(Task) if task.id.rpartition("/")[2].startswith(f"{due}@")]

    def late(self) -> list[str]:
        """What the notes say of clocks that were breached."""
        texts = (line.text for line in self.store.lines if isinstance(line, Note))
        return [text.removeprefix("clock_breached ") for text in texts if text.startswith("clock_breached ")]

    def _clocks(self) -> list[Deadline]:
        return self._all(Deadline)

    def _shown(self, clock: Deadline) -> str:
        local = clock.due_at.astimezone(self.policy.zone)
        by = f"{local:%a %H:%M}" if clock.state is not ClockState.PAUSED else f"({clock.remaining})"
        late = " late" if clock.breached_at and clock.state is ClockState.RUNNING else ""
        return f"{clock.due} {by} {clock.state}{late}"

    def _ticking(self, until: Instant) -> list[Deadline]:
        """The clocks that somebody has to look at by then."""
        running = (each for each in self._clocks() if each.state is ClockState.RUNNING)
        return [each for each in running if each.next_at is not None and each.next_at <= until]

    def _next(self) -> Instant | None:
        others = super()._next()
        later = [clock.next_at for clock in self._clocks() if clock.state is ClockState.RUNNING and clock.next_at]
        return min([*later, *([others] if others else [])], default=None)

    def _settle(self) -> Self:
        super()._settle()
        now = self.clock.now()
        while due := self._ticking(now):
            wanted = Wanted(threads=(due[0].thread,), chats=(due[0].thread,))
            self.store.run(lambda tx, it=due[0]: clock_due(it, tx, self.deps, now), wanted)  # type: ignore[misc]
            super()._settle()
        return self
