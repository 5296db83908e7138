"""Every figure by its id, with its unit and how it is made of what was counted. docs/figures.md says it in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.figures.statistics import median, ninetieth, share
from followup.desk.deadlines import Due
from followup.model import Verdict
from store.figures import Tally
from store.figures.clocks import met, missed
from store.figures.messages import verdict_name
from store.figures.tally import Part

Value = int | float | Decimal | None
Summary = Callable[[list[float]], float | None]


class Unit(StrEnum):
    COUNT = "count"
    SHARE = "share"
    SECONDS = "seconds"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: `of` makes its value of a tally, for a part of it or (None) the whole. What is `shy` is shown only
    where there is something of it."""

    id: str
    section: str
    unit: Unit
    of: Callable[[Tally, Part], Value]
    shy: bool = False


def _count(section: str, name: str, shy: bool = False) -> Figure:
    return Figure(name, section, Unit.COUNT, lambda tally, part: tally.count(name, part), shy)


def _share(section: str, id_: str, name: str, whole: str) -> Figure:
    return Figure(
        id_, section, Unit.SHARE, lambda tally, part: share(_float(tally, name, part), _float(tally, whole, part))
    )


def _float(tally: Tally, name: str, part: Part) -> float | None:
    number = tally.count(name, part)
    return None if number is None else float(number)


def _time(section: str, id_: str, name: str, summary: Summary) -> Figure:
    def of(tally: Tally, part: Part) -> Value:
        if part is not None and not tally.apart.get(name, False):
            return None
        return summary([value / 1_000_000 for value in tally.times(name, part)])

    return Figure(id_, section, Unit.SECONDS, of)


def _times(section: str, name: str) -> tuple[Figure, Figure]:
    return _time(section, f"{name}_median", name, median), _time(section, f"{name}_p90", name, ninetieth)


def _average_order(tally: Tally, part: Part) -> Value:
    value, number = tally.count("order_value", part), tally.count("orders_valued", part)
    return Decimal(value) / number if value is not None and number else None


def _recovered_value(tally: Tally, part: Part) -> Value:
    return Decimal(tally.count("recovered_value", part) or 0) if tally.count("unpaid_reminded", part) else None


def _attained(due: str) -> Figure:
    def of(tally: Tally, part: Part) -> Value:
        kept, broken = _float(tally, met(due), part), _float(tally, missed(due), part)
        return share(kept, kept + broken) if kept is not None and broken is not None else None

    return Figure(f"clocks.{due}" if due else "clocks", "clocks", Unit.SHARE, of, shy=bool(due))


FIGURES: tuple[Figure, ...] = (
    _count("talks", "conversations"),
    _count("talks", "buyer_messages"),
    _share("talks", "reply_rate", "answered", "answerable"),
    _share("talks", "person_reply_rate", "answered_by_person", "answerable"),
    *_times("talks", "first_person"),
    *_times("talks", "first_bot"),
    _count("orders", "inquiries"),
    _share("orders", "inquiry_ordered", "inquiries_ordered", "inquiries_ripe"),
    _share("orders", "inquiry_paid", "inquiries_paid", "inquiries_ripe"),
    _count("orders", "orders_paid"),
    Figure("average_order", "orders", Unit.MONEY, _average_order),
    _count("unpaid", "unpaid_orders"),
    _count("unpaid", "unpaid_reminded"),
    _count("unpaid", "unpaid_recovered"),
    _share("unpaid", "recovery_rate", "unpaid_recovered", "unpaid_reminded"),
    Figure("recovered_value", "unpaid", Unit.MONEY, _recovered_value),
    _count("unpaid", "opt_outs"),
    _count("refunds", "refunds_asked"),
    _share("refunds", "refund_rate", "refunds_asked", "orders_paid"),
    *_times("refunds", "refund_took"),
    _count("reviews", "reviews_followed"),
    _count("reviews", "reviews_answered"),
    _count("reviews", "reviews_revised"),
    _attained(""),
    *(_attained(due.value) for due in Due),
    *(_count("messages", verdict_name(verdict), verdict is not Verdict.SENT) for verdict in Verdict),
    _count("tasks", "tasks_given"),
    _count("tasks", "tasks_done"),
    _count("tasks", "complaints"),
    _time("tasks", "task_taken_median", "task_taken", median),
    _count("matters", "opened"),
    _count("matters", "closed"),
)
SECTIONS = tuple(dict.fromkeys(figure.section for figure in FIGURES))
