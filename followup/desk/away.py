"""Outside business hours a buyer is told once, honestly, from when on somebody is there."""

from __future__ import annotations

from followup.desk.hours import last_shift_end, next_open
from followup.model import Chat, Instant
from followup.policy import Policy

AWAY = "reply.away"


def back_at(policy: Policy, now: Instant) -> Instant | None:
    """When somebody is there again; None while somebody is, and for a shop that never opens."""
    try:
        opens = next_open(policy.hours, policy.zone, now)
    except ValueError:
        return None
    return opens if opens > now else None


def was_told_away(chat: Chat, policy: Policy, now: Instant) -> bool:
    """Whether he was told of a person, or spoke with one, since the shop closed."""
    if chat.acknowledged_at is None:
        return False
    closed_at = last_shift_end(policy.hours, policy.zone, now)
    return closed_at is None or chat.acknowledged_at >= closed_at
