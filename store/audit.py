"""The proof over the ledger: nothing was sent twice, nothing is lost silently, and what is uncertain is shown.

Everything is read in portions and in one moment, so that a ledger of any length needs the same memory and may be
written to meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import chain
from typing import Any

from sqlalchemy import Connection, case, exists, false, func, select

from followup.model import Instant, Role
from store.codec import from_micros, to_micros
from store.engine import steady
from store.gaps import GAPS
from store.histories import faults
from store.schema import in_state, outbox, raw_events, reminders, tasks, threads

SHOWN = 1000
PORTION = 1000
TOO_LONG = timedelta(hours=1)
_OWN = (Role.NUDGE.value, Role.NOTICE.value)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is broken, by which message or reminder, and how."""

    rule: str
    id: str
    what: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """A message of which nobody knows whether the buyer has it."""

    id: str
    shop: str
    buyer: str
    channel: str
    step: str
    due_at: Instant


@dataclass
class Audit:
    """The result: how many messages were sent, which are unsure, what is wrong (the first thousand of `found`),
    and how many rows are in each state of each table."""

    sent: int = 0
    unsure: list[Unsure] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    found: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the proof holds."""
        return not self.found

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it if there are not too many."""
        self.found += 1
        if len(self.findings) < SHOWN:
            self.findings.append(finding)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; instants in ISO 8601."""
        unsure = [asdict(one) | {"due_at": one.due_at.isoformat()} for one in self.unsure]
        findings = [asdict(finding) for finding in self.findings]
        numbers = {"ok": self.ok, "sent": self.sent, "found": self.found}
        return {**numbers, "unsure": unsure, "findings": findings, "counts": self.counts}

    def as_text(self) -> str:
        """For people, a line each."""
        verdict = "the ledger is proven: nothing was sent twice, nothing is lost"
        lines = [f"{self.sent} sent, {len(self.unsure)} unsure, {self.found} findings"]
        if aside := self.counts.get("raw_events", {}).get("put_aside"):
            lines.append(f"{aside} events were put aside; `huifang channels aside` lists them")
        lines += [f"unsure   {one.id}  ({one.channel}, {one.due_at:%Y-%m-%d %H:%M} UTC)" for one in self.unsure]
        lines += [f"{finding.rule}  {finding.id}: {finding.what}" for finding in self.findings]
        if self.found > len(self.findings):
            lines.append(f"… and {self.found - len(self.findings)} more")
        return "\n".join([*lines, verdict if self.ok else "the proof failed"])


def audit(connection: Connection, idempotent: Collection[str] = (), now: Instant | None = None) -> Audit:
    """Examine the whole ledger; `idempotent` are the channels that refuse a repeated message by themselves.

    With `now`, an event that has waited for more than an hour to be handled is a finding too.
    """
    steady(connection)
    result = Audit(counts=_counts(connection))
    for finding in chain(_messages(connection, result, idempotent), _gaps(connection), _unheard(connection, now)):
        result.add(finding)
    return result


def _messages(connection: Connection, result: Audit, idempotent: Collection[str]) -> Iterator[Finding]:
    for row in connection.execute(_LEDGER, execution_options={"yield_per": PORTION}):
        id_, shop, buyer, channel, step, role, state, due_at, attempts, history, edits, not_done = row
        result.sent += "accepted@" in history and "failed@" not in history and not edits
        if state == "unsure":
            result.unsure.append(Unsure(id_, shop, buyer, channel, step, from_micros(due_at)))
        repeatable = role not in _OWN or channel in idempotent
        for rule, what in faults(state, history, attempts, repeatable, bool(not_done)):
            yield Finding(rule, id_, what)


def _gaps(connection: Connection) -> Iterator[Finding]:
    for rule, query in GAPS.items():
        for id_, what in connection.execute(query, execution_options={"yield_per": PORTION}):
            yield Finding(rule, id_, what)


def _unheard(connection: Connection, now: Instant | None) -> Iterator[Finding]:
    if now is None:
        return
    before = to_micros(now - TOO_LONG)
    waits = select(raw_events.c.channel, raw_events.c.external_id).where(in_state(raw_events, "waiting"))
    late = waits.where(raw_events.c.at < before).order_by(raw_events.c.seq)
    for channel, id_ in connection.execute(late, execution_options={"yield_per": PORTION}):
        yield Finding("unheard", f"{channel}/{id_}", "it was delivered more than an hour ago and is not handled")


def _counts(connection: Connection) -> dict[str, dict[str, int]]:
    counts = {}
    for table in (threads, reminders, outbox, tasks, raw_events):
        rows = connection.execute(
            select(table.c.state, func.count().label("number")).group_by("state").order_by("state")
        )
        counts[table.name] = {row.state: row.number for row in rows}
    return counts


_handed_back = exists().where(
    tasks.c.thread == outbox.c.thread, tasks.c.outgoing == outbox.c.id, tasks.c.state == "not_done"
)
_LEDGER = select(
    *(outbox.c[name] for name in ("id", "shop", "buyer", "channel", "step", "role", "state", "due_at", "attempts")),
    outbox.c.history,
    outbox.c.edits,
    case((outbox.c.state == "failed", _handed_back), else_=false()),
).order_by(outbox.c.seq)
