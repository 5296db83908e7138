"""Which clocks a thread should have: when each starts, how long it runs, what pauses it and what meets it.

first_reply (rules 38, 45): from words handed to a person, 5 minutes of business hours, until a person speaks to him.
details (rule 7): from words that the bot could not answer, 24 hours of business hours, until a person tells the buyer.
logistics (rule 38): of a stuck parcel or a case about one, 48 hours, until it moves or a remedy is decided; pauses.
stock_out (rule 27): since an order is late or cannot be sent, 72 hours, until it is sent, refunded or swapped; pauses.
daily_word (rule 43): of an open case, 26 hours from each word of ours to the next, not ending at night; pauses.
refund: from a request with a deadline until the shop decides it.
return_number (rule 62): from asking for goods until the number of their parcel comes.
auto_close (rule 15): of an unpaid order that an agent took, until it is paid.
extension (rule 55): of an open case of a shipped order until its transaction is extended, and then for the next time.

Lengths are those of `ClockPolicy`. A clock that pauses stands still while the buyer has something to show or to send;
those of a person's answer and of the platform never do.

Nobody is told the same thing twice: where a silent step gives a task when time is over (stuck.unsolved, late.overdue,
refund.deadline, return.lapse, unpaid.give_up), the clock only measures, and makes the thread's open tasks urgent. The
others give tasks of their own. At risk, open tasks are told of again; of a daily word only if none is planned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from followup.desk import platform_clocks as platform
from followup.desk import shop_clocks as shop
from followup.desk.deadlines import ClockState, Deadline, Due
from followup.desk.shop_clocks import CASES, Wants
from followup.desk.standing import News, Standing
from followup.desk.ticking import Want, compared, over
from followup.model import Instant, State
from followup.policy import Policy

__all__ = ["CASES", "QUESTIONS", "WAITS", "News", "Standing", "Want", "changed_clocks", "tells_itself", "wanted_clocks"]

WAITS = frozenset(
    (
        "buyer_message",
        "angry",
        "address_change",
        "goods_talk",
        "late_cancel",
        "late_pressed",
        "stuck_pressed",
        "not_well",
        "case_which",
    )
)
"""Reasons of tasks by which a buyer waits for a person to answer him."""
QUESTIONS = frozenset(("buyer_message",))
"""Those by which he waits for an answer that the bot did not have."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The clock that a thread should have, if any, and whether one that it should not have any more was met. `by_steps`
    are the kinds whose silent steps tell people when its time is over."""

    wants: Wants
    is_met: Callable[[Standing], bool]
    by_steps: frozenset[str] = frozenset()


def _rule(wants: Wants, is_met: Callable[[Standing], bool], *by_steps: str) -> Rule:
    return Rule(wants, is_met, frozenset(by_steps))


def _answered(of: Standing) -> bool:
    return of.news.answered or of.thread.state is State.SOLVED


def _replied(of: Standing) -> bool:
    return of.news.met or _answered(of)


def _never(_of: Standing) -> bool:
    return False


RULES: Mapping[Due, Rule] = {
    Due.FIRST_REPLY: _rule(shop.waits(Due.FIRST_REPLY, WAITS, lambda policy: policy.clocks.first_reply), _replied),
    Due.DETAILS: _rule(shop.waits(Due.DETAILS, QUESTIONS, lambda policy: policy.clocks.details), _answered),
    Due.LOGISTICS: _rule(shop.logistics, shop.is_solved, "stuck_parcel"),
    Due.STOCK_OUT: _rule(shop.stock_out, shop.is_solved, "late_shipment"),
    Due.DAILY_WORD: _rule(shop.daily_word, _never),
    Due.REFUND: _rule(platform.refund, lambda of: not platform.undecided(of.facts), "pending_refund"),
    Due.RETURN_NUMBER: _rule(platform.return_number, platform.number_came, "after_sales"),
    Due.AUTO_CLOSE: _rule(platform.auto_close, platform.is_paid, "unpaid_order"),
    Due.EXTENSION: _rule(platform.extension, lambda of: of.news.extended),
}


def wanted_clocks(standing: Standing, policy: Policy, now: Instant) -> dict[Due, Want]:
    """The clocks that a thread should have."""
    found = ((due, rule.wants(standing, policy, now)) for due, rule in RULES.items())
    return {due: want for due, want in found if want is not None}


def changed_clocks(standing: Standing, policy: Policy, now: Instant) -> list[Deadline]:
    """The clocks of a thread that begin, stand still, go on, move or end now."""
    wanted, changed = wanted_clocks(standing, policy, now), list[Deadline]()
    for due, rule in RULES.items():
        clock = standing.clocks.get(due)
        if due in wanted:
            changed += compared(standing.thread, due, clock, wanted[due], now)
        elif clock is not None:
            changed.append(over(clock, ClockState.MET if rule.is_met(standing) else ClockState.DROPPED, now))
    return changed


def tells_itself(due: Due, kind: str) -> bool:
    """Whether no step of its kind gives people a task when the time of the clock is over."""
    return kind not in RULES[due].by_steps
