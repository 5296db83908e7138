"""A shop on one clock: tell it what happens, let time pass, and read what its buyers and agents heard.

    shop = Shop("2026-03-02 14:00").order()
    shop.after("15m")
    shop.buyer_says("明天付")
    assert ["Mon 14:15 < unpaid.help", "Mon 14:15 > 明天付", "Mon 14:15 < later.noted"] == shop.story()

Handlers, words and the understanding of buyers are the real ones; only the store is in memory and the channel
answers what `channel_answers` says.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Self
from zoneinfo import ZoneInfo

from followup.events import (
    Action,
    AgentActed,
    DeliveryResult,
    MessageReceived,
    OrderChanged,
    Outcome,
    Receipt,
    Refusal,
    thread_id,
)
from followup.model import (
    Buyer,
    Chat,
    Decided,
    Instant,
    Money,
    Order,
    Outgoing,
    OutgoingState,
    Parcel,
    ParcelStatus,
    Rating,
    Refund,
    RefundStatus,
    Reminder,
    Review,
    Status,
    Task,
    Thread,
    Verdict,
)
from followup.policy import Policy
from followup.ports import Capabilities, Scripts
from handlers import agent_command, buyer_message, delivery_result, order_changed, receipt
from handlers.deps import Deps, Understand
from handlers.judged_again import has_waited, may_still_go
from handlers.reminder_due import fire_due
from handlers.understand import understand
from scheduler.clock import FakeClock
from scripts_library.library import Library
from store.memory import MemoryStore
from store.wanted import Wanted

SHOP = "shop"
SHANGHAI = ZoneInfo("Asia/Shanghai")
POLICY = Policy(SHOP)


@cache
def library() -> Library:
    return Library.load()


def span(text: str) -> timedelta:
    """A length of time: 15m, 3h, 2d, or several: 1d 2h."""
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    return sum((timedelta(**{units[unit]: int(n)}) for n, unit in re.findall(r"(\d+)([smhd])", text)), timedelta())


@dataclass(frozen=True)
class Spoken:
    """One line of the story: who heard or said what, when."""

    at: Instant
    buyer: str
    line: str


class Shop:
    """The shop. Every verb happens now; `after` and `until` let time pass, with all that is due on the way."""

    def __init__(
        self,
        now: str = "2026-03-02 14:00",
        policy: Policy = POLICY,
        understands: Understand = understand,
        scripts: Scripts | None = None,
        channel: str = "terminal",
        capabilities: dict[str, Capabilities] | None = None,
    ) -> None:
        self.policy, self.channel = policy, channel
        self.clock = FakeClock(self.moment(now))
        self.store = MemoryStore()
        self.deps = Deps(scripts or library(), {SHOP: policy}, understands, {SHOP: channel}, capabilities or {})
        self.answers: deque[Outcome | Refusal] = deque()
        self.retry_after = span("5m")
        self.delivered: list[Outgoing] = []
        self.lines: list[Spoken] = []
        self.orders: dict[str, OrderChanged] = {}
        self._read = 0
        self._seen: set[str] = set()
        self._messages = 0

    def moment(self, local: str) -> Instant:
        """An instant from the shop's own clock."""
        return datetime.fromisoformat(local).replace(tzinfo=self.policy.zone)

    # what happens

    def order(self, id_: str = "1001", buyer: str = "lin", **more: Any) -> Self:
        """An order is made, unpaid unless said otherwise."""
        now = self.clock.now()
        made = Order(
            SHOP, id_, buyer, Status.UNPAID, Money(Decimal("89.00")), now, now, goods="羊毛围巾", buyer_name=buyer
        )
        return self._tell(OrderChanged(replace(made, **more)))

    def paid_order(self, id_: str = "1001", buyer: str = "lin", **more: Any) -> Self:
        """An order that was paid at once."""
        return self.order(id_, buyer, status=Status.PAID, paid_at=self.clock.now(), **more)

    def changes(self, id_: str = "1001", **more: Any) -> Self:
        """The source tells something new about an order."""
        known = self.orders[id_]
        return self._tell(replace(known, order=replace(known.order, observed_at=self.clock.now(), **more)))

    def pays(self, id_: str = "1001") -> Self:
        """The buyer pays."""
        return self.changes(id_, status=Status.PAID, paid_at=self.clock.now())

    def refund(self, status: str = "requested", id_: str = "R1", order: str = "1001", **more: Any) -> Self:
        """A refund is asked for, or goes on."""
        known, now = self.orders[order], self.clock.now()
        before = next((refund for refund in known.refunds if refund.id == id_), None)
        fresh = before or Refund(SHOP, id_, order, RefundStatus.REQUESTED, known.order.total, now, now)
        settled_at = now if status == "paid_back" else None
        refund = replace(
            fresh, **{"status": RefundStatus(status), "observed_at": now, "settled_at": settled_at, **more}
        )
        others = tuple(each for each in known.refunds if each.id != id_)
        return self._tell(replace(known, order=replace(known.order, observed_at=now), refunds=(*others, refund)))

    def review(
        self, rating: str = "bad", id_: str = "V1", order: str = "1001", text: str = "起球", follows: str = ""
    ) -> Self:
        """A review is written, or changed."""
        known, now = self.orders[order], self.clock.now()
        review = Review(SHOP, id_, order, Rating(rating), now, now, text, follows)
        others = tuple(each for each in known.reviews if each.id != id_)
        return self._tell(replace(known, order=replace(known.order, observed_at=now), reviews=(*others, review)))

    def parcel(self, id_: str = "YT100200", order: str = "1001", **more: Any) -> Self:
        """A courier tells where a parcel is: seen now, unless `moved_at` says otherwise."""
        known, now = self.orders[order], self.clock.now()
        before = next((parcel for parcel in known.parcels if parcel.id == id_), None)
        fresh = before or Parcel(SHOP, id_, order, ParcelStatus.ON_ITS_WAY, now, now, "圆通速递")
        parcel = replace(fresh, **{"observed_at": now, "moved_at": now, **more})
        others = tuple(each for each in known.parcels if each.id != id_)
        return self._tell(replace(known, order=replace(known.order, observed_at=now), parcels=(*others, parcel)))

    def buyer_says(self, text: str, buyer: str = "lin", channel: str = "") -> Self:
        """A buyer writes."""
        now = self.clock.now()
        self._messages += 1
        self.lines.append(Spoken(now, buyer, f"> {text}"))
        return self.message(MessageReceived(SHOP, channel or self.channel, buyer, f"m{self._messages}", text, now))

    def message(self, event: MessageReceived) -> Self:
        """A message arrives, perhaps again."""
        now = self.clock.now()
        self.store.run(lambda tx: buyer_message.buyer_message(event, tx, self.deps, now), buyer_message.wanted(event))
        return self._settle()

    def agent(self, action: str, kind: str, order: str = "1001", text: str = "", thread: str = "") -> Self:
        """An agent does something about a thread: the one of that kind and order, or the one of that id."""
        event = AgentActed(thread or thread_id(SHOP, order, kind), Action(action), "小美", self.clock.now(), text)
        self.store.run(lambda tx: agent_command.agent_acted(event, tx, self.deps), agent_command.wanted(event))
        return self._settle()

    def does_task(self, reason: str) -> Self:
        """An agent did the last task with that reason."""
        task = self.task(reason)
        event = AgentActed(task.thread, Action.TASK_DONE, "小美", self.clock.now(), task=task.id)
        self.store.run(lambda tx: agent_command.task_answered(event, tx, self.deps), agent_command.wanted_task(event))
        return self._settle()

    def linked(self, channel: str, buyer: str = "lin", **more: Any) -> Self:
        """The buyer has a chat on another channel, which he linked to his order; `more` is of the chat."""
        chat = Chat(f"{SHOP}/{channel}/{buyer}", SHOP, buyer, channel, buyer, linked_at=self.clock.now())
        self.store.run(lambda tx: tx.save(replace(chat, **more)))
        return self

    def prefers(self, channel: str, buyer: str = "lin") -> Self:
        """The buyer would rather be written to there."""
        chat = f"{SHOP}/{channel}/{buyer}"
        self.store.run(lambda tx: tx.save(replace(tx.buyer(SHOP, buyer), preferred=chat)), Wanted(chats=(chat,)))
        return self

    def channel_answers(self, *outcomes: str) -> Self:
        """What the channel says of the next messages; afterwards it accepts them again."""
        self.answers.extend(Outcome(outcome) for outcome in outcomes)
        return self

    def channel_refuses(self, refusal: Refusal) -> Self:
        """Why the channel refuses the next message."""
        self.answers.append(refusal)
        return self

    def receipt(self, external_id: str, refusal: Refusal = Refusal.BLOCKED, channel: str = "") -> Self:
        """The channel says later that what it had accepted under that id did not arrive."""
        now = self.clock.now()
        event = Receipt(channel or self.channel, external_id, now, refusal, "why")
        self.store.run(lambda tx: receipt.receipt(event, tx, self.deps, now), receipt.wanted(event))
        return self._settle()

    # time

    def after(self, text: str) -> Self:
        """So much later."""
        return self._run_until(self.clock.now() + span(text))

    def until(self, local: str) -> Self:
        """At that moment of the shop's clock."""
        return self._run_until(self.moment(local))

    def _run_until(self, target: Instant) -> Self:
        self._settle()
        while (due := self._next()) is not None and due <= target:
            self.clock.move_to(max(due, self.clock.now()))
            self._settle()
        self.clock.move_to(target)
        return self

    def _next(self) -> Instant | None:
        waiting = [message.due_at for message in self._due_messages()]
        reminder = self.store.tx.next_due()
        return min([*waiting, *([reminder] if reminder else [])], default=None)

    # what was heard

    def heard(self) -> list[str]:
        """The texts that buyers received since the last call."""
        texts = [message.text for message in self.delivered[self._read :]]
        self._read = len(self.delivered)
        return texts

    def story(self, buyer: str = "") -> list[str]:
        """Everything said so far, in the order of time: `>` the buyer's words, `<` the script of ours."""
        zone = self.policy.zone
        return [
            f"{spoken.at.astimezone(zone):%a %H:%M} {spoken.line}"
            for spoken in self.lines
            if not buyer or spoken.buyer == buyer
        ]

    def steps(self) -> list[str]:
        """The scripts said so far."""
        return [message.step for message in self.delivered]

    def tasks(self) -> list[str]:
        """The reasons of the tasks that agents were given since the last call."""
        fresh = [task for task in self._all(Task) if task.id not in self._seen]
        self._seen.update(task.id for task in fresh)
        return [task.reason for task in fresh]

    def task(self, reason: str) -> Task:
        """The last task with that reason."""
        return [task for task in self._all(Task) if task.reason == reason][-1]

    def verdicts(self, step: str) -> list[Verdict]:
        """Every verdict on a step."""
        return [line.decision.verdict for line in self.decided() if line.step == step]

    def decided(self) -> list[Decided]:
        """Every decision so far."""
        return [line for line in self.store.lines if isinstance(line, Decided)]

    def thread(self, kind: str, order: str = "1001") -> Thread:
        """A thread as it stands."""
        found = self.store.tx.get(Thread, thread_id(SHOP, order, kind))
        assert found is not None
        return found

    def fate(self, kind: str, order: str = "1001") -> str:
        """State and outcome of a thread."""
        thread = self.thread(kind, order)
        return f"{thread.state.value} {thread.outcome}".strip()

    def buyer(self, id_: str = "lin") -> Buyer:
        """A buyer as he stands."""
        return self.store.tx.buyer(SHOP, id_)

    def chat_on(self, channel: str = "", buyer: str = "lin") -> Chat:
        """A chat as it stands."""
        found = self.store.tx.get(Chat, f"{SHOP}/{channel or self.channel}/{buyer}")
        assert found is not None
        return found

    def chats(self) -> list[Chat]:
        """All chats."""
        return self._all(Chat)

    def outbox(self) -> list[Outgoing]:
        """All messages, in their order."""
        return self._all(Outgoing)

    def waiting(self) -> list[Outgoing]:
        """The messages that wait."""
        return list(self._due_messages())

    def reminders(self) -> list[Reminder]:
        """All planned touches."""
        return self._all(Reminder)

    def states(self) -> dict[str, int]:
        """How many messages are in each state."""
        return dict(Counter(message.state.value for message in self.outbox()))

    def reasons(self, step: str) -> dict[str, dict[str, str]]:
        """The figures of the last decision on a step, by check."""
        (*_, last) = (line for line in self.decided() if line.step == step)
        return {reason.check: dict(reason.facts) for reason in last.decision.reasons}

    def _all(self, cls: type) -> list[Any]:
        return list(self.store.tx.items[cls].values())

    # the machinery

    def _tell(self, event: OrderChanged) -> Self:
        self.orders[event.order.id] = event
        return self.source_says(event)

    def source_says(self, event: OrderChanged) -> Self:
        """A fact arrives, whatever it says."""
        now = self.clock.now()
        self.store.run(lambda tx: order_changed.order_changed(event, tx, self.deps, now), order_changed.wanted(event))
        return self._settle()

    def _settle(self) -> Self:
        now = self.clock.now()
        while self.store.run(lambda tx: fire_due(tx, self.deps, now)):
            pass
        while due := [message for message in self._due_messages() if message.due_at <= now]:
            self._send(due[0], now)
        return self

    def _due_messages(self) -> Iterable[Outgoing]:
        return [message for message in self._all(Outgoing) if message.state is OutgoingState.DUE]

    def _send(self, message: Outgoing, now: Instant) -> None:
        mine = Wanted(outgoing=(message.id,))
        if message.expires_at is not None and message.expires_at <= now:
            self.store.run(lambda tx: delivery_result.expire(message.id, tx, self.deps, now), mine)
            return
        has_to_be_judged = has_waited(message, now)
        if has_to_be_judged and not self.store.run(lambda tx: may_still_go(message.id, tx, self.deps, now), mine):
            return
        sending = replace(message, state=OutgoingState.SENDING, attempts=message.attempts + 1)
        self.store.run(lambda tx: tx.save(sending), mine)
        answer = self.answers.popleft() if self.answers else Outcome.ACCEPTED
        outcome = Outcome.REFUSED if isinstance(answer, Refusal) else answer
        retry_at = now + self.retry_after if outcome is Outcome.RETRY else None
        external_id = f"x{len(self.delivered) + 1}" if outcome is Outcome.ACCEPTED else ""
        result = DeliveryResult(message.id, outcome, now, external_id, retry_at=retry_at)
        if isinstance(answer, Refusal):
            result = replace(result, refusal=answer, error="why")
        self.store.run(lambda tx: delivery_result.delivery_result(result, tx, self.deps), mine)
        if outcome is Outcome.ACCEPTED:
            self.delivered.append(message)
            self.lines.append(Spoken(now, message.buyer, f"< {message.step}"))
