"""What a kind of follow-up consists of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from followup.effects import Effect
from followup.model import Buyer, Chat, Facts, Instant, Role, Thread
from followup.policy import Policy


@dataclass(frozen=True, slots=True)
class Case:
    """All that a decision about one thread may look at."""

    thread: Thread
    facts: Facts
    buyer: Buyer
    chat: Chat


@dataclass(frozen=True, slots=True)
class Opening:
    """A matter that is worth a thread: which refund or review it is, and when the buyer acted."""

    matter: str
    acted_at: Instant


Follows = Callable[[Case, Policy, Instant, bool], list[Effect]]


def nothing_follows(_case: Case, _policy: Policy, _now: Instant, _said: bool) -> list[Effect]:
    """Nothing is planned after this step."""
    return []


@dataclass(frozen=True, slots=True)
class Step:
    """A touch by its script id; `follows` tells what comes once it was said (True) or could not be (False)."""

    id: str
    role: Role = Role.NUDGE
    follows: Follows = nothing_follows
    after_settled: bool = False
    about_review: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of follow-up. Of nudges due together the one with the lowest priority number goes first.

    `opens` finds a matter in the facts, `settled` its outcome once it is over; `opening`, `refresh` and `settling`
    say what to do when it begins, when facts changed meanwhile, and when it is over.
    """

    name: str
    priority: int
    opens: Callable[[Facts, Policy, Instant], Opening | None]
    settled: Callable[[Thread, Facts], str]
    opening: Callable[[Case, Policy, Instant], list[Effect]]
    refresh: Callable[[Case, Policy, Instant], list[Effect]]
    settling: Callable[[Case, Policy, Instant], list[Effect]]
    words: Callable[[Case, Policy, Instant], Mapping[str, object]]
    steps: Mapping[str, Step] = field(default_factory=dict)


def steps(*of: Step) -> dict[str, Step]:
    """The steps by their ids."""
    return {step.id: step for step in of}
