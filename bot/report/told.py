"""The sentences and figures that the summary and the page share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.report.labels import labels
from bot.simulate import Simulation
from followup.model import Instant
from followup.policy import Policy
from scripts_library.localise import duration


def assumed(simulation: Simulation, lang: str, typed: bool = True) -> Iterator[str]:
    """What was assumed, as told, and what stayed unknown; where it is `typed`, with what to type to assume that too."""
    words, told = labels(lang), simulation.past
    for name, span in simulation.assume.told.items():
        yield words[f"assumed_{name}"].format(span=span)
    if not simulation.assume.told:
        yield words["assumed_nothing"]
    if told.assumed:
        yield words["assumed_count"].format(n=f"{len(told.assumed):,}")
    if told.unknown_refund_times:
        hint = words["unknown_refunds_hint"] if typed else ""
        yield words["unknown_refunds"].format(n=f"{told.unknown_refund_times:,}") + hint
    if told.unknown_settle_times:
        hint = words["unknown_settles_hint"] if typed else ""
        yield words["unknown_settles"].format(n=f"{told.unknown_settle_times:,}") + hint


def period(simulation: Simulation, policy: Policy, lang: str) -> str:
    """From the first decision to the last, in the shop's zone."""
    if not simulation.decided:
        return "–"
    first, last = (_day(line.at, policy) for line in (simulation.decided[0], simulation.decided[-1]))
    return f"{first} {labels(lang)['to']} {last} ({policy.zone.key})"


def figures_used(policy: Policy, lang: str) -> Iterator[tuple[str, str]]:
    """The policy's figures that decided, by name."""
    words = labels(lang)["figures"]
    yield words["quiet"], f"{policy.quiet.opens:%H:%M}–{policy.quiet.closes:%H:%M}"
    for name, span in _spans(policy):
        yield words[name], duration(span, lang).strip()
    yield words["daily_most"], str(policy.refund.daily_most)


def _spans(policy: Policy) -> Iterator[tuple[str, timedelta]]:
    yield "nudge_every", policy.nudge_every
    yield "reply_within", policy.reply_within
    for name in ("help_after", "last_call_after", "auto_close_after"):
        yield name, getattr(policy.unpaid, name)
    for name in ("daily_every", "alert_before_deadline", "settled_expires_after"):
        yield name, getattr(policy.refund, name)


def _day(at: Instant, policy: Policy) -> str:
    return at.astimezone(policy.zone).date().isoformat()
