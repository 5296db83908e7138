"""A person of the shop moved an after-sales case on."""

from __future__ import annotations

from dataclasses import replace

from followup.after_sales.branch import course, last_word
from followup.after_sales.moves import OPENS, CannotMove, decide_case_moved, flag_of
from followup.effects import AddNote, Effect
from followup.events import CaseMoved, Move, thread_id
from followup.kinds import Case
from followup.kinds.after_sales import AFTER_SALES
from followup.model import Facts, Status, Thread
from handlers.begin_after_sales import open_case
from handlers.carry_out import carry_out
from handlers.case_brief import Brief
from handlers.deps import Deps
from handlers.offering import unsaid
from handlers.order_changed import case_of
from handlers.parcel_here import parcel_here
from store.tx import Tx
from store.wanted import Wanted

__all__ = ["CannotMove", "case_moved", "wanted"]


def wanted(event: CaseMoved) -> Wanted:
    """The order with its threads, and all of its buyer's chats."""
    return Wanted(orders=((event.shop, event.order_id),))


def case_moved(event: CaseMoved, tx: Tx, deps: Deps) -> Thread:
    """Carry out what a person did with the case of an order; returns its thread as it is now. Raises CannotMove."""
    facts = tx.facts(event.shop, event.order_id)
    if facts is None:
        raise CannotMove(f"there is no order {event.order_id!r} in the shop {event.shop}")
    thread = tx.get(Thread, thread_id(event.shop, event.order_id, AFTER_SALES.name))
    if thread is None or thread.state.closed:
        thread = _opened(event, facts, tx, deps)
    case = case_of(thread, facts, tx, deps)
    effects = decide_case_moved(case, event, deps.policy(event.shop))
    effects = [*_noted(event, case, deps), *effects]
    parcel_here(event, tx, deps)
    return carry_out(unsaid(effects, thread, tx), thread, tx, deps, event.at)


def _opened(event: CaseMoved, facts: Facts, tx: Tx, deps: Deps) -> Thread:
    branch = OPENS.get(event.move) or event.branch
    if event.move not in OPENS:
        raise CannotMove(
            f"order {event.order_id} has no open case; `huifang case open {event.order_id} BRANCH` opens one"
        )
    if branch is None:
        raise CannotMove("name the branch of the case")
    if facts.order.status in (Status.UNPAID, Status.CLOSED_UNPAID):
        raise CannotMove(f"order {event.order_id} was never paid, so there is nothing to put right")
    return open_case(facts, course(branch), last_word(facts.order, facts), tx, deps, event.at)


def _noted(event: CaseMoved, case: Case, deps: Deps) -> list[Effect]:
    """Who did what, in the agents' words (rules 57, 99); other moves are noted where they are decided."""
    assert case.sale is not None
    brief = Brief(case.sale, deps)
    match event.move:
        case Move.OPEN:
            what = brief.name(f"branch.{event.branch}")
        case Move.REMEDY:
            what = brief.name(f"remedy.{event.remedy}")
        case Move.CAUSE:
            what = brief.name(f"cause.{event.cause}")
        case Move.REGISTER:
            return [AddNote(_memo(event, case, deps), event.who)]
        case _:
            return []
    return [AddNote(" ".join(filter(None, (f"case_{event.move}", what, event.text))), event.who)]


def _memo(event: CaseMoved, case: Case, deps: Deps) -> str:
    """The note for the order's own page: flag, what it was, why, what was done, who and when (rules 57, 98)."""
    assert case.sale is not None
    sale = replace(case.sale, cause=event.cause or case.sale.cause)
    brief, day = Brief(sale, deps), event.at.astimezone(deps.policy(event.shop).zone).date()
    what = (brief.name(f"flag.{flag_of(sale, case.facts)}"), brief.branch, brief.cause, brief.remedy, event.text)
    return " · ".join([*filter(None, what), f"{_name(event.who, deps)} {day}"])


def _name(who: str, deps: Deps) -> str:
    """What the others call him (rule 99)."""
    person = deps.roster.people.get(who)
    return (person.name if person else "") or who
