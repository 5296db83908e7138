"""What Huifang knows: facts from the order source, and the state of a follow-up.

Every instant is an aware UTC datetime, every id is text, every amount is a Decimal with its currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

Instant = datetime
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Status(StrEnum):
    """Where an order stands; the names of the trade are mapped onto these by the order sources."""

    UNPAID = "unpaid"
    PAID = "paid"
    SHIPPED = "shipped"
    SIGNED = "signed"
    FINISHED = "finished"
    CLOSED = "closed"
    CLOSED_UNPAID = "closed_unpaid"


class RefundStatus(StrEnum):
    """Where a refund stands: the first three are pending, the last two are settled."""

    REQUESTED = "requested"
    RETURNING = "returning"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    PAID_BACK = "paid_back"

    @property
    def pending(self) -> bool:
        return self not in (RefundStatus.WITHDRAWN, RefundStatus.PAID_BACK)


class Rating(StrEnum):
    GOOD = "good"
    NEUTRAL = "neutral"
    BAD = "bad"
    REMOVED = "removed"


class State(StrEnum):
    """State of a thread; the last three are closed for good."""

    OPEN = "open"
    WITH_AGENT = "with_agent"
    SOLVED = "solved"
    SETTLED = "settled"
    GIVEN_UP = "given_up"
    CLOSED = "closed"

    @property
    def closed(self) -> bool:
        return self in (State.SETTLED, State.GIVEN_UP, State.CLOSED)


class Segment(StrEnum):
    """Rules 5 and 6: courteous to a new buyer, warmer to a returning one."""

    NEW = "new"
    RETURNING = "returning"


class Role(StrEnum):
    """What a message is to the buyer: only a nudge counts against the cap, only a reply ignores quiet hours."""

    NUDGE = "nudge"
    NOTICE = "notice"
    REPLY = "reply"
    ALERT = "alert"
    SILENT = "silent"


class Verdict(StrEnum):
    """Why a message went or did not."""

    SENT = "sent"
    QUIET_HOURS = "quiet_hours"
    CAPPED = "capped"
    OPTED_OUT = "opted_out"
    WINDOW_CLOSED = "window_closed"
    QUOTA_USED = "quota_used"
    FIREWALL = "firewall"
    UNREACHABLE = "unreachable"
    SETTLED = "settled"
    EXPIRED = "expired"
    PAUSED = "paused"
    HELD_OUT = "held_out"
    RESTORED = "restored"


class ReminderState(StrEnum):
    PENDING = "pending"
    FIRED = "fired"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    PUT_ASIDE = "put_aside"


class OutgoingState(StrEnum):
    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    UNSURE = "unsure"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @property
    def unheard(self) -> bool:
        """Whether nobody ever hears it."""
        return self in (OutgoingState.FAILED, OutgoingState.EXPIRED, OutgoingState.CANCELLED)


class RawState(StrEnum):
    WAITING = "waiting"
    HANDLED = "handled"
    PUT_ASIDE = "put_aside"


class Health(StrEnum):
    """How a channel stands: LOGIN wants a person to log in (scan a QR code), REFUSED will not mend by itself."""

    UP = "up"
    DOWN = "down"
    LOGIN = "login"
    REFUSED = "refused"


class Media(StrEnum):
    PHOTO = "photo"
    FILE = "file"
    VOICE = "voice"
    VIDEO = "video"
    STICKER = "sticker"
    LOCATION = "location"
    CARD = "card"
    OTHER = "other"


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    NOT_DONE = "not_done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole units of its currency (yuan, not fen)."""

    amount: Decimal
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class Order:
    """What the source last said of an order. `buyer` is the platform's own id of the person, `phone_tail` the last
    four digits of his telephone, with which he can prove in a chat that the order is his.

    `tells_shipping` is whether the source would say that it was shipped; `ship_by` is when it has to be.
    """

    shop: str
    id: str
    buyer: str
    status: Status
    total: Money
    created_at: Instant
    observed_at: Instant
    paid_at: Instant | None = None
    shipped_at: Instant | None = None
    closed_at: Instant | None = None
    auto_close_at: Instant | None = None
    goods: str = ""
    region: str = ""
    buyer_name: str = ""
    phone_tail: str = ""
    tells_shipping: bool = False
    ship_by: Instant | None = None


class ParcelStatus(StrEnum):
    """Where a parcel stands; SIGNED, RETURNED and LOST are where its way ends. Of one that is ANNOUNCED only
    the number is known: nobody saw it, so nobody can say that it stands still."""

    ANNOUNCED = "announced"
    ON_ITS_WAY = "on_its_way"
    AT_THE_DOOR = "at_the_door"
    REFUSED = "refused"
    TROUBLE = "trouble"
    SIGNED = "signed"
    RETURNED = "returned"
    LOST = "lost"

    @property
    def over(self) -> bool:
        return self in (ParcelStatus.SIGNED, ParcelStatus.RETURNED, ParcelStatus.LOST)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel of an order by its tracking number; `moved_at` is when the courier last saw it, `place` what he said.

    `back` is one that travels from the buyer to the shop.
    """

    shop: str
    id: str
    order_id: str
    status: ParcelStatus
    shipped_at: Instant
    observed_at: Instant
    courier: str = ""
    moved_at: Instant | None = None
    place: str = ""
    signed_at: Instant | None = None
    back: bool = False


@dataclass(frozen=True, slots=True)
class Refund:
    """One request for money back; `deadline` is when the platform decides in the shop's place."""

    shop: str
    id: str
    order_id: str
    status: RefundStatus
    amount: Money
    requested_at: Instant
    observed_at: Instant
    deadline: Instant | None = None
    settled_at: Instant | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """What a buyer wrote in public; `follows` is the earlier review that it adds to (rule 91)."""

    shop: str
    id: str
    order_id: str
    rating: Rating
    created_at: Instant
    observed_at: Instant
    text: str = ""
    follows: str = ""


@dataclass(frozen=True, slots=True)
class Buyer:
    """A person of one shop, with what politeness must remember: consent, benefits, the last nudge.

    `visits_at` is when he agreed to be visited every month (rule 106), `paused_at` since when only people write to him.
    """

    shop: str
    id: str
    name: str = ""
    zone: str = ""
    lang: str = ""
    opted_out_at: Instant | None = None
    benefit_at: Instant | None = None
    nudged_at: Instant | None = None
    nudged_by: str = ""
    preferred: str = ""
    visits_at: Instant | None = None
    paused_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something beside text. `ref` is a received one's id on its channel, of one to send a path, a URL, or
    `from:<channel>:<ref>` for what that channel received, which the outbox fetches first; `size` in bytes (0:
    unknown)."""

    media: Media
    ref: str
    name: str = ""
    mime: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that the buyer may tap, or type the number of."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Chat:
    """An address of a buyer on one channel; its row is the lock that everything about the buyer takes first.

    `linked_at` is when the buyer proved whose chat it is, `used` the messages of ours since his last (for channels
    with a quota), `offered` the answers he was offered last. `asked_order` is the order he named and has to prove.
    """

    id: str
    shop: str
    buyer: str
    channel: str
    address: str
    last_in_at: Instant | None = None
    acknowledged_at: Instant | None = None
    unreachable_at: Instant | None = None
    linked_at: Instant | None = None
    used: int = 0
    offered: tuple[Choice, ...] = ()
    asked_order: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """One matter being followed up: (shop, order, kind), or (shop, buyer, kind) for what no order is about yet, when
    `order_id` is "".

    `matter` is the refund or review it is about, `acted_at` the buyer's own last act, `said` the digests of the
    texts already said, so that nobody reads the same words twice (rule 111). `agent` is the person who took it, `flag`
    the colour on the order's note (rule 98), `cause` what was behind it (rule 47).
    """

    id: str
    shop: str
    order_id: str
    kind: str
    buyer: str
    chat: str
    state: State
    opened_at: Instant
    acted_at: Instant
    segment: Segment = Segment.NEW
    matter: str = ""
    outcome: str = ""
    closed_at: Instant | None = None
    touches: int = 0
    said: tuple[str, ...] = ()
    agent: str = ""
    flag: str = ""
    cause: str = ""


MOVED, SKIPPED = "moved", "skipped"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A planned touch of a thread; due and expiry may move, the id never does: it is the dedupe key of its message.

    `error` says why it was put aside, that a person dropped it (SKIPPED) or, of a pending one, which verdict keeps it
    from going until a chat opens, or that a person moved it (MOVED), so that no plan of the bot moves it back.
    """

    id: str
    thread: str
    shop: str
    buyer: str
    step: str
    due_at: Instant
    expires_at: Instant | None = None
    state: ReminderState = ReminderState.PENDING
    priority: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message in the outbox. The id is its dedupe key: one id is one message to one person, ever.

    `history` tells every attempt, `started@<microseconds>` and `accepted@…`, `refused@…`, `retry@…` or `unsure@…`.
    `code` is a channel's one-time permission to speak, such as that of a welcome. `edits` is the message whose text
    this one replaces. What is written to the shop's own people has no `thread`, but is `about` one (or about a chat).
    """

    id: str
    shop: str
    buyer: str
    chat: str
    channel: str
    address: str
    thread: str
    step: str
    role: Role
    lang: str
    text: str
    state: OutgoingState
    created_at: Instant
    due_at: Instant
    expires_at: Instant | None = None
    attempts: int = 0
    sent_at: Instant | None = None
    external_id: str = ""
    error: str = ""
    history: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    code: str = ""
    about: str = ""
    edits: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """An event just as its channel delivered it, kept before it is acknowledged; (channel, external_id) is its
    identity. One that is WAITING is handled as soon as may be, after `retry_at` if that is set."""

    channel: str
    external_id: str
    body: bytes
    at: Instant
    state: RawState = RawState.WAITING
    error: str = ""
    tries: int = 0
    retry_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a channel has been read, in its own words; committed together with what was read."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel stands, and since when; `detail` says why, or holds what a person needs to log in."""

    channel: str
    health: Health
    since: Instant
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A token, known by its SHA-256, that ties the chat which shows it to an order, once."""

    digest: str
    shop: str
    order_id: str
    created_at: Instant
    expires_at: Instant
    used_at: Instant | None = None
    chat: str = ""


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong guesses at a proof about `subject`, an order or a chat, since the first of them."""

    shop: str
    subject: str
    count: int
    since: Instant


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message as it arrived, kept before it is acknowledged; `state` is handled or put_aside."""

    source: str
    external_id: str
    shop: str
    chat: str
    at: Instant
    text: str
    state: str = "handled"
    error: str = ""
    attachments: tuple[Attachment, ...] = ()
    edits: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Who did what and when on a thread."""

    thread: str
    at: Instant
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Task:
    """Something for a person of the shop to do; for the manual channel, words to paste for `outgoing`.

    `assignee` is who took it or was given it. It is to be done by `due_at`, or a supervisor hears of it
    (`escalated_at`). Its people were told `alerts` times, and are told again at `alert_at` (None: not any more). What
    is `urgent` does not wait for business hours.
    """

    id: str
    shop: str
    thread: str
    reason: str
    text: str
    created_at: Instant
    state: TaskState = TaskState.OPEN
    outgoing: str = ""
    expires_at: Instant | None = None
    closed_at: Instant | None = None
    closed_by: str = ""
    answer: str = ""
    assignee: str = ""
    taken_at: Instant | None = None
    due_at: Instant | None = None
    alert_at: Instant | None = None
    alerts: int = 0
    escalated_at: Instant | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One check of a decision: its code, whether it let the message pass, the figures it looked at,
    and the instant from which it would have passed (None: no waiting helps)."""

    check: str
    passed: bool
    facts: tuple[tuple[str, str], ...] = ()
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one planned message, with every check that led to it."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    retry_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it is stored: for which step of which thread, when, and with which words if any."""

    thread: str
    reminder: str
    shop: str
    buyer: str
    step: str
    at: Instant
    decision: Decision
    channel: str = ""
    lang: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the sources say about one order."""

    order: Order
    refunds: tuple[Refund, ...] = ()
    reviews: tuple[Review, ...] = ()
    parcels: tuple[Parcel, ...] = ()
