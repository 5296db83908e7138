"""What the calendar shows, read and foretold in a thread of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.console.calendar_days import Day, days_of
from followup.answers.common import is_left_in_peace
from followup.events import chat_id
from followup.foretelling import Foretold, Planned, foretell
from followup.hold_out import held_out
from followup.kinds import KINDS, Step
from followup.local_hours import DAY, Hour, begins_at
from followup.model import Buyer, Chat, Instant, Reminder, Role, State, Thread
from followup.policy import Policy
from followup.politeness import Touch as Judged
from followup.politeness import next_polite, zone_of
from followup.reach import Way, in_order
from handlers.chats import NOBODY, own_channel
from handlers.deps import Deps
from store.console.calendar import Around, Shops, Span, Touch, around, counted, next_planned, touches

MANY = 100


@dataclass(frozen=True)
class Asked:
    """Which days of which shops are looked at, by whose clock and rules, and which hour is opened (None: none)."""

    shops: Shops
    dates: tuple[date, ...]
    zone: ZoneInfo
    policies: tuple[Policy, ...]
    now: Instant
    opened: Hour | None = None


@dataclass(frozen=True)
class Line:
    """A planned touch, and what becomes of it as everything stands now; None where its shop is not configured any
    more."""

    touch: Touch
    foretold: Foretold | None
    goes_at: Instant | None


@dataclass(frozen=True)
class Found:
    """What is planned in these days; the lines of the opened hour; and when the next touch is planned, if there is none
    in these days."""

    days: Sequence[Day]
    lines: Sequence[Line] = ()
    next_at: Instant | None = None


def read(connection: Connection, asked: Asked, deps: Deps) -> Found:
    """What is planned as it is now."""
    shops, zone, now = asked.shops, asked.zone, asked.now
    span = Span(begins_at(asked.dates[0], zone), begins_at(asked.dates[-1] + DAY, zone), now)
    counts = counted(connection, shops, span, _every(deps.policies))
    days = days_of(asked.dates, zone, asked.policies, counts, now)
    following = None if counts else next_planned(connection, shops, max(span.until, now))
    if asked.opened is None:
        return Found(days, (), following)
    found = touches(connection, shops, Span(asked.opened.start, asked.opened.end, now), MANY)
    return Found(days, _lines(connection, found, deps, now), following)


def _every(policies: Mapping[str, Policy]) -> dict[str, timedelta]:
    return {shop: policy.nudge_every for shop, policy in policies.items()}


def _lines(connection: Connection, found: Sequence[Touch], deps: Deps, now: Instant) -> list[Line]:
    known = around(connection, [(each.thread.shop, each.thread.buyer) for each in found])
    told: dict[str, Foretold] = {}
    for (shop, buyer), planned in known.planned.items():
        policy = deps.policies.get(shop)
        if policy is not None:
            who = known.buyers.get((shop, buyer)) or Buyer(shop, buyer)
            told |= foretell(who, _planned(planned, who, known, policy, deps), policy, now)
    return [_line(each, told, known, deps, now) for each in found]


def _line(touch: Touch, told: Mapping[str, Foretold], known: Around, deps: Deps, now: Instant) -> Line:
    if touch.reminder is not None:
        foretold = told.get(touch.reminder.id)
        return Line(touch, foretold, foretold.at if foretold else None)
    return Line(touch, None, _out_at(touch, known, deps, now))


def _out_at(touch: Touch, known: Around, deps: Deps, now: Instant) -> Instant:
    """When a message that waits in the outbox goes: an answer as soon as it may, other words at a polite hour."""
    policy, at = deps.policies.get(touch.thread.shop), max(touch.due_at, now)
    if policy is None or (touch.message is not None and touch.message.role is Role.REPLY):
        return at
    buyer = known.buyers.get((touch.thread.shop, touch.thread.buyer)) or Buyer(touch.thread.shop, touch.thread.buyer)
    return next_polite(at, zone_of(buyer, policy), policy.quiet)


def _planned(reminders: Sequence[Reminder], buyer: Buyer, known: Around, policy: Policy, deps: Deps) -> list[Planned]:
    """The touches as politeness sees them; facts that will change are not foreseen."""
    found = []
    for reminder in reminders:
        thread = known.threads.get(reminder.thread)
        step = KINDS[thread.kind].steps.get(reminder.step) if thread and thread.kind in KINDS else None
        if thread is None or step is None:
            continue
        touch = _touch(reminder, thread, step, buyer, policy)
        ways = _ways(thread, buyer, known, deps)
        found.append(Planned(reminder.id, touch, ways, reminder.due_at, reminder.priority, thread.touches))
    return found


def _touch(reminder: Reminder, thread: Thread, step: Step, buyer: Buyer, policy: Policy) -> Judged:
    role = Role.NUDGE if step.patient and is_left_in_peace(buyer) else step.role
    group = held_out(thread, policy.unpaid.hold_out) if step.role is Role.NUDGE else 0
    rests = thread.state is State.SOLVED and not step.about_review and not step.after_settled
    over = thread.state.value if rests else ""
    expires = reminder.expires_at
    return Judged(role, thread.acted_at, expires, over, step.about_review, step.solves, held_out=group)


def _ways(thread: Thread, buyer: Buyer, known: Around, deps: Deps) -> list[Way]:
    """The chats on which it may go, the best first; a stand-in for a buyer who has none yet."""
    own, chats = own_channel(thread.shop, deps), known.chats.get((thread.shop, thread.buyer), [])
    found = in_order(chats, own, buyer.preferred, thread.chat) or [_no_chat(thread, own, deps)]
    return [Way(chat, deps.can(chat.channel)) for chat in found]


def _no_chat(thread: Thread, own: str, deps: Deps) -> Chat:
    address = "" if deps.can(own).needs_chat else thread.buyer
    return Chat(chat_id(thread.shop, own, address or NOBODY), thread.shop, thread.buyer, own, address)
