"""A backup was put in the place of the database: of the time between, nobody knows what was said (docs/backup.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from followup.effects import AlertAgent, Effect, MayHaveHeard, Say
from followup.model import Instant, Reason, Role, Verdict

REASON = "restored"
"""The reason of the task that tells a person what a buyer may have heard already."""


@dataclass(frozen=True, slots=True)
class Gap:
    """From the moment of a backup until it was restored. What was due or written earlier, and is not done by the
    backup, was done in it."""

    begins: Instant
    ends: Instant

    @property
    def key(self) -> str:
        """By which a task about it is known."""
        return f"{self.ends:%Y-%m-%dT%H:%M:%S}"


def gap_at(gaps: Sequence[Gap], when: Instant | None) -> Gap | None:
    """The gap in which something planned or written for that moment, and not done yet, may have been done; the last, if
    there are several."""
    return next((gap for gap in reversed(gaps) if when is not None and when <= gap.ends), None)


def as_of(gaps: Sequence[Gap], happened: Instant, now: Instant) -> Instant:
    """When something that happened then was followed up first: now; but what is news only because the database forgot
    it was followed up in the gap, if it happened before that was over."""
    gap = gap_at(gaps, happened)
    return min(now, max(happened, gap.begins)) if gap else now


def withheld(gap: Gap) -> Reason:
    """The check that a touch planned for a moment in a gap does not pass."""
    figures = (("backed_up", gap.begins.isoformat(timespec="seconds")), ("restored", _shown(gap)))
    return Reason(Verdict.RESTORED, False, figures)


def told(gap: Gap, step: str, due_at: Instant, role: Role) -> list[Effect]:
    """A person looks what the buyer has heard; the cap counts as if he had heard the nudge."""
    heard: list[Effect] = [MayHaveHeard(due_at)] if role is Role.NUDGE else []
    return [*heard, AlertAgent(REASON, gap.key, {"step": step})]


def unanswered(effects: Sequence[Effect]) -> list[Effect]:
    """The same without answers: what a buyer wrote in a gap may have been answered then."""
    return [effect for effect in effects if not isinstance(effect, Say)]


def _shown(gap: Gap) -> str:
    return gap.ends.isoformat(timespec="seconds")
