"""The clocks of the shop's own word: by when a buyer is answered, helped, and told how it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from followup.after_sales.model import AfterSale, Branch, GrantState, Loss, Remedy, Stage
from followup.after_sales.progress import owes_word
from followup.desk.deadlines import Due
from followup.desk.hours import add_open
from followup.desk.standing import Standing, waits_for_buyer
from followup.desk.ticking import Want, as_it_runs
from followup.model import Buyer, Instant, State
from followup.policy import Policy
from followup.politeness import DAY, is_quiet, next_polite, zone_of

Wants = Callable[[Standing, Policy, Instant], Want | None]
CASES = frozenset(("pending_refund", "after_sales", "late_shipment", "stuck_parcel"))
"""The kinds that have clocks of their own; all others only while a buyer waits, or an agent took the thread."""
_LOGISTICS = frozenset((Branch.IN_TRANSIT, Branch.DAMAGED_UNSIGNED, Branch.UNINVITED, Branch.RECALLED))
_UNDECIDED = (Stage.CONTACT, Stage.VERIFY, Stage.SOOTHE, Stage.SOLVE)
_GONE = (GrantState.REFUSED, GrantState.DECLINED)


def waits(due: Due, reasons: frozenset[str], length: Callable[[Policy], timedelta]) -> Wants:
    """A buyer waits for a person, in business hours, from the first of his words that was handed on for one of the
    `reasons`; what he says meanwhile is answered together with it."""

    def wants(of: Standing, policy: Policy, now: Instant) -> Want | None:
        if of.thread.state.closed or of.news.answered or (of.news.met and due is Due.FIRST_REPLY):
            return None
        if due in of.clocks:
            return as_it_runs(of.clocks[due])
        if not of.news.asked & reasons:
            return None
        total = length(policy)
        risk, end = (_open(policy, now, part) for part in (total * float(policy.clocks.at_risk), total))
        return Want(now, risk, end)

    return wants


def _open(policy: Policy, start: Instant, length: timedelta) -> Instant:
    """So much business time later; for a shop that never opens, so much later."""
    try:
        return add_open(policy.hours, policy.zone, start, length)
    except ValueError:
        return start + length


def _passing(of: Standing, due: Due, start: Instant, length: timedelta, policy: Policy) -> Want:
    """A clock that runs as time passes and stands still while the buyer has something to do."""
    paused = waits_for_buyer(of.sale)
    if due in of.clocks:
        return as_it_runs(of.clocks[due], paused)
    return Want(start, start + length * float(policy.clocks.at_risk), start + length, paused)


def logistics(of: Standing, policy: Policy, now: Instant) -> Want | None:
    """A stuck parcel until it is settled; a case about a parcel until it is decided what is done (rule 38)."""
    if of.is_over or not (of.thread.kind == "stuck_parcel" or _is_undecided(of.sale, _LOGISTICS)):
        return None
    return _passing(of, Due.LOGISTICS, now, policy.clocks.logistics, policy)


def stock_out(of: Standing, policy: Policy, _now: Instant) -> Want | None:
    """A late order until it is settled; a case in which something was granted because the goods are not there, until
    it is decided what is done (rule 27)."""
    length = policy.clocks.stock_out
    if of.is_over:
        return None
    if of.thread.kind == "late_shipment":
        return _passing(of, Due.STOCK_OUT, of.thread.acted_at, length, policy)
    if not _is_undecided(of.sale, frozenset(Branch)):
        return None
    out = [each.asked_at for each in of.grants if each.loss is Loss.OUT_OF_STOCK and each.state not in _GONE]
    return _passing(of, Due.STOCK_OUT, min(out), length, policy) if out else None


def _is_undecided(sale: AfterSale | None, branches: frozenset[Branch]) -> bool:
    return sale is not None and sale.branch in branches and sale.stage in _UNDECIDED


def is_solved(of: Standing) -> bool:
    """Whether the matter is over, or it is decided what is done about it."""
    if of.sale is not None:
        decided = of.sale.stage is Stage.FOLLOW_THROUGH and of.sale.remedy is not Remedy.NONE
        return decided or of.sale.stage is Stage.REGISTER or of.thread.state is State.SOLVED
    return of.thread.state in (State.SETTLED, State.SOLVED) and of.thread.outcome != "new_date"


def daily_word(of: Standing, policy: Policy, now: Instant) -> Want | None:
    """The buyer of an open case hears from us every day; who wants to hear nothing of the bot is owed nothing
    (rule 43)."""
    is_left_alone = of.buyer.opted_out_at is not None or of.buyer.paused_at is not None
    if of.thread.kind not in CASES or of.is_over or is_left_alone:
        return None
    paused = of.sale is not None and not owes_word(of.sale)
    clock = of.clocks.get(Due.DAILY_WORD)
    if clock is not None and not of.news.said and not of.news.answered:
        return as_it_runs(clock, paused)
    return daily_from(now, of.buyer, policy, paused)


def daily_from(heard_at: Instant, buyer: Buyer, policy: Policy, paused: bool = False) -> Want:
    """By when a buyer who heard from us at `heard_at` hears again: where that is in quiet hours, soon after them."""
    zone, length = zone_of(buyer, policy), policy.clocks.daily_word
    due = heard_at + length
    if is_quiet(due, zone, policy.quiet):
        due = next_polite(due, zone, policy.quiet) + max(timedelta(), length - DAY)
    return Want(heard_at, due - length * (1 - float(policy.clocks.at_risk)), due, paused, afresh=True)
