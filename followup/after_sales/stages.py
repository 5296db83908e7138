"""The six steps of a case: contact, verify, soothe, solve, follow through, register (rule 39).

Each decision is a `Turn`: what to say is one script, so that a buyer who is here is answered at once and one who is not
reads it at the next polite hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from followup.after_sales import returns
from followup.after_sales.branch import Course
from followup.after_sales.freight import freight
from followup.after_sales.model import AfterSale, Branch, Stage
from followup.after_sales.procedures import ASKED, PROCEDURES, Need
from followup.after_sales.proof import missing, told, with_shown
from followup.after_sales.telling import round_of, sale_of
from followup.effects import AlertAgent, CancelReminders, Effect, Keep, RemindAt, SetThread
from followup.kinds.kind import Case
from followup.model import Instant, State
from followup.policy import Policy
from followup.politeness import next_polite, zone_of
from followup.promises import DUE, NEAR
from followup.promising import answered

AGAIN = tuple(dict.fromkeys(asked.again for asked in ASKED.values()))
FIRST = tuple(
    dict.fromkeys((*(asked.script for asked in ASKED.values()), *(p.first for p in PROCEDURES.values() if p.first)))
)
DAILY = ("sales.daily_looking", "sales.daily_parcel", "sales.daily_doing")
UNANSWERED, DEADLINE, TICK = "sales.unanswered", "sales.deadline", "sales.tick"
ARRIVED, CLOSING = "sales.arrived", "sales.closing"
WELL = "well"
ASKING = (*FIRST, *AGAIN, UNANSWERED)
SENT_BACK = frozenset((Branch.NO_REASON, Branch.EXCHANGE))


@dataclass(frozen=True, slots=True)
class Turn:
    """How the case stands from now on, the script that is said ("": none), and what else follows."""

    sale: AfterSale
    script: str = ""
    effects: tuple[Effect, ...] = ()


def begin(course: Course, sale: AfterSale) -> AfterSale:
    """The case at the first step of a procedure; what was found out for another one counts no more."""
    return replace(sale, branch=course.branch, needs=tuple(map(str, course.needs)), has=(), stage=Stage.CONTACT)


def contact(case: Case, policy: Policy, now: Instant) -> Turn:
    """The first words, which answer at once (rule 45): what the buyer sent along is not asked for."""
    sale = with_shown(case, sale_of(case))
    if sale.branch in SENT_BACK:
        return _to_be_sent_back(case, sale, policy, now)
    if sale.branch is Branch.MISSING_ITEM and not sale.needs:
        return _follow(sale, "sales.split_parcel")
    first = PROCEDURES[sale.branch].first
    turn = advance(case, sale, policy, now)
    asks_first = sale.needs[:1] == missing(sale)[:1]
    is_first = bool(first) and (not sale.needs or (asks_first and sale.needs == PROCEDURES[sale.branch].needs))
    return replace(turn, script=first) if is_first else turn


def advance(case: Case, sale: AfterSale, policy: Policy, now: Instant) -> Turn:
    """What comes next: the next thing to find out, else what that leads to."""
    left = missing(sale)
    if left:
        return _ask(case, sale, Need(left[0]), policy, now)
    stop = CancelReminders("shown", steps=ASKING)
    match sale.branch:
        case Branch.IN_TRANSIT if told(sale, Need.WISH) == "wait":
            return _with(stop, _follow(sale, "sales.wait_noted"))
        case Branch.IN_TRANSIT:
            return _with(stop, soothe(case, sale, "sales.recall_asked", "case_recall", policy, now))
        case Branch.NOT_SHIPPED:
            return _with(stop, soothe(case, sale, "sales.not_shipped", "case_not_shipped", policy, now))
        case Branch.DAMAGED_UNSIGNED:
            return _with(stop, soothe(case, sale, "sales.refused_noted", "case_evidence", policy, now))
        case _:
            return _with(stop, soothe(case, sale, "sales.shown", "case_evidence", policy, now))


def soothe(case: Case, sale: AfterSale, script: str, reason: str, policy: Policy, now: Instant) -> Turn:
    """All is known: thanks, and a person answers by a time (rules 43, 119)."""
    sale = replace(sale, stage=Stage.SOOTHE, payer=freight(sale.branch, sale.cause).back)
    mine, by = replace(case, sale=sale), answer_by(case, policy, now)
    effects: tuple[Effect, ...] = (
        AlertAgent(reason, round_of(mine, sale.branch)),
        SetThread(State.WITH_AGENT),
        RemindAt(DEADLINE, by, round=round_of(mine, f"{sale.branch}@{now:%Y-%m-%dT%H:%M:%S}")),
    )
    return Turn(sale, script, effects)


def finish(case: Case, sale: AfterSale, why: str, now: Instant, script: str = "") -> Turn:
    """Nothing is left to be done but to register the case (rules 44, 47)."""
    sale = replace(sale, stage=Stage.REGISTER)
    stop = CancelReminders(why, steps=(*ASKING, *DAILY, DEADLINE, ARRIVED))
    return Turn(sale, script, (stop, *kept(case, now), *to_register(replace(case, sale=sale))))


def to_register(case: Case) -> tuple[Effect, ...]:
    """A person finds the cause and registers the case."""
    alert = AlertAgent("case_register", round_of(case))
    return alert, SetThread(State.WITH_AGENT)


def answer_by(case: Case, policy: Policy, now: Instant) -> Instant:
    """By when a person answers: never in the night, for then nobody would."""
    return next_polite(now + policy.after_sales.answer_within, zone_of(case.buyer, policy), policy.quiet)


def tick_at(case: Case, policy: Policy, now: Instant) -> RemindAt:
    """The next look at whether the buyer needs a word, a whole number of days after the case was opened (rule 43)."""
    every, opened = policy.after_sales.daily_every, case.thread.opened_at
    day = (now - opened) // every + 1
    return RemindAt(TICK, opened + day * every, round=round_of(case, f"{day}"))


def kept(case: Case, now: Instant) -> tuple[Effect, ...]:
    """The buyer hears what he was promised, so that no clock runs any more (rule 119)."""
    closed = (Keep(answered(promise, now)) for promise in case.promises)
    return (*closed, CancelReminders("answered", steps=(NEAR, DUE))) if case.promises else ()


def spoken_later(turn: Turn, case: Case, now: Instant) -> list[Effect]:
    """The turn for a buyer who is not here: its words are a touch that waits for a polite hour."""
    mine = replace(case, sale=turn.sale)
    words = [RemindAt(turn.script, now, round=round_of(mine, f"{turn.sale.branch}@{now:%Y-%m-%dT%H:%M:%S}"))]
    return [Keep(turn.sale), *turn.effects, *(words if turn.script else [])]


def _ask(case: Case, sale: AfterSale, need: Need, policy: Policy, now: Instant) -> Turn:
    """Ask for one thing, and plan to ask for it once more."""
    sale = replace(sale, stage=Stage.VERIFY)
    when = now + policy.after_sales.ask_again_after
    key = round_of(replace(case, sale=sale), f"{sale.branch}.{need}@{now:%Y-%m-%dT%H:%M:%S}")
    again = RemindAt(ASKED[need].again, when, when + policy.after_sales.ask_again_after, key)
    return Turn(sale, ASKED[need].script, (CancelReminders("asked", steps=ASKING), again))


def _follow(sale: AfterSale, script: str) -> Turn:
    """Nobody has to decide anything: the parcel is watched, and the buyer hears of it."""
    sale = replace(sale, stage=Stage.FOLLOW_THROUGH)
    return Turn(sale, script, (SetThread(State.OPEN),))


def _to_be_sent_back(case: Case, sale: AfterSale, policy: Policy, now: Instant) -> Turn:
    """Goods without a fault are sent back: how, by when, and who pays (rules 42, 49)."""
    remedy = PROCEDURES[sale.branch].remedies[0]
    sale = replace(sale, stage=Stage.SOLVE, remedy=remedy)
    asked = returns.ask_for_return(replace(case, sale=sale), policy, now)
    return Turn(sale, "", tuple(asked))


def _with(effect: Effect, turn: Turn) -> Turn:
    return replace(turn, effects=(effect, *turn.effects))
