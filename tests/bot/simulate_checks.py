"""Checks a ledger against what really happened to the orders, with none of the code that decided it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

Entry = Mapping[str, Any]
OPENS, CLOSES = time(9, 0), time(20, 30)
DAY, AT_ONCE = timedelta(hours=24), timedelta(minutes=10)


@dataclass(frozen=True)
class Truth:
    """What happened to one order: when it was paid, when it closed unpaid, when refunds were asked for and settled."""

    paid_at: datetime | None
    closes_at: datetime
    refunds: tuple[tuple[datetime, datetime | None], ...] = ()


def broken_rules(ledger: Iterable[Entry], truths: Mapping[str, Truth]) -> list[str]:
    """One sentence for every broken promise; none if the ledger keeps them all."""
    lines = [{**entry, "when": datetime.fromisoformat(entry["at"])} for entry in ledger]
    sent = [line for line in lines if line["verdict"] == "sent"]
    checks = (_in_order(lines), _texts(lines), _polite(sent, truths), _alive(sent, truths), _capped(sent), _once(sent))
    return [sentence for check in (*checks, _never_lost(lines)) for sentence in check]


def _in_order(lines: list[Entry]) -> Iterator[str]:
    for before, after in pairwise(lines):
        if after["when"] < before["when"]:
            yield f"{after['key']} at {after['at']} stands after {before['at']}"


def _texts(lines: list[Entry]) -> Iterator[str]:
    for line in lines:
        if bool(line["text"]) != (line["verdict"] == "sent") or not line["reason"].startswith(line["verdict"]):
            yield f"{line['key']} at {line['at']}: text or reason do not fit {line['verdict']}"


def _polite(sent: list[Entry], truths: Mapping[str, Truth]) -> Iterator[str]:
    for line in sent:
        answers = any(asked <= line["when"] <= asked + AT_ONCE for asked, _ in truths[line["order_id"]].refunds)
        if not OPENS <= line["when"].time() < CLOSES and not (line["role"] == "notice" and answers):
            yield f"{line['key']} was said in quiet hours, {line['at']}"


def _alive(sent: list[Entry], truths: Mapping[str, Truth]) -> Iterator[str]:
    for line in sent:
        now, truth = line["when"], truths[line["order_id"]]
        pending = any(asked <= now and (settled is None or now < settled) for asked, settled in truth.refunds)
        settled_before = any(settled is not None and settled <= now for _, settled in truth.refunds)
        unpaid = now < truth.closes_at and (truth.paid_at is None or now < truth.paid_at)
        alive = {"unpaid_order": unpaid, "pending_refund": pending}[line["kind"]]
        if not (settled_before if line["step"] == "refund.settled" else alive):
            yield f"{line['key']} was said at {line['at']} in a matter that was over"


def _capped(sent: list[Entry]) -> Iterator[str]:
    last: dict[tuple[str, str], datetime] = {}
    for line in (line for line in sent if line["role"] == "nudge"):
        buyer = (line["shop"], line["buyer"])
        if buyer in last and line["when"] - last[buyer] < DAY:
            yield f"{buyer} was nudged at {last[buyer]} and again at {line['at']}"
        last[buyer] = line["when"]


def _once(sent: list[Entry]) -> Iterator[str]:
    keys: set[str] = set()
    texts: dict[str, set[str]] = defaultdict(set)
    for line in sent:
        words = line["text"].partition("\n")[0]
        if line["key"] in keys or words in texts[line["thread"]]:
            yield f"{line['key']} was said twice, or in words already used in {line['thread']}"
        keys.add(line["key"])
        texts[line["thread"]].add(words)


def _never_lost(lines: list[Entry]) -> Iterator[str]:
    """Whatever was put off comes up again at that moment, or is dropped for a reason before it."""
    put_off: dict[str, Entry] = {}
    for line in lines:
        before = put_off.pop(line["key"], None)
        if before and line["when"] > datetime.fromisoformat(before["retry_at"]):
            yield f"{line['key']} was put off to {before['retry_at']} and came up only at {line['at']}"
        if line["retry_at"]:
            put_off[line["key"]] = line
    yield from (f"{key} was put off to {line['retry_at']} and never came up again" for key, line in put_off.items())
