"""How a task stands against its time, by the same measure as clocks."""

from __future__ import annotations

from enum import StrEnum

from followup.model import Instant, Task
from followup.policy import Policy


class Pressing(StrEnum):
    """LATE: its time is over; AT_RISK: most of it has gone; DUE: there is time; NONE: it has no end."""

    LATE = "late"
    AT_RISK = "at_risk"
    DUE = "due"
    NONE = "none"


def until(task: Task) -> Instant | None:
    """When words to paste lose their use; of any other task when it is to be done."""
    return task.expires_at or task.due_at


def pressing(task: Task, policy: Policy | None, now: Instant) -> Pressing:
    """How it stands at `now`, by the figures of its shop, if there are any."""
    end = until(task)
    if end is None:
        return Pressing.NONE
    if end <= now:
        return Pressing.LATE
    share = policy.clocks.at_risk if policy else None
    if share is None or task.expires_at is not None:
        return Pressing.DUE
    return Pressing.AT_RISK if now >= task.created_at + (end - task.created_at) * float(share) else Pressing.DUE
