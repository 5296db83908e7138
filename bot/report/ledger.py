"""The ledger: one JSON object a line for every message that was sent or held back, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from bot.report.reasons import local, sentence
from bot.simulate import Simulation
from followup.kinds import KINDS
from followup.model import Decided, Outgoing, Role, Thread
from followup.politeness import zone_of


def entries(simulation: Simulation) -> Iterator[dict[str, Any]]:
    """The ledger's objects; times are ISO 8601 with the offset of the buyer's zone, `text` is "" when held back."""
    return (_entry(line, simulation) for line in simulation.decided)


def write_ledger(path: Path, simulation: Simulation) -> int:
    """Writes the ledger and returns the number of its lines. Raises OSError."""
    count = 0
    with path.open("wb") as file:
        for entry in entries(simulation):
            file.write(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))
            count += 1
    return count


def _entry(line: Decided, simulation: Simulation) -> dict[str, Any]:
    state, decision = simulation.state, line.decision
    policy, buyer = simulation.deps.policy(line.shop), state.buyer(line.shop, line.buyer)
    zone = zone_of(buyer, policy)
    thread = state.items[Thread].get((line.thread,))
    return {
        "at": local(line.at, zone),
        "shop": line.shop,
        "order_id": thread.order_id if thread else "",
        "buyer": line.buyer,
        "kind": thread.kind if thread else "",
        "step": line.step,
        "role": role_of(line, simulation).value,
        "channel": line.channel,
        "lang": line.lang or buyer.lang or policy.lang,
        "verdict": decision.verdict.value,
        "reason": sentence(decision, zone),
        "retry_at": local(decision.retry_at, zone) if decision.retry_at else None,
        "text": line.text,
        "thread": line.thread,
        "key": line.reminder,
    }


def role_of(line: Decided, simulation: Simulation) -> Role:
    """What the message is to the buyer: a nudge, a notice, or a reply."""
    thread = simulation.state.items[Thread].get((line.thread,))
    step = KINDS[thread.kind].steps.get(line.step) if thread else None
    if step is not None:
        return step.role
    message = simulation.state.items[Outgoing].get((line.reminder,))
    return message.role if message else Role.REPLY
