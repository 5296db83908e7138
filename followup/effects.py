"""What a decision wants done. Carrying out is `handlers.carry_out`; nothing here does anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from followup.model import Instant, Role, State


@dataclass(frozen=True, slots=True)
class Say:
    """Put the words of `script` into the outbox under the dedupe key `key`."""

    script: str
    role: Role
    key: str
    facts: Mapping[str, object] = field(default_factory=dict)
    expires_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class RemindAt:
    """Plan the touch `step` for `when`, or move it there if it is planned already. `round` tells repeats apart."""

    step: str
    when: Instant
    expires_at: Instant | None = None
    round: str = ""


@dataclass(frozen=True, slots=True)
class CancelReminders:
    """Drop every planned touch and every unsent message of the thread that is not a reply."""

    why: str


@dataclass(frozen=True, slots=True)
class AlertAgent:
    """Give a person a task. `key` makes it unique within the thread; `facts` fill the agents' words."""

    reason: str
    key: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetThread:
    state: State
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class AddNote:
    text: str
    who: str = "huifang"


Effect = Say | RemindAt | CancelReminders | AlertAgent | SetThread | AddNote
