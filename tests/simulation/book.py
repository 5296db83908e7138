"""What the simulation itself knows: what was told, what was heard, and so what must not happen any more.

Nothing here asks the program what it thinks: politeness is counted anew, at the receiving end (docs/law.md).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from followup.events import OrderChanged
from followup.model import Instant, Outgoing, Rating, Status

NUDGE_STEPS = {
    "unpaid": ("help", "last_call"),
    "refund": ("daily",),
    "review": ("note", "retry"),
    "inquiry": ("touch",),
    "visit": ("greet",),
    "late": ("sorry", "daily"),
    "stuck": ("told", "at_door", "daily"),
    "address": ("unserved",),
    "sales": (
        "daily_looking",
        "daily_parcel",
        "daily_doing",
        "again_question",
        "again_slip",
        "again_photos",
        "again_weight",
    ),
    "return": ("remind", "overdue"),
    "reissue": ("well",),
}
NUDGES = frozenset(f"{of}.{step}" for of, steps in NUDGE_STEPS.items() for step in steps)
OWN = frozenset(("nudge", "notice"))
GRACE = timedelta(minutes=1)
"""What was decided so long ago need not be judged again before it goes."""


@dataclass(frozen=True, slots=True)
class Manners:
    """The figures of a configuration that buyers can notice, in force since a moment of the clock."""

    zone: ZoneInfo
    opens: time
    closes: time
    every: timedelta

    def are_quiet(self, at: Instant) -> bool:
        """Whether nobody may be nudged."""
        return not self.opens <= at.astimezone(self.zone).time() < self.closes


@dataclass
class Book:
    """Kept by the schedule as it goes; `faults` are the promises that were broken so far."""

    manners: list[tuple[Instant, Manners]] = field(default_factory=list)
    facts: dict[str, OrderChanged] = field(default_factory=dict)
    told: list[OrderChanged] = field(default_factory=list)
    not_unpaid: set[str] = field(default_factory=set)
    settled: dict[str, bool] = field(default_factory=dict)
    ratings: dict[str, tuple[Instant, Rating]] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    proven: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    nudged: dict[str, tuple[Instant, str]] = field(default_factory=dict)
    texts: set[tuple[str, str]] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def behaves(self, manners: Manners, since: Instant) -> None:
        """The program is started with these figures."""
        self.manners.append((since, manners))

    def clock_is_set(self, now: Instant) -> None:
        """What was said at a time that is still to come was said just now."""
        self.nudged = {chat: (min(at, now), id_) for chat, (at, id_) in self.nudged.items()}

    def _manners(self, since: Instant) -> list[Manners]:
        """What was in force at some time since then, or until a moment before."""
        ends = [began for began, _ in self.manners[1:]]
        past = [manners for (_, manners), end in zip(self.manners, ends, strict=False) if since - GRACE <= end]
        return [*past, self.manners[-1][1]]

    def learns(self, event: OrderChanged) -> None:
        """The program was told this, and has said that it knows."""
        if event.order.status is not Status.UNPAID:
            self.not_unpaid.add(event.order.id)
        for refund in event.refunds:
            key = f"{event.order.id}/{refund.id}"
            self.settled[key] = self.settled.get(key, False) or not refund.status.pending
        for review in event.reviews:
            key = f"{event.order.id}/{review.id}"
            if key not in self.ratings or review.observed_at >= self.ratings[key][0]:
                self.ratings[key] = review.observed_at, review.rating

    def hears(self, message: Outgoing, at: Instant) -> None:
        """A message is put into a channel's hands at this time of the clock."""
        wrong = [*self._impolite(message, at), *self._indiscreet(message), *self._ill_timed(message, at)]
        self.faults += [f"{sentence}: {message.id} to {message.chat} at {at:%Y-%m-%d %H:%M:%S}" for sentence in wrong]

    def _impolite(self, message: Outgoing, at: Instant) -> list[str]:
        if message.role.value in OWN and message.chat in self.stopped:
            return ["it goes to somebody who said stop"]
        wrong = []
        if message.step in NUDGES or message.role.value == "nudge":
            wrong = [*self._at_night(at), *self._too_soon(message, at), *self._settled(message)]
            self.nudged[message.chat] = at, message.id
        said = message.thread, message.text
        if message.role.value in OWN and message.id not in {id_ for id_, _ in self.texts}:
            wrong += ["the same words were said in this thread before"] if self._knows(said) else []
            self.texts.add((message.id, "\n".join(said)))
        return wrong

    def _knows(self, said: tuple[str, str]) -> bool:
        return any("\n".join(said) == words for _, words in self.texts)

    def _at_night(self, at: Instant) -> list[str]:
        quiet = all(manners.are_quiet(moment) for manners in self._manners(at) for moment in (at, at - GRACE))
        return ["it is a nudge in quiet hours"] if quiet else []

    def _too_soon(self, message: Outgoing, at: Instant) -> list[str]:
        """Over all matters, by the figures of when it was decided; another try of a message is no other nudge."""
        last, id_ = self.nudged.get(message.chat, (None, ""))
        every = min(manners.every for manners in self._manners(message.created_at))
        if last is not None and id_ != message.id and last <= at < last + every - GRACE:
            return [f"it is a nudge {at - last} after the last one"]
        return []

    def _settled(self, message: Outgoing) -> list[str]:
        order, step = message.thread.split("/")[1], message.step
        settled = [over for key, over in self.settled.items() if key.startswith(f"{order}/")]
        ratings = [rating for key, (_, rating) in self.ratings.items() if key.startswith(f"{order}/")]
        over = {
            "unpaid": order in self.not_unpaid,
            "refund": bool(settled) and all(settled),
            "review": bool(ratings) and all(rating in (Rating.GOOD, Rating.REMOVED) for rating in ratings),
        }
        return ["its matter is settled"] if over.get(step.partition(".")[0], False) else []

    def _indiscreet(self, message: Outgoing) -> list[str]:
        """Goods of an order are named to nobody but its buyer, and to who proved to be him."""
        shop, _, address = message.chat.split("/", 2)
        mine = {address, *self.proven[message.chat]}
        orders = (each.order for each in self.facts.values() if each.order.shop == shop)
        return [
            f"it tells of order {order.id}, which is {order.buyer}'s"
            for order in orders
            if order.goods in message.text and order.buyer not in mine
        ]

    def _ill_timed(self, message: Outgoing, at: Instant) -> list[str]:
        """Times are aware, and what is worthless by now is not said."""
        times = (message.created_at, message.due_at, message.expires_at, at)
        if any(each is not None and each.utcoffset() is None for each in times):
            return ["a time without a zone"]
        late = message.expires_at is not None and at >= message.expires_at
        return ["it has expired"] if late else []
