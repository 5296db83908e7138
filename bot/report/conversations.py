"""Sample conversations: the most varied threads of each kind, told from the order's first day to the last word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from bot.report.figures import group
from bot.report.labels import labels
from bot.simulate import Simulation
from followup.kinds import KINDS
from followup.model import Decided, Instant, Order, Rating, Refund, RefundStatus, Status, Thread
from followup.politeness import zone_of
from scripts_library.localise import moment, money

PER_KIND = 3
_ENDED = (Status.CLOSED_UNPAID, Status.SIGNED, Status.FINISHED)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a conversation, `when` in the buyer's time; `side` is fact, alert, sent, postponed or dropped."""

    at: Instant
    side: str
    when: str
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One thread with the lines said, held back and happening around it."""

    thread: Thread
    order: Order
    buyer: str
    lines: tuple[Line, ...]


def conversations(simulation: Simulation, lang: str, per_kind: int = PER_KIND) -> list[Conversation]:
    """Up to `per_kind` of each kind, the same ones for the same data."""
    by_thread: dict[str, list[Decided]] = defaultdict(list)
    for line in simulation.decided:
        by_thread[line.thread].append(line)
    told = [_Told(thread, by_thread[thread.id]) for thread in simulation.state.items[Thread].values()]
    return [
        _conversation(chosen, simulation, lang)
        for kind in KINDS
        for chosen in _chosen([one for one in told if one.thread.kind == kind], per_kind)
    ]


def conversation(thread: Thread, decided: Sequence[Decided], simulation: Simulation, lang: str) -> Conversation:
    """One thread with what was decided in it."""
    return _conversation(_Told(thread, decided), simulation, lang)


@dataclass(frozen=True, slots=True)
class _Told:
    thread: Thread
    decided: Sequence[Decided]

    def shape(self) -> tuple[object, ...]:
        return (self.thread.state, *{(line.step, line.decision.verdict): None for line in self.decided})

    def dullness(self) -> tuple[object, ...]:
        return (-len(self.shape()), len(self.decided), self.thread.opened_at, self.thread.id)


def _chosen(told: list[_Told], most: int) -> list[_Told]:
    """Each outcome once, then further shapes."""
    chosen: dict[object, _Told] = {}
    ranked = sorted(told, key=_Told.dullness)
    for one in ranked:
        chosen.setdefault(one.thread.state, one)
    shapes = {one.shape() for one in chosen.values()}
    for one in ranked:
        if len(chosen) >= most:
            break
        if one.shape() not in shapes:
            shapes.add(one.shape())
            chosen[one.thread.id] = one
    return list(chosen.values())[:most]


def _conversation(told: _Told, simulation: Simulation, lang: str) -> Conversation:
    order = simulation.state.items[Order][told.thread.shop, told.thread.order_id]
    teller = _Teller(simulation, told.thread, lang)
    lines = [*teller.facts(order), *(teller.decided(line) for line in told.decided), *teller.alerts()]
    lines.sort(key=attrgetter("at"))
    return Conversation(told.thread, order, "" if order.buyer.startswith("unknown:") else order.buyer, tuple(lines))


class _Teller:
    """Tells one thread in one language, in its buyer's zone."""

    def __init__(self, simulation: Simulation, thread: Thread, lang: str) -> None:
        self.simulation, self.thread, self.lang = simulation, thread, lang
        self.words: Any = labels(lang)
        policy = simulation.deps.policy(thread.shop)
        self.zone = zone_of(simulation.state.buyer(thread.shop, thread.buyer), policy)

    def facts(self, order: Order) -> Iterator[Line]:
        amount = money(order.total, self.lang)
        yield self._fact(order.created_at, "created", amount)
        if order.paid_at is not None:
            yield self._fact(order.paid_at, "paid")
        if order.shipped_at is not None:
            yield self._fact(order.shipped_at, "shipped")
        if order.closed_at is not None and order.status in _ENDED:
            yield self._fact(order.closed_at, order.status.value)
        facts = self.simulation.state.facts(order.shop, order.id)
        for refund in facts.refunds if facts else ():
            yield from self._refund(refund)
        for review in facts.reviews if facts else ():
            if review.rating is not Rating.GOOD:
                yield self._fact(review.created_at, "bad")

    def decided(self, line: Decided) -> Line:
        side, decision = group(line), line.decision
        step = self.words["steps"].get(line.step, line.step)
        if side == "sent":
            return Line(line.at, side, self._when(line.at), step, line.text)
        why = self.words["verdicts"][decision.verdict.value]
        if decision.retry_at is not None:
            why += " → " + self.words["held_until"].format(at=self._when(decision.retry_at))
        return Line(line.at, side, self._when(line.at), step, why)

    def alerts(self) -> Iterator[Line]:
        for task in self.simulation.state.open_tasks(self.thread.id):
            reason = self.words["reasons"].get(task.reason, task.reason)
            yield Line(task.created_at, "alert", self._when(task.created_at), reason, task.text)

    def _refund(self, refund: Refund) -> Iterator[Line]:
        assumed = (refund.shop, refund.id) in self.simulation.past.assumed
        mark = self.words["assumed_mark"] if assumed else ""
        yield self._fact(refund.requested_at, "asked", money(refund.amount, self.lang), mark)
        if refund.settled_at is not None:
            yield self._fact(refund.settled_at, refund.status.value, mark=mark)
        elif refund.status is RefundStatus.REFUSED:
            yield self._fact(refund.observed_at, "refused")

    def _fact(self, at: Instant, name: str, amount: str = "", mark: str = "") -> Line:
        return Line(at, "fact", self._when(at), self.words["facts"][name].format(amount=amount) + mark)

    def _when(self, at: Instant) -> str:
        return moment(at.astimezone(self.zone), self.lang)
