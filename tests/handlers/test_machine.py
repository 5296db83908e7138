"""A shop in disorder: facts late, twice and backwards, buyers who write anything, agents, a channel that fails.

A Hypothesis machine drives the real handlers and the real words. What must always hold is written here a second time,
from the issue and not from the code: the machine keeps its own books of what was told, and audits every message.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from followup.events import Action, MessageReceived, OrderChanged
from followup.model import (
    Decided,
    Instant,
    Money,
    Order,
    Outgoing,
    OutgoingState,
    Rating,
    Refund,
    RefundStatus,
    Reminder,
    Review,
    Status,
    Task,
    Thread,
)
from followup.policy import Policy
from followup.understood import Intent, Understood
from tests.stories.shop import SHOP, Shop, span

NUDGES = {"unpaid.help", "unpaid.last_call", "refund.daily", "review.note", "review.retry"}
NOTICES = {"refund.acknowledge", "refund.settled"}
ABOUT_REVIEWS = {"review.note", "review.retry"}
HINTS = ("回复“退订”就行", "回“退订”即可")
RANKS = [
    Status.UNPAID,
    Status.CLOSED_UNPAID,
    Status.PAID,
    Status.SHIPPED,
    Status.SIGNED,
    Status.FINISHED,
    Status.CLOSED,
]
OWNERS = {"1001": "lin", "1002": "lin", "2001": "he"}
KINDS = ("unpaid_order", "pending_refund", "review_revision")
PASSING = ["1m", "9m", "15m", "1h", "5h", "13h", "24h", "3d", "8d"]

orders = st.sampled_from(sorted(OWNERS))
shifts = st.sampled_from([0, 0, 0, -1, -30, 5]).map(lambda hours: timedelta(hours=hours))


def understands(text: str, now: Instant, _zone: ZoneInfo, _hint: str) -> Understood:
    """What the machine's buyers write: an intent, and perhaps the hours until a named time."""
    intent, _, hours = text.partition(" ")
    return Understood(Intent(intent), now + timedelta(hours=float(hours)) if hours else None)


class Disorder(RuleBasedStateMachine):
    """Rules are what may happen; invariants are what must hold after each of them."""

    shop: Shop

    def __init__(self) -> None:
        super().__init__()
        self.told: list[OrderChanged] = []
        self.written: list[MessageReceived] = []
        self.furthest: dict[str, int] = {}
        self.over: set[tuple[str, str]] = set()
        self.paid_back: set[tuple[str, str]] = set()
        self.ratings: dict[tuple[str, str], tuple[Instant, Rating]] = {}
        self.asked: dict[tuple[str, str], set[Instant]] = defaultdict(set)
        self.stopped: dict[str, tuple[Instant, bool]] = {}
        self.benefits: dict[str, Instant] = {}
        self.audited: dict[str, Outgoing] = {}
        self.decisions = 0
        self.sent = 0

    @initialize(
        hour=st.integers(0, 23),
        zone=st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/Madrid", "Australia/Lord_Howe"]),
        day=st.sampled_from(["2026-03-07", "2026-03-28", "2026-04-04", "2026-06-01"]),
        retry_after=st.sampled_from(["5m", "7h"]),
    )
    def opens(self, hour: int, zone: str, day: str, retry_after: str) -> None:
        """The shop opens on the eve of a change of clocks, or on a quiet day."""
        self.shop = Shop(f"{day} {hour:02}:40", replace(Policy(SHOP), zone=ZoneInfo(zone)), understands)
        self.shop.retry_after = span(retry_after)

    # what may happen

    @rule(id_=orders, status=st.sampled_from(RANKS), seen=shifts, closes=st.sampled_from([None, 20, 72]))
    def order(self, id_: str, status: Status, seen: timedelta, closes: int | None) -> None:
        """A source tells where an order stands, with a clock of its own."""
        self._tell(self._order(id_, seen, status, closes))

    @rule(id_=st.sampled_from(["1001", "2001"]))
    def orders_now(self, id_: str) -> None:
        """The plain case: an order made just now."""
        self._tell(self._order(id_, timedelta(), Status.UNPAID, None))

    @rule(
        id_=orders,
        refund=st.sampled_from(["R1", "R2"]),
        status=st.sampled_from([RefundStatus.REQUESTED, *RefundStatus]),
        seen=shifts,
        deadline=st.sampled_from([None, 10, 100]),
    )
    def refund(self, id_: str, refund: str, status: RefundStatus, seen: timedelta, deadline: int | None) -> None:
        """A source tells of a refund."""
        at = self.now + seen
        due = None if deadline is None else at + timedelta(hours=deadline)
        settled_at = at if status is RefundStatus.PAID_BACK else None
        amount = Money(Decimal(30 if refund == "R1" else 50))
        told = Refund(SHOP, f"{id_}-{refund}", id_, status, amount, at, at, due, settled_at)
        self._tell(replace(self._order(id_, seen, Status.PAID, None), refunds=(told,)))

    @rule(
        id_=orders,
        review=st.sampled_from(["V1", "V2"]),
        rating=st.sampled_from([Rating.BAD, *Rating]),
        seen=shifts,
    )
    def review(self, id_: str, review: str, rating: Rating, seen: timedelta) -> None:
        """A source tells of a review."""
        at = self.now + seen
        told = Review(SHOP, f"{id_}-{review}", id_, rating, at, at, "text")
        self._tell(replace(self._order(id_, seen, Status.SIGNED, None), reviews=(told,)))

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def an_old_fact_again(self, data: st.DataObject) -> None:
        """Something told before arrives once more."""
        self._tell(data.draw(st.sampled_from(self.told)))

    @rule(
        buyer=st.sampled_from(["lin", "he", "stranger"]),
        intent=st.sampled_from([*Intent, Intent.LATER, Intent.OTHER, Intent.CONFIRMED, Intent.CONFIRMED]),
        hours=st.sampled_from([None, 2, 20, 26, 100]),
    )
    def writes(self, buyer: str, intent: Intent, hours: float | None) -> None:
        """A buyer writes."""
        text = intent.value if hours is None else f"{intent.value} {hours}"
        event = MessageReceived(SHOP, "terminal", buyer, f"m{len(self.written)}", text, self.now)
        self.written.append(event)
        if intent is Intent.STOP:
            self.stopped.setdefault(buyer, (self.now, True))
        self.shop.message(event)

    @rule(
        id_=orders,
        intent=st.sampled_from([Intent.LATER, Intent.LATER, Intent.PAID, Intent.DECLINED]),
        hours=st.sampled_from([0.5, 5, 20, 26, 70, 100]),
    )
    def an_order_is_talked_about(self, id_: str, intent: Intent, hours: float) -> None:
        """Ordered, helped, answered: what happens to most orders that are not paid at once."""
        self._tell(self._order(id_, timedelta(), Status.UNPAID, None))
        self.shop.after("16m")
        self.writes(OWNERS[id_], intent, hours)

    @precondition(lambda self: self.written)
    @rule(data=st.data())
    def a_message_again(self, data: st.DataObject) -> None:
        """The channel delivers a message a second time."""
        self.shop.message(data.draw(st.sampled_from(self.written)))

    @precondition(lambda self: self._threads())
    @rule(data=st.data(), action=st.sampled_from([*Action, Action.SOLVED, Action.SOLVED, Action.CONFIRMED]))
    def agent(self, data: st.DataObject, action: Action) -> None:
        """An agent does something with a thread."""
        thread = data.draw(st.sampled_from(self._threads()))
        if action is Action.OPT_OUT:
            self.stopped.setdefault(thread.buyer, (self.now, False))
        if action is Action.BENEFIT:
            self.benefits.setdefault(thread.buyer, self.now)
        self.shop.agent(action.value, thread.kind, thread=thread.id)

    @rule(id_=st.sampled_from(["1001", "2001"]))
    def a_review_is_solved_and_confirmed(self, id_: str) -> None:
        """The one way to a note, which chance alone would seldom find."""
        at = self.now
        told = Review(SHOP, f"{id_}-V1", id_, Rating.BAD, at, at, "text")
        self._tell(replace(self._order(id_, timedelta(), Status.SIGNED, None), reviews=(told,)))
        if any(thread.id == f"{SHOP}/{id_}/review_revision" for thread in self._threads()):
            self.shop.agent("solved", "review_revision", id_)
            self.writes(OWNERS[id_], Intent.CONFIRMED, None)

    @rule(passing=st.lists(st.sampled_from(PASSING), min_size=1, max_size=3))
    def time_passes(self, passing: list[str]) -> None:
        """Everything due on the way happens."""
        for text in passing:
            self.shop.after(text)

    @rule(answers=st.lists(st.sampled_from(["accepted", "refused", "retry", "retry", "unsure"]), max_size=4))
    def the_channel_fails(self, answers: list[str]) -> None:
        """The next messages meet a channel in trouble."""
        self.shop.channel_answers(*answers)

    # the books

    @property
    def now(self) -> Instant:
        return self.shop.clock.now()

    def _threads(self) -> list[Thread]:
        return list(self.shop.store.tx.items[Thread].values())

    def _order(self, id_: str, seen: timedelta, status: Status, closes: int | None) -> OrderChanged:
        made = next((event.order.created_at for event in self.told if event.order.id == id_), self.now)
        paid_at = made if RANKS.index(status) > 1 else None
        due = None if closes is None else made + timedelta(hours=closes)
        total = Money(Decimal("89.00"))
        order = Order(SHOP, id_, OWNERS[id_], status, total, made, self.now + seen, paid_at, auto_close_at=due)
        return OrderChanged(order)

    def _tell(self, event: OrderChanged) -> None:
        self.told.append(event)
        id_ = event.order.id
        self.furthest[id_] = max(self.furthest.get(id_, 0), RANKS.index(event.order.status))
        for refund in event.refunds:
            self.asked[id_, refund.id].add(refund.requested_at)
            if refund.status in (RefundStatus.PAID_BACK, RefundStatus.WITHDRAWN):
                self.over.add((id_, refund.id))
            if refund.status is RefundStatus.PAID_BACK:
                self.paid_back.add((id_, refund.id))
        for review in event.reviews:
            seen, rating = self.ratings.get((id_, review.id), (review.observed_at, review.rating))
            if rating is not Rating.REMOVED and (review.observed_at >= seen or review.rating is Rating.REMOVED):
                self.ratings[id_, review.id] = (review.observed_at, review.rating)
        self.shop.source_says(event)

    def _matter(self, message: Outgoing) -> tuple[str, str]:
        _, order, _, _, *round_ = message.id.split("/")
        return order, "/".join(round_).partition("@")[0]

    def _may_be_said(self, message: Outgoing) -> bool:
        order, matter = self._matter(message)
        match message.step:
            case "refund.settled":
                return (order, matter) in self.paid_back
            case "unpaid.help" | "unpaid.last_call":
                return self.furthest[order] == 0
            case "refund.acknowledge" | "refund.daily":
                return (order, matter) not in self.over
            case _:
                return self.ratings[order, matter][1] not in (Rating.GOOD, Rating.REMOVED)

    def _is_quiet(self, at: Instant) -> bool:
        local = at.astimezone(self.shop.policy.zone)
        return not 9 * 60 <= local.hour * 60 + local.minute < 20 * 60 + 30

    def _acknowledges(self, message: Outgoing, at: Instant) -> bool:
        order, matter = self._matter(message)
        asked = self.asked[order, matter]
        other = {instant for (o, _), instants in self.asked.items() if o == order for instant in instants}
        instants = asked if message.step == "refund.acknowledge" else other
        return any(instant <= at <= instant + timedelta(minutes=10) for instant in instants)

    def _outbox(self) -> list[Outgoing]:
        return list(self.shop.store.tx.items[Outgoing].values())

    def _said_of(self, buyer: str) -> Iterator[Outgoing]:
        return (message for message in self._outbox() if message.buyer == buyer)

    # what must hold

    @invariant()
    def audit(self) -> None:
        """Every message that is new, and every message that went since the last step."""
        if not hasattr(self, "shop"):
            return
        for message in self._outbox():
            if message.id not in self.audited:
                self._audit_said(message)
            was = self.audited.setdefault(message.id, message)
            assert (was.text, was.created_at) == (message.text, message.created_at), "one key, two messages"
        for message in self.shop.delivered[self.sent :]:
            self._audit_sent(message)
        self.sent = len(self.shop.delivered)

    def _audit_said(self, message: Outgoing) -> None:
        if message.step not in NUDGES | NOTICES:
            return
        at = message.created_at
        assert self._may_be_said(message), f"{message.id} is settled"
        assert not self._is_quiet(at) or (message.step in NOTICES and self._acknowledges(message, at))
        assert message.buyer not in self.stopped
        assert message.step not in ABOUT_REVIEWS or message.buyer not in self.benefits
        if message.step == "refund.settled":
            assert ("30.00" if message.id.removesuffix("@again").endswith("R1") else "50.00") in message.text
        if message.step.startswith("unpaid"):
            facts = self.shop.store.tx.facts(SHOP, self._matter(message)[0])
            assert facts is not None
            assert at < (facts.order.auto_close_at or facts.order.created_at + timedelta(hours=72))

    def _audit_sent(self, message: Outgoing) -> None:
        at = self.shop.store.tx.get(Outgoing, message.id).sent_at
        assert at is not None
        assert message.expires_at is None or at < message.expires_at
        assert 1 == sum(each.id == message.id for each in self.shop.delivered)
        if message.step in NUDGES | NOTICES:
            assert not self._is_quiet(at) or (message.step in NOTICES and self._acknowledges(message, at))
        if message.step in NUDGES | NOTICES - {"refund.settled"}:
            assert at < self.now or self._may_be_said(message)

    @invariant()
    def one_nudge_a_day(self) -> None:
        """For each buyer 24 hours lie between one nudge and the next, as said and as sent."""
        for buyer in ("lin", "he"):
            nudges = [message for message in self._said_of(buyer) if message.step in NUDGES]
            said = sorted(message.created_at for message in nudges)
            sent = sorted(message.sent_at for message in nudges if message.sent_at)
            for times in (said, sent):
                assert all(b - a >= timedelta(hours=24) for a, b in pairwise(times))

    @invariant()
    def silence_after_stop(self) -> None:
        """After a stop the buyer hears one confirmation and nothing else; after an agent's opt-out nothing at all."""
        for buyer, (at, by_buyer) in self.stopped.items():
            later = [m.step for m in self._said_of(buyer) if m.created_at >= at and self._came_after_stop(m, at)]
            assert later in ([], ["stop.confirmed"] if by_buyer else [])
            sent = [m.step for m in self._said_of(buyer) if m.sent_at and m.sent_at > at]
            assert sent in ([], ["stop.confirmed"])

    def _came_after_stop(self, message: Outgoing, at: Instant) -> bool:
        """What was said in the very instant of the stop counts when it stands behind the confirmation."""
        if message.created_at > at:
            return True
        ids = [each.id for each in self._said_of(message.buyer)]
        farewell = next((each.id for each in self._said_of(message.buyer) if each.step == "stop.confirmed"), None)
        return farewell is not None and ids.index(message.id) >= ids.index(farewell)

    @invariant()
    def no_review_after_a_benefit(self) -> None:
        """Nothing about a review is said or sent after a benefit."""
        for buyer, at in self.benefits.items():
            for message in self._said_of(buyer):
                if message.step in ABOUT_REVIEWS:
                    assert message.created_at <= at
                    assert message.sent_at is None or message.sent_at <= at
                    assert message.state is not OutgoingState.DUE

    @invariant()
    def no_words_twice(self) -> None:
        """In a thread no text is repeated, and the first carries the way out."""
        threads: dict[str, list[Outgoing]] = defaultdict(list)
        for message in self._outbox():
            if message.thread.rpartition("/")[2] in KINDS:
                threads[message.thread].append(message)
        for messages in threads.values():
            texts = [message.text.partition("\n")[0] for message in messages]
            assert len(texts) == len(set(texts)), texts
            first = messages[0]
            assert first.step == "stop.confirmed" or any(hint in first.text for hint in HINTS)

    @invariant()
    def promises_are_kept(self) -> None:
        """After "I'll come back at …" no word on the order comes before that time; after "I paid", none for a day."""
        promised: dict[str, Instant] = {}
        for message in self._outbox():
            if message.step == "later.noted":
                promised[message.thread] = self._time_in(message)
            elif message.step == "later.noted_closing":
                promised.pop(message.thread, None)
            elif message.step == "paid.thanks":
                promised[message.thread] = message.created_at + timedelta(hours=24)
            elif message.step in ("unpaid.help", "unpaid.last_call"):
                assert message.created_at >= promised.get(message.thread, message.created_at)

    def _time_in(self, message: Outgoing) -> Instant:
        found = re.search(r"(\d+)月(\d+)日 (\d+):(\d+)", message.text)
        assert found is not None
        year, zone = message.created_at.year, self.shop.policy.zone
        return datetime(year, *(int(part) for part in found.groups()), tzinfo=zone)

    @invariant()
    def every_message_was_decided(self) -> None:
        """Behind each message stands a decision that let it go; each decision that did not names a failed check."""
        decided = [line for line in self.shop.store.lines[self.decisions :] if isinstance(line, Decided)]
        self.decisions = len(self.shop.store.lines)
        for line in decided:
            assert line.decision.reasons
            assert (line.decision.verdict.value == "sent") == all(reason.passed for reason in line.decision.reasons)
        self._sent_verdicts = getattr(self, "_sent_verdicts", set()) | {
            line.reminder for line in decided if line.decision.verdict.value == "sent"
        }
        self._held = getattr(self, "_held", set()) | {
            line.reminder for line in decided if line.decision.verdict.value != "sent"
        }
        assert {message.id for message in self._outbox()} <= self._sent_verdicts

    @invariant()
    def no_reminder_is_lost_silently(self) -> None:
        """A touch that is not planned any more was said, or somebody can read why it was not; none was put aside."""
        for reminder in self.shop.store.tx.items[Reminder].values():
            if reminder.step not in NUDGES | NOTICES or reminder.state.value == "pending":
                continue
            if reminder.state.value == "fired":
                assert reminder.id in self.audited
            else:
                assert reminder.id in self._held, reminder
        assert not [task for task in self.shop.store.tx.items[Task].values() if task.reason == "put_aside"]

    @invariant()
    def closed_threads_plan_nothing(self) -> None:
        """Only the news of the money is still planned in a thread that is over."""
        for thread in self._threads():
            if thread.state.closed:
                planned = {reminder.step for reminder in self.shop.store.tx.pending(thread.id)}
                assert planned <= {"refund.settled"}, (thread, planned)

    def teardown(self) -> None:
        """At last let everything happen that is still planned."""
        if hasattr(self, "shop"):
            self.shop.after("40d")
            self.audit()
            self.one_nudge_a_day()
            self.every_message_was_decided()
            self.no_reminder_is_lost_silently()
            self.silence_after_stop()


Disorder.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestDisorder = Disorder.TestCase
