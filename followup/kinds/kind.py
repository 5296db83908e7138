"""What a kind of follow-up consists of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from followup.after_sales.model import AfterSale, Grant
from followup.effects import Effect
from followup.evidence import Evidence
from followup.model import Buyer, Chat, Facts, Instant, Role, Thread
from followup.policy import Policy
from followup.ports import Capabilities
from followup.promises import Promise
from followup.reach import ANY_CHANNEL


@dataclass(frozen=True, slots=True)
class Case:
    """All that a decision about one thread may look at; `can` is what the chat's channel can do, `promises` are those
    not kept yet. `sale`, `grants`, `evidence` and `said_at`, when we last spoke in it, belong to after-sales threads;
    `busy` says of a thread without an order that something else of the buyer is open."""

    thread: Thread
    facts: Facts
    buyer: Buyer
    chat: Chat
    can: Capabilities = ANY_CHANNEL
    sale: AfterSale | None = None
    grants: tuple[Grant, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    promises: tuple[Promise, ...] = ()
    busy: bool = False
    said_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """A matter that is worth a thread: which refund or review it is, and when the buyer acted."""

    matter: str
    acted_at: Instant


Follows = Callable[[Case, Policy, Instant, bool], list[Effect]]


def nothing_follows(_case: Case, _policy: Policy, _now: Instant, _said: bool) -> list[Effect]:
    """Nothing is planned after this step."""
    return []


def no_more_words(_case: Case, _policy: Policy, _now: Instant) -> Mapping[str, object]:
    """The facts of its kind are all that a step says."""
    return {}


@dataclass(frozen=True, slots=True)
class Step:
    """A touch by its script id; `follows` tells what comes once it was said (True) or could not be (False), `choices`
    are the ids of the answers offered with it. One that `solves` the matter may use the last message of a quota, one
    that is `patient` waits like a nudge while the buyer is angry; `words` are facts of its own, beside those of its
    kind."""

    id: str
    role: Role = Role.NUDGE
    follows: Follows = nothing_follows
    after_settled: bool = False
    about_review: bool = False
    choices: tuple[str, ...] = ()
    solves: bool = False
    patient: bool = False
    words: Callable[[Case, Policy, Instant], Mapping[str, object]] = no_more_words


def never(_facts: Facts, _policy: Policy, _now: Instant) -> Instant | None:
    """Time alone begins nothing of this kind."""
    return None


def another(thread: Thread, opening: Opening) -> bool:
    """A closed thread begins anew where its matter was another one."""
    return thread.matter != opening.matter


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of follow-up. Of nudges due together the one with the lowest priority number goes first.

    `opens` finds a matter in the facts, `settled` its outcome once it is over; `opening`, `refresh` and `settling`
    say what to do when it begins, when facts changed meanwhile, and when it is over. Where time alone can begin it, as
    with an order that is not shipped, `looks` says at which moment after now it next may. `of_order` is False where a
    thread is about a buyer and no order, `again` tells whether a closed thread begins anew with what opens. Every kind
    has the steps of a promise besides its own.
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
    looks: Callable[[Facts, Policy, Instant], Instant | None] = never
    of_order: bool = True
    again: Callable[[Thread, Opening], bool] = another

    @property
    def choices(self) -> frozenset[str]:
        """The ids of all answers that its steps offer."""
        return frozenset(choice for step in self.steps.values() for choice in step.choices)


def steps(*of: Step) -> dict[str, Step]:
    """The steps by their ids."""
    return {step.id: step for step in of}
