"""A case as time passes and facts change: asked once more, a word a day, a deadline, a parcel, the money (rule 43)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from followup.after_sales import returns
from followup.after_sales.branch import course, has_arrived, has_left, outbound
from followup.after_sales.model import AfterSale, Branch, Remedy, Stage
from followup.after_sales.procedures import Need
from followup.after_sales.proof import missing, with_answer
from followup.after_sales.stages import (
    ARRIVED,
    DAILY,
    DEADLINE,
    TICK,
    UNANSWERED,
    WELL,
    Turn,
    advance,
    begin,
    contact,
    finish,
    kept,
    spoken_later,
    tick_at,
    to_register,
)
from followup.after_sales.telling import round_of, sale_of
from followup.effects import AlertAgent, CancelReminders, Effect, Keep, RemindAt, SetThread
from followup.kinds.kind import Case
from followup.model import Instant, ParcelStatus, RefundStatus, State
from followup.policy import Policy

HERE = "arrived"
WATCHED = frozenset((Branch.IN_TRANSIT, Branch.MISSING_ITEM))
MONEY = frozenset((Remedy.NONE, Remedy.REFUND, Remedy.PARTIAL_REFUND, Remedy.RETURN_REFUND))
ASTRAY = (ParcelStatus.REFUSED, ParcelStatus.RETURNED, ParcelStatus.LOST)
_LOOKING, _PARCEL, _DOING = DAILY


def then_unanswered(case: Case, policy: Policy, now: Instant, _said: bool) -> list[Effect]:
    """Asked once more; who shows nothing then is a person's matter."""
    sale = sale_of(case)
    left = missing(sale)
    if sale.stage is not Stage.VERIFY or not left:
        return []
    key = round_of(case, f"{_need(sale)}@{now:%Y-%m-%dT%H:%M:%S}")
    return [RemindAt(UNANSWERED, now + policy.after_sales.ask_again_after, round=key)]


def unanswered(case: Case, _policy: Policy, _now: Instant, _said: bool) -> list[Effect]:
    """Asked twice and nothing came."""
    sale = sale_of(case)
    if sale.stage is not Stage.VERIFY or not missing(sale):
        return []
    return [AlertAgent("case_no_answer", round_of(case, _need(sale))), SetThread(State.WITH_AGENT)]


def deadline(case: Case, _policy: Policy, _now: Instant, _said: bool) -> list[Effect]:
    """The time by which a person should have answered is here; without an agreement about goods out of their period
    the supervisor decides (rule 72)."""
    sale = sale_of(case)
    if sale.stage is not Stage.SOOTHE:
        return []
    reason = "case_supervisor" if sale.branch is Branch.QUALITY_LATE else "case_late"
    return [AlertAgent(reason, round_of(case, sale.branch))]


def tick(case: Case, policy: Policy, now: Instant, _said: bool) -> list[Effect]:
    """Once a day: a word on how it stands, a day after our last, unless somebody else has the word (rule 43)."""
    sale, figures = sale_of(case), policy.after_sales
    if sale.stage is Stage.REGISTER:
        return list(to_register(case))
    if now - case.thread.opened_at > figures.daily_every * (figures.daily_most + 0.5):
        return [AlertAgent("case_stuck", round_of(case)), SetThread(State.WITH_AGENT)]
    words: list[Effect] = []
    script = "" if has_the_word(case) else _daily(sale)
    if script and case.said_at is not None and now < (quiet_until := case.said_at + figures.daily_every):
        return [RemindAt(TICK, quiet_until, round=round_of(case, f"{quiet_until:%Y-%m-%dT%H:%M:%S}"))]
    if sale.stage is Stage.CONTACT:
        words = [AlertAgent("case_late", round_of(case, sale.branch))]
    elif script:
        words = [RemindAt(script, now, now + figures.daily_every, round_of(case, f"{now:%Y-%m-%dT%H}"))]
    return [*words, tick_at(case, policy, now)]


def has_the_word(case: Case) -> bool:
    """Whether somebody else tells this buyer every day how it stands: the follow-up of a refund of the same order, or
    the clock of a promise."""
    return any(refund.status.pending for refund in case.facts.refunds) or bool(case.promises)


def watches_parcel(sale: AfterSale) -> bool:
    """Whether nothing is to be done but to wait for a parcel."""
    is_watched = sale.branch in WATCHED and sale.stage is Stage.FOLLOW_THROUGH
    return is_watched and sale.remedy is Remedy.NONE and HERE not in sale.has


def owes_word(sale: AfterSale) -> bool:
    """Whether the buyer is to hear every day how it stands: not while he has something to do, nor while nothing but
    the way of a parcel is waited for that is told of by other words."""
    return sale.stage is Stage.CONTACT or bool(_daily(sale))


def asks_if_well(sale: AfterSale) -> bool:
    """Whether the buyer of a parcel that was waited for is asked how it is."""
    return sale.branch in WATCHED and sale.remedy is Remedy.NONE and HERE in sale.has


def refresh(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    """What new facts mean to an open case."""
    turn = _changed(case, policy, now)
    if turn is not None:
        return spoken_later(turn, case, now)
    return registering([*returns.changed(case, policy, now), *_astray(case)], case)


def registering(effects: Iterable[Effect], case: Case, is_well: bool = False) -> list[Effect]:
    """The effects; where they leave nothing to be done but to register the case, a person is told so. `is_well` says
    that the buyer has nothing to complain of any more."""
    done = list(effects)
    last = next((e.record for e in reversed(done) if isinstance(e, Keep) and isinstance(e.record, AfterSale)), None)
    if last is None or last.stage is not Stage.REGISTER or sale_of(case).stage is Stage.REGISTER:
        return done
    well = [Keep(with_answer(last, WELL))] if is_well else []
    return [*done, *well, *to_register(replace(case, sale=last))]


def _changed(case: Case, policy: Policy, now: Instant) -> Turn | None:
    sale, facts = sale_of(case), case.facts
    if sale.stage is Stage.REGISTER:
        return None
    if sale.remedy in MONEY and sale.stage is not Stage.FOLLOW_THROUGH and _is_paid_back(case):
        return finish(case, sale, "paid_back", now)
    if sale.remedy is Remedy.PARTIAL_REFUND and _is_paid_back(case):
        return finish(case, sale, "paid_back", now)
    if sale.branch is Branch.NOT_SHIPPED and sale.remedy is Remedy.NONE and has_left(facts):
        return _left_already(case, sale, policy, now)
    if sale.branch is Branch.DAMAGED_UNSIGNED and Need.REFUSED in missing(sale):
        return _at_the_door(case, sale, policy, now)
    if watches_parcel(sale) and has_arrived(facts):
        there = with_answer(sale, HERE)
        return Turn(there, ARRIVED, (CancelReminders("arrived", steps=DAILY), SetThread(State.OPEN)))
    return None


def _left_already(case: Case, sale: AfterSale, policy: Policy, now: Instant) -> Turn:
    """It went out before anybody could stop it: wait for it, or have it recalled (rule 41)."""
    turn = advance(case, begin(course(Branch.IN_TRANSIT), sale), policy, now)
    alert = AlertAgent("case_shipped", round_of(case))
    stop = CancelReminders("shipped", steps=(*DAILY, DEADLINE))
    return replace(turn, effects=(stop, *kept(case, now), alert, *turn.effects, SetThread(State.OPEN)))


def _at_the_door(case: Case, sale: AfterSale, policy: Policy, now: Instant) -> Turn | None:
    """The courier knows before the buyer says so: refused, or signed for after all (rules 68, 69)."""
    if any(parcel.status is ParcelStatus.REFUSED for parcel in outbound(case.facts)):
        return advance(case, with_answer(sale, Need.REFUSED, "refused"), policy, now)
    if has_arrived(case.facts):
        signed = begin(course(Branch.DAMAGED_SIGNED), sale)
        return contact(replace(case, sale=signed), policy, now)
    return None


def _astray(case: Case) -> list[Effect]:
    """A parcel that was waited for or recalled does not reach the buyer: a person asks what he wants (rules 37, 60)."""
    sale = sale_of(case)
    if sale.branch not in WATCHED or sale.remedy is not Remedy.NONE:
        return []
    lost = [parcel for parcel in outbound(case.facts) if parcel.status in ASTRAY]
    return [AlertAgent("case_parcel", parcel.id, {"number": parcel.id}) for parcel in lost]


def _daily(sale: AfterSale) -> str:
    """What the word of the day is about; "" while the buyer has something to do, or is reminded by other words."""
    if sale.stage is Stage.SOOTHE:
        return _LOOKING
    if sale.stage is not Stage.FOLLOW_THROUGH or asks_if_well(sale):
        return ""
    if watches_parcel(sale):
        return _PARCEL
    under_way = sale.remedy in (Remedy.REFUND, Remedy.PARTIAL_REFUND) or sale.arrived_at is not None
    return _DOING if under_way or (sale.remedy is Remedy.REISSUE and not sale.reissued) else ""


def _is_paid_back(case: Case) -> bool:
    """Whether money of this order went back since the case was opened."""
    opened = case.thread.opened_at
    paid = (refund for refund in case.facts.refunds if refund.status is RefundStatus.PAID_BACK)
    return any((refund.settled_at or refund.observed_at) >= opened for refund in paid)


def _need(sale: AfterSale) -> str:
    return f"{sale.branch}.{missing(sale)[0]}"
