"""When planned touches would really go, as everything stands now: politeness judges each at its time, one after
another, for what a buyer is told at nine keeps back what was planned for ten (the cap is a matter of the buyer)."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from followup.model import Buyer, Decision, Instant, Role, Verdict
from followup.policy import Policy
from followup.politeness import Touch, judge_ways
from followup.reach import HELD, Way


@dataclass(frozen=True, slots=True)
class Planned:
    """A planned touch with the chats on which it may go, the best first; `said` is how often its thread has spoken."""

    id: str
    touch: Touch
    ways: Sequence[Way]
    due_at: Instant
    priority: int = 0
    said: int = 0


@dataclass(frozen=True, slots=True)
class Foretold:
    """When a touch goes (None: not by itself). The decision is the one that kept it from going when it was due, or for
    good; it is `SENT` for one that goes when it is due."""

    at: Instant | None
    decision: Decision


def foretell(buyer: Buyer, planned: Iterable[Planned], policy: Policy, now: Instant) -> dict[str, Foretold]:
    """What becomes of the planned touches of one buyer, by their ids, if nothing else happens."""
    return _Days(buyer, policy).run({each.id: each for each in planned}, now)


@dataclass
class _Days:
    buyer: Buyer
    policy: Policy
    spent: Counter[str] = field(default_factory=Counter)

    def run(self, planned: dict[str, Planned], now: Instant) -> dict[str, Foretold]:
        """In the order in which the program would take them."""
        line = [(max(each.due_at, now), *_turn(each)) for each in planned.values()]
        heapq.heapify(line)
        first: dict[str, Decision] = {}
        found: dict[str, Foretold] = {}
        while line:
            at, *_, id_ = heapq.heappop(line)
            decision = self._judge(planned[id_], at)
            held = first.setdefault(id_, decision)
            if decision.verdict is Verdict.SENT:
                found[id_] = Foretold(at, held)
            elif decision.retry_at is not None and decision.verdict not in HELD:
                heapq.heappush(line, (decision.retry_at, *_turn(planned[id_])))
            else:
                found[id_] = Foretold(None, decision)
        return found

    def _judge(self, planned: Planned, at: Instant) -> Decision:
        way, decision = judge_ways(planned.touch, self.buyer, [*map(self._as_spent, planned.ways)], self.policy, at)
        if decision.verdict is Verdict.SENT:
            self.spent[way.chat.id] += 1
            if planned.touch.role is Role.NUDGE:
                self.buyer = replace(self.buyer, nudged_at=at, nudged_by=planned.id)
        return decision

    def _as_spent(self, way: Way) -> Way:
        more = self.spent[way.chat.id] if way.can.quota is not None else 0
        return replace(way, chat=replace(way.chat, used=way.chat.used + more)) if more else way


def _turn(planned: Planned) -> tuple[int, int, Instant, str]:
    """Of those due together the most urgent kind goes first, and within it the thread that has said least."""
    return planned.priority, planned.said, planned.due_at, planned.id
