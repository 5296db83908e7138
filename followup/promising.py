"""The clock of a promise: whom to warn and when, and what follows when nobody has kept it (rules 7, 110, 119)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from followup.effects import AlertAgent, Effect, Keep, RemindAt
from followup.model import Buyer, Instant
from followup.policy import Policy, QuietHours
from followup.politeness import DAY, is_quiet, next_polite, zone_of
from followup.promises import DUE, NEAR, OURS, Promise, PromiseState

BEFORE_NIGHT = timedelta(minutes=10)
LOOK_BACK = 10
OWN_WORD_FIRST = timedelta(minutes=10)


def clock(promise: Promise, buyer: Buyer, policy: Policy) -> list[RemindAt]:
    """Warn a person in time; then the buyer hears that there is no news, or a person learns that nobody told him."""
    warn = RemindAt(NEAR, warned_at(promise, buyer, policy), round=f"@{promise.key}")
    if is_for_people(promise, buyer, policy):
        return [warn, for_people(promise)]
    return [warn, RemindAt(DUE, told_at(promise, buyer, policy), round=f"@{promise.key}")]


def is_for_people(promise: Promise, buyer: Buyer, policy: Policy) -> bool:
    """Whether only a person may speak when it is due: the buyer said stop, or heard often enough that there is no
    news."""
    return buyer.opted_out_at is not None or promise.round >= policy.promise.most


def for_people(promise: Promise) -> RemindAt:
    """The touch at which a person learns that a promise was broken, in place of the word to the buyer."""
    return RemindAt(NEAR, promise.due_at, round=f"@{promise.key}/due")


def told_at(promise: Promise, buyer: Buyer, policy: Policy) -> Instant:
    """When the buyer hears that there is no news: when it is due; at night before the hours close if that leaves time
    to warn a person, else when they open again.

    Of what a script promised our own next word, planned for that very moment, may come first.
    """
    wish = promise.due_at + OWN_WORD_FIRST if promise.said_by == OURS else promise.due_at
    wish = promise.due_at if is_quiet(wish, zone_of(buyer, policy), policy.quiet) else wish
    return _polite(wish, promise.made_at + policy.promise.warn_before, buyer, policy)


def warned_at(promise: Promise, buyer: Buyer, policy: Policy) -> Instant:
    """When a person is warned; of a promise for soon, half-way."""
    told = told_at(promise, buyer, policy)
    return max(told - policy.promise.warn_before, promise.made_at + (told - promise.made_at) / 2)


def next_due(promises: Sequence[Promise], buyer: Buyer, policy: Policy, now: Instant) -> Instant:
    """By when he hears again after there was no news: as was promised besides, if that is sooner, else a moment at
    which he may be spoken to."""
    up = due(promises, buyer, policy, now)
    wish = now + policy.promise.next_after
    fresh = _polite(wish, now + policy.promise.next_after / 2, buyer, policy).replace(second=0, microsecond=0)
    promised = (each.due_at for each in promises if each not in up and each.due_at > now)
    return min((max(now, fresh), *promised))


def warn(promises: Sequence[Promise], buyer: Buyer, policy: Policy, now: Instant) -> list[Effect]:
    """The time of some promises is near, or over for one that only people may keep; where it was over for people by
    figures that have changed since, the buyer hears after all."""
    effects: list[Effect] = []
    for promise in promises:
        if now >= promise.due_at and is_for_people(promise, buyer, policy):
            effects += [Keep(late(promise, now)), _alert("promise_broken", promise, policy)]
        elif now >= warned_at(promise, buyer, policy):
            effects.append(_alert("promise_near", promise, policy))
            if now >= promise.due_at:
                effects.append(RemindAt(DUE, told_at(promise, buyer, policy), round=f"@{promise.key}"))
    return effects


def untold(promises: Sequence[Promise], buyer: Buyer, policy: Policy, now: Instant) -> list[Effect]:
    """The time of some promises is over, and the bot is paused for their buyer: only a person can tell him now."""
    return [_alert("promise_broken", each, policy) for each in due(promises, buyer, policy, now)]


def renew(promises: Sequence[Promise], buyer: Buyer, policy: Policy, now: Instant) -> list[Effect]:
    """The buyer was told that there is no news: those that were due are late, one for the next time takes their place
    unless it was promised already."""
    up = due(promises, buyer, policy, now)
    over: list[Effect] = [Keep(late(each, now)) for each in up]
    by = next_due(promises, buyer, policy, now)
    if not up or any(each.due_at == by for each in promises if each not in up):
        return over
    later = replace(up[0], id=up[0].next_id, made_at=now, due_at=by)
    return [*over, Keep(later), *clock(later, buyer, policy)]


def due(promises: Sequence[Promise], buyer: Buyer, policy: Policy, now: Instant) -> list[Promise]:
    """Those of which the buyer is to hear now, a person's before our own; at least one if there is any."""
    in_order = sorted(promises, key=lambda each: (each.said_by == OURS, told_at(each, buyer, policy), each.id))
    return [each for each in in_order if told_at(each, buyer, policy) <= now] or in_order[:1]


def answered(promise: Promise, now: Instant) -> Promise:
    """A promise as it stands when the buyer has heard: kept, or late."""
    due_at = promise.due_at + OWN_WORD_FIRST if promise.said_by == OURS else promise.due_at
    state = PromiseState.KEPT if now <= due_at else PromiseState.LATE
    return replace(promise, state=state, closed_at=now)


def released(promise: Promise, now: Instant) -> Promise:
    """A promise whose matter ended first."""
    return replace(promise, state=PromiseState.RELEASED, closed_at=now)


def late(promise: Promise, now: Instant) -> Promise:
    """A promise that nobody kept."""
    return replace(promise, state=PromiseState.LATE, closed_at=now)


def _alert(reason: str, promise: Promise, policy: Policy) -> AlertAgent:
    who = "" if promise.said_by == OURS else promise.said_by
    told = {"who": who, "text": promise.text, "deadline": promise.due_at.astimezone(policy.zone)}
    return AlertAgent(reason, promise.key, told)


def _polite(wish: Instant, earliest: Instant, buyer: Buyer, policy: Policy) -> Instant:
    """The moment itself if it is polite, else the last one before it from `earliest` on, else the first after it."""
    zone, quiet = zone_of(buyer, policy), policy.quiet
    if not is_quiet(wish, zone, quiet):
        return wish
    before = _last_polite(wish, zone, quiet)
    return before if before is not None and before >= earliest else next_polite(wish, zone, quiet)


def _last_polite(before: Instant, zone: ZoneInfo, quiet: QuietHours) -> Instant | None:
    """Shortly before the hours that came last closed."""
    today = before.astimezone(zone).date()
    for days in range(LOOK_BACK):
        closes = datetime.combine(today - days * DAY, quiet.closes, zone).astimezone(before.tzinfo)
        if closes <= before and not is_quiet(closes - BEFORE_NIGHT, zone, quiet):
            return closes - BEFORE_NIGHT
    return None
