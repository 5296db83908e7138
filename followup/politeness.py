"""Whether a message may go now: quiet hours, cap, consent, window, expiry, the review firewall.

Sources: docs/law.md and rules 43, 87 and 111. Every check is listed in the decision with the figures it saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from followup.model import Buyer, Chat, Decision, Instant, Reason, Role, Verdict
from followup.policy import Policy, QuietHours
from followup.ports import Capabilities
from followup.reach import ANY_CHANNEL, Way, checks, choose, show
from followup.restored import gap_at, withheld

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Touch:
    """One message as politeness sees it. `acted_at` is the buyer's own act that it answers; one that `solves` a matter
    may use the last message of a quota; one `permitted` by a one-time code needs neither window nor quota. `held_out`
    is the size in percent of the comparison group that it belongs to (0: to none). What is said `by_person`, and the
    word that confirms a stop, goes to a buyer for whom the bot is paused too. `planned_at` is when it is due."""

    role: Role
    acted_at: Instant | None = None
    expires_at: Instant | None = None
    settled: str = ""
    about_review: bool = False
    solves: bool = False
    permitted: bool = False
    held_out: int = 0
    by_person: bool = False
    planned_at: Instant | None = None


def zone_of(buyer: Buyer, policy: Policy) -> ZoneInfo:
    """The buyer's own zone, else the shop's."""
    return named_zone(buyer.zone) if buyer.zone else policy.zone


@lru_cache(maxsize=512)
def named_zone(name: str) -> ZoneInfo:
    """The zone of that name; raises ZoneInfoNotFoundError for a name that is none."""
    return ZoneInfo(name)


def is_quiet(now: Instant, zone: ZoneInfo, quiet: QuietHours) -> bool:
    """Whether automated words must wait at `now` in `zone`."""
    local = now.astimezone(zone)
    return not quiet.opens <= local.time() < quiet.closes or local.date() in quiet.holidays


def next_polite(now: Instant, zone: ZoneInfo, quiet: QuietHours) -> Instant:
    """The first instant from `now` on that is not quiet; raises ValueError if a whole year is."""
    if not is_quiet(now, zone, quiet):
        return now
    day = now.astimezone(zone).date()
    for _ in range(370):
        opens = datetime.combine(day, quiet.opens, zone).astimezone(now.tzinfo)
        if opens >= now and not is_quiet(opens, zone, quiet):
            return opens
        day += DAY
    raise ValueError("quiet hours leave no moment to speak in a whole year")


def next_nudge(now: Instant, buyer: Buyer, policy: Policy) -> Instant:
    """The first instant from `now` on at which quiet hours and the cap, as they stand, let a nudge go."""
    free = now if buyer.nudged_at is None else max(now, buyer.nudged_at + policy.nudge_every)
    return next_polite(free, zone_of(buyer, policy), policy.quiet)


def judge(
    touch: Touch, buyer: Buyer, chat: Chat, policy: Policy, now: Instant, can: Capabilities = ANY_CHANNEL
) -> Decision:
    """Decide whether the message may go on this chat, whose channel `can` do so much; a hold says from when on."""
    return judge_ways(touch, buyer, (Way(chat, can),), policy, now)[1]


def judge_ways(touch: Touch, buyer: Buyer, ways: Sequence[Way], policy: Policy, now: Instant) -> tuple[Way, Decision]:
    """Decide whether the message may go at `now`, and on which of the ways: the first that is open."""
    way, others = choose(ways, now, touch.solves, touch.permitted)
    reasons = (*_checks(touch, buyer, way, policy, now), *others)
    return way, _verdict(touch, buyer, reasons, policy, now)


def _verdict(touch: Touch, buyer: Buyer, reasons: tuple[Reason, ...], policy: Policy, now: Instant) -> Decision:
    failed = next((reason for reason in reasons if not reason.passed), None)
    if failed is None:
        return Decision(Verdict.SENT, reasons)
    verdict = Verdict(failed.check)
    if verdict not in (Verdict.QUIET_HOURS, Verdict.CAPPED):
        return Decision(verdict, reasons)
    retry_at = _first_allowed(reasons, buyer, policy, now)
    if touch.expires_at is not None and retry_at >= touch.expires_at:
        late = Reason(Verdict.EXPIRED, False, (("next_moment", show(retry_at)), ("expires", show(touch.expires_at))))
        return Decision(Verdict.EXPIRED, (*reasons, late))
    return Decision(verdict, reasons, retry_at)


def _first_allowed(reasons: tuple[Reason, ...], buyer: Buyer, policy: Policy, now: Instant) -> Instant:
    earliest = max((r.until for r in reasons if r.until is not None and not r.passed), default=now)
    return next_polite(earliest, zone_of(buyer, policy), policy.quiet)


def _checks(touch: Touch, buyer: Buyer, way: Way, policy: Policy, now: Instant) -> Iterator[Reason]:
    yield _NOT_SETTLED if not touch.settled else Reason(Verdict.SETTLED, False, (("outcome", touch.settled),))
    yield _consent(buyer)
    if touch.held_out:
        yield Reason(Verdict.HELD_OUT, False, (("percent", str(touch.held_out)),))
    if policy.gaps and (gap := gap_at(policy.gaps, touch.planned_at)):
        yield withheld(gap)
    if touch.about_review:
        yield _firewall(buyer, policy)
    yield _expiry(touch, now)
    if buyer.paused_at is not None and not touch.by_person:
        yield Reason(Verdict.PAUSED, False, (("since", show(buyer.paused_at)),))
    yield from checks(way, now, touch.solves, touch.permitted)
    if touch.role is not Role.REPLY:
        yield _quiet(touch, buyer, policy, now)
    if touch.role is Role.NUDGE:
        yield _cap(buyer, policy, now)


_NOT_SETTLED = Reason(Verdict.SETTLED, True)
_CONSENT = Reason(Verdict.OPTED_OUT, True)
_NO_BENEFIT = Reason(Verdict.FIREWALL, True)
_NO_EXPIRY = Reason(Verdict.EXPIRED, True)
_NEVER_NUDGED = Reason(Verdict.CAPPED, True)


def _consent(buyer: Buyer) -> Reason:
    if buyer.opted_out_at is None:
        return _CONSENT
    return Reason(Verdict.OPTED_OUT, False, (("since", show(buyer.opted_out_at)),))


def _firewall(buyer: Buyer, policy: Policy) -> Reason:
    if policy.review.mode == "never":
        return Reason(Verdict.FIREWALL, False, (("review_revision", "never"),))
    if buyer.benefit_at is None:
        return _NO_BENEFIT
    return Reason(Verdict.FIREWALL, False, (("benefit", show(buyer.benefit_at)),))


def _expiry(touch: Touch, now: Instant) -> Reason:
    if touch.expires_at is None:
        return _NO_EXPIRY
    return Reason(Verdict.EXPIRED, now < touch.expires_at, (("expires", show(touch.expires_at)),))


def _quiet(touch: Touch, buyer: Buyer, policy: Policy, now: Instant) -> Reason:
    zone, quiet = zone_of(buyer, policy), policy.quiet
    if _answers_at_once(touch, policy, now):
        return Reason(Verdict.QUIET_HOURS, True, (("reply_to", show(touch.acted_at)),))
    hours = f"{quiet.opens:%H:%M}–{quiet.closes:%H:%M} {zone.key}"
    if not is_quiet(now, zone, quiet):
        return Reason(Verdict.QUIET_HOURS, True, (("hours", hours),))
    return Reason(Verdict.QUIET_HOURS, False, (("hours", hours),), next_polite(now, zone, quiet))


def _answers_at_once(touch: Touch, policy: Policy, now: Instant) -> bool:
    if touch.role is not Role.NOTICE or touch.acted_at is None:
        return False
    return touch.acted_at <= now <= touch.acted_at + policy.reply_within


def _cap(buyer: Buyer, policy: Policy, now: Instant) -> Reason:
    if buyer.nudged_at is None:
        return _NEVER_NUDGED
    free = buyer.nudged_at + policy.nudge_every
    facts = (("last_nudge", show(buyer.nudged_at)), ("by", buyer.nudged_by))
    return Reason(Verdict.CAPPED, now >= free, facts, None if now >= free else free)
