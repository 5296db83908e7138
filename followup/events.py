"""What can happen. An event is a fact with its own time; it is handled once, however often it arrives."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from followup.model import Instant, Order, Refund, Reminder, Review


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """A source told us about an order, perhaps late, perhaps again. Refunds and reviews are those it mentioned."""

    order: Order
    refunds: tuple[Refund, ...] = ()
    reviews: tuple[Review, ...] = ()
    source: str = "import"


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A buyer wrote. (source, external_id) is the channel's own identity of the message, used to drop repeats."""

    shop: str
    channel: str
    address: str
    external_id: str
    text: str
    at: Instant
    sender_name: str = ""

    @property
    def chat(self) -> str:
        return chat_id(self.shop, self.channel, self.address)

    @property
    def key(self) -> str:
        """What tells it from every other message of the shop."""
        return f"{self.channel}/{self.external_id}"


@dataclass(frozen=True, slots=True)
class ReminderDue:
    """A planned touch has reached its time."""

    reminder: str
    at: Instant


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    RETRY = "retry"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What the channel said of one outgoing message; `retry_at` only with RETRY."""

    outgoing: str
    outcome: Outcome
    at: Instant
    external_id: str = ""
    error: str = ""
    retry_at: Instant | None = None


class Action(StrEnum):
    """What an agent can say about a thread."""

    SOLVED = "solved"
    CONFIRMED = "confirmed"
    BENEFIT = "benefit"
    OPT_OUT = "opt_out"
    CLOSE = "close"
    NOTE = "note"
    TASK_DONE = "task_done"
    TASK_NOT_DONE = "task_not_done"


@dataclass(frozen=True, slots=True)
class AgentActed:
    """A person of the shop did something about a thread (or about the task `task`)."""

    thread: str
    action: Action
    who: str
    at: Instant
    text: str = ""
    task: str = field(default="")


Event = OrderChanged | MessageReceived | ReminderDue | DeliveryResult | AgentActed


def chat_id(shop: str, channel: str, address: str) -> str:
    """The id of a chat. Shop and channel names hold no slash, so it can be taken apart again."""
    return f"{shop}/{channel}/{address}"


def thread_id(shop: str, order_id: str, kind: str) -> str:
    """The id of a thread: unique by (shop, order, kind)."""
    return f"{shop}/{order_id}/{kind}"


def reminder_id(thread: str, step: str, round_: str) -> str:
    """The id of a planned touch, which becomes the dedupe key of its message."""
    return f"{thread}/{step}/{round_}" if round_ else f"{thread}/{step}"


def matter_of(reminder: Reminder) -> str:
    """The refund or review that a planned touch is about: its round up to an `@`."""
    planned = reminder_id(reminder.thread, reminder.step, "")
    return reminder.id[len(planned) + 1 :].partition("@")[0]
