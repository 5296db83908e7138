"""What can happen. An event is a fact with its own time; it is handled once, however often it arrives."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from followup.after_sales.model import Branch, Loss, Remedy
from followup.causes import Cause
from followup.desk.verbs import Verb
from followup.model import Attachment, Instant, Money, Order, Parcel, Refund, Reminder, Review


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """A source told us about an order, perhaps late, perhaps again. `refunds`, `reviews` and `parcels`
    are those it mentioned."""

    order: Order
    refunds: tuple[Refund, ...] = ()
    reviews: tuple[Review, ...] = ()
    source: str = "import"
    parcels: tuple[Parcel, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A buyer wrote. (source, external_id) is the channel's own identity of the message, used to drop repeats.

    `choice` is the id of an answer he tapped, `edits` the message that this one replaces, `room` the group in which he
    spoke (nothing of his orders may be said there).
    """

    shop: str
    channel: str
    address: str
    external_id: str
    text: str
    at: Instant
    sender_name: str = ""
    attachments: tuple[Attachment, ...] = ()
    choice: str = ""
    edits: str = ""
    room: str = ""

    @property
    def chat(self) -> str:
        return chat_id(self.shop, self.channel, self.address)

    @property
    def key(self) -> str:
        """What tells it from every other message of the shop."""
        return f"{self.channel}/{self.external_id}"


@dataclass(frozen=True, slots=True)
class ChatOpened:
    """A buyer opened a chat, or took back a block; `token` ties it to an order, `code` permits one welcome.

    It is greeted only if the buyer asked for it by opening (`greet`).
    """

    shop: str
    channel: str
    address: str
    external_id: str
    at: Instant
    token: str = ""
    code: str = ""
    sender_name: str = ""
    greet: bool = True

    @property
    def chat(self) -> str:
        return chat_id(self.shop, self.channel, self.address)


@dataclass(frozen=True, slots=True)
class ChatClosed:
    """A buyer blocked us or left; nothing arrives there any more. `error` is what the channel said."""

    shop: str
    channel: str
    address: str
    external_id: str
    at: Instant
    error: str = ""

    @property
    def chat(self) -> str:
        return chat_id(self.shop, self.channel, self.address)


@dataclass(frozen=True, slots=True)
class MessageRecalled:
    """A buyer took the message `recalled` back."""

    shop: str
    channel: str
    address: str
    external_id: str
    at: Instant
    recalled: str

    @property
    def chat(self) -> str:
        return chat_id(self.shop, self.channel, self.address)


class Refusal(StrEnum):
    """Why a channel will never take a message: the buyer blocked us or is gone, the message itself is not taken,
    or the service window or quota says no."""

    BLOCKED = "blocked"
    CONTENT = "content"
    WINDOW_CLOSED = "window_closed"
    QUOTA_USED = "quota_used"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A channel says later that a message it had accepted, known there as `external_id`, did not arrive."""

    channel: str
    external_id: str
    at: Instant
    refusal: Refusal
    error: str = ""


@dataclass(frozen=True, slots=True)
class DeskSaid:
    """Somebody wrote in the group of the shop's people, or tapped a button there; whether he is one of them is looked
    up by `person`, his id on the service.

    `desk` is the channel's name, `topic` the number of the topic ("" outside of all), `replies_to` the message he
    answered or whose button he tapped, `button` what stands behind that, `edits` his own earlier message that this one
    replaces, all by the service's ids; it `joins` that where it is only the next photo of one album. `shop` is the one
    the desk belongs to ("" if it is that of several).
    """

    shop: str
    desk: str
    person: str
    external_id: str
    text: str
    at: Instant
    topic: str = ""
    replies_to: str = ""
    button: str = ""
    edits: str = ""
    attachments: tuple[Attachment, ...] = ()
    sender_name: str = ""
    joins: bool = False

    @property
    def chat(self) -> str:
        """What keeps the words of one topic in order."""
        return f"{self.desk}/{self.topic or self.person}"


Incoming = MessageReceived | ChatOpened | ChatClosed | MessageRecalled | Receipt | DeskSaid


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
    """What the channel said of one outgoing message; `retry_at` only with RETRY, and then the whole channel is silent
    until it; `refusal` only with REFUSED."""

    outgoing: str
    outcome: Outcome
    at: Instant
    external_id: str = ""
    error: str = ""
    retry_at: Instant | None = None
    refusal: Refusal = Refusal.BLOCKED


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


@dataclass(frozen=True, slots=True)
class AgentSpoke:
    """A person of the shop writes to a buyer: about a thread, or in a chat in which nothing is followed up.

    The same words once more within a minute are meant only if `again` says so. What was written in the shop's group has
    a `key`, which tells it from every other message and finds it again, and is said once for each.
    """

    who: str
    at: Instant
    text: str
    thread: str = ""
    chat: str = ""
    again: bool = False
    attachments: tuple[Attachment, ...] = ()
    key: str = ""


class Move(StrEnum):
    """What a person of the shop does with an after-sales case (rules 39-74)."""

    OPEN = "open"
    SHOWN = "shown"
    REMEDY = "remedy"
    RECALLED = "recalled"
    UNINVITED = "uninvited"
    ARRIVED = "arrived"
    REISSUED = "reissued"
    CAUSE = "cause"
    REGISTER = "register"


@dataclass(frozen=True, slots=True)
class CaseMoved:
    """A person moved the after-sales case of an order on.

    `branch` opens a case or puts it into another procedure; `text` tells what was shown, what arrived in which
    condition, or the buyer's real reason; `number` is a tracking number.
    """

    shop: str
    order_id: str
    move: Move
    who: str
    at: Instant
    text: str = ""
    branch: Branch | None = None
    remedy: Remedy = Remedy.NONE
    cause: Cause = Cause.UNKNOWN
    number: str = ""
    sound: bool = True


@dataclass(frozen=True, slots=True)
class CompensationAsked:
    """A person of the shop wants to offer the buyer of an order something for a loss (rules 10, 75-79)."""

    shop: str
    order_id: str
    remedy: Remedy
    loss: Loss
    amount: Money
    who: str
    at: Instant
    text: str = ""


class Word(StrEnum):
    """What was said to a compensation: by a supervisor, or by the buyer to a person."""

    APPROVED = "approved"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class CompensationAnswered:
    """A person of the shop tells the word on a compensation: his own, or the buyer's."""

    grant: str
    word: Word
    who: str
    at: Instant
    text: str = ""


@dataclass(frozen=True, slots=True)
class Commanded:
    """One of the shop's people tells the bot to do something (`verb`), in chat or on the command line.

    It concerns a `thread` (or a chat without one, by its id), often one `task` of it. `to` is another person, `until` a
    time, `word` a flag, a cause, a script or a compensation by its id, `text` what there is to say. `key` tells this
    command from every other, so that it is obeyed once. `lang` is what he reads the answer in, "" for what all read.
    """

    verb: Verb
    who: str
    at: Instant
    key: str
    thread: str = ""
    task: str = ""
    to: str = ""
    until: Instant | None = None
    word: str = ""
    text: str = ""
    lang: str = ""


Event = (
    OrderChanged
    | Incoming
    | ReminderDue
    | DeliveryResult
    | AgentActed
    | AgentSpoke
    | CaseMoved
    | CompensationAsked
    | CompensationAnswered
    | Commanded
)


def chat_id(shop: str, channel: str, address: str) -> str:
    """The id of a chat. Shop and channel names hold no slash, so it can be taken apart again."""
    return f"{shop}/{channel}/{address}"


def thread_id(shop: str, order_id: str, kind: str) -> str:
    """The id of a thread: unique by (shop, order, kind)."""
    return f"{shop}/{order_id}/{kind}"


def buyer_thread_id(shop: str, buyer: str, kind: str) -> str:
    """The id of a thread that no order is about: unique by (shop, buyer, kind)."""
    return f"{shop}/@{buyer}/{kind}"


def reminder_id(thread: str, step: str, round_: str) -> str:
    """The id of a planned touch, which becomes the dedupe key of its message."""
    return f"{thread}/{step}/{round_}" if round_ else f"{thread}/{step}"


LOOK = "look"


def looked_at(reminder: Reminder) -> tuple[str, str]:
    """The order and the kind of the thread for which a look was planned, which may not exist yet."""
    order_id, _, kind = reminder.thread.removeprefix(f"{reminder.shop}/").rpartition("/")
    return order_id, kind


def matter_of(reminder: Reminder) -> str:
    """The refund or review that a planned touch is about: its round up to an `@`."""
    planned = reminder_id(reminder.thread, reminder.step, "")
    return reminder.id[len(planned) + 1 :].partition("@")[0]
