"""A word to the buyer every day until his matter is settled; after so many of them a person takes over (rule 43)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from followup.effects import AlertAgent, Effect, RemindAt, SetThread
from followup.kinds.kind import Case
from followup.model import Instant, State
from followup.policy import Policy
from followup.politeness import next_nudge, zone_of

Often = Callable[[Policy], tuple[timedelta, int]]


@dataclass(frozen=True, slots=True)
class Daily:
    """The daily `step` of a kind: `often` gives its interval and how many there are, `tired` is what the person who
    takes over is told."""

    step: str
    tired: str
    often: Often

    def follows(self, case: Case, policy: Policy, now: Instant, said: bool, mark: str = "") -> list[Effect]:
        """Plan the next word, one a day of the buyer's; `mark` tells apart what else may be said on that day."""
        every, _ = self.often(policy)
        due = now + every if said else now
        if not self.says_more(case, policy, due):
            return [AlertAgent(self.tired, case.thread.matter), SetThread(State.WITH_AGENT, case.thread.outcome)]
        day = due.astimezone(zone_of(case.buyer, policy)).date()
        return [RemindAt(self.step, due, round=f"{case.thread.matter}@{mark}{day}")]

    def says_more(self, case: Case, policy: Policy, due: Instant) -> bool:
        """Whether there is a word left to say at `due`."""
        every, most = self.often(policy)
        return due - case.thread.opened_at <= every * (most + 0.5)

    def words(self, case: Case, policy: Policy, now: Instant) -> dict[str, object]:
        """`day` counts from 1 on the buyer's calendar, `when` is the next word in his zone, None after the last."""
        zone = zone_of(case.buyer, policy)
        day = (now.astimezone(zone).date() - case.thread.opened_at.astimezone(zone).date()).days + 1
        due = now + self.often(policy)[0]
        again = next_nudge(due, case.buyer, policy).astimezone(zone) if self.says_more(case, policy, due) else None
        return {"day": day, "when": again}
