"""What a decision wants done. Carrying out is `handlers.carry_out`; nothing here does anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from followup.after_sales.model import AfterSale, Grant
from followup.model import Attachment, Buyer, Choice, Decision, Instant, Role, State, Verdict
from followup.promises import Promise


@dataclass(frozen=True, slots=True)
class Say:
    """Put the words of `script` into the outbox under the dedupe key `key`, on the strength of `decision`.

    `chat` is the chat's id, if it is not the thread's own; words that `solves` a matter may use the last message of a
    quota, a one-time `code` permits one message without any. `grant` is the compensation that the words promise.
    `choices` are the ids of answers offered with them (the words of `payment_problem` are `choice.payment_problem`), or
    answers that have a label already.
    """

    script: str
    role: Role
    key: str
    decision: Decision
    facts: Mapping[str, object] = field(default_factory=dict)
    expires_at: Instant | None = None
    choices: tuple[str | Choice, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    chat: str = ""
    solves: bool = False
    code: str = ""
    grant: str = ""


@dataclass(frozen=True, slots=True)
class Withhold:
    """Say nothing for the planned touch `reminder` of `step`, and remember why; `chat` as in `Say`."""

    step: str
    reminder: str
    decision: Decision
    chat: str = ""


@dataclass(frozen=True, slots=True)
class RemindAt:
    """Plan the touch `step` for `when`, or move it there while it is pending. `round` tells repeats apart."""

    step: str
    when: Instant
    expires_at: Instant | None = None
    round: str = ""


@dataclass(frozen=True, slots=True)
class MoveNext:
    """Move every planned touch with words to `when`; where none is planned, plan `otherwise` if it is given."""

    when: Instant
    expires_at: Instant | None = None
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class ExpireAt:
    """Every planned touch with words, and every unsent message that is not a reply, is worthless from `when` on."""

    when: Instant


@dataclass(frozen=True, slots=True)
class CancelReminders:
    """Drop every planned touch and every unsent message of the thread that is not a reply.

    With `only_words` the silent touches stay, which speak to nobody but the agents, with `steps` all but those;
    `verdict` is what is remembered of the others.
    """

    why: str
    only_words: bool = False
    verdict: Verdict = Verdict.SETTLED
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertAgent:
    """Give a person a task, once for each `key` in a thread; `facts` fill the agents' words."""

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


@dataclass(frozen=True, slots=True)
class OptOut:
    """The buyer wants to hear nothing automated any more, in no thread and on no channel."""


@dataclass(frozen=True, slots=True)
class MarkBenefit:
    """A benefit was offered, promised or given: from now on no review of this buyer may be mentioned,
    and what waits to be said about one is dropped."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """The chat goes over to a person of the shop on the channel itself, where the channel can do that."""

    key: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class LeaveInPeace:
    """The buyer is angry: the cap counts as if he had been nudged just now, so that no nudge, review note or list of
    choices goes to him for its length, in no thread and on no channel (rule 118). `why` is remembered as the cause."""

    why: str


@dataclass(frozen=True, slots=True)
class MayHaveHeard:
    """The buyer may have heard a nudge at that moment, of which nothing is known any more: the cap counts from it."""

    at: Instant


@dataclass(frozen=True, slots=True)
class Keep:
    """Remember how a case stands, what was granted or promised, or what a buyer agreed to."""

    record: AfterSale | Grant | Promise | Buyer


Effect = (
    Say
    | Keep
    | HandOver
    | Withhold
    | RemindAt
    | MoveNext
    | ExpireAt
    | CancelReminders
    | AlertAgent
    | SetThread
    | AddNote
    | OptOut
    | LeaveInPeace
    | MayHaveHeard
    | MarkBenefit
)
