"""Which table keeps which dataclass, and what happens when its key is there already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import Table

from followup.after_sales.model import AfterSale, Grant
from followup.desk.deadlines import Deadline
from followup.desk.logins import Act, Invite, Login, Session
from followup.desk.records import Handover, Suppressed, Topic
from followup.evidence import Evidence
from followup.model import (
    Buyer,
    ChannelState,
    Chat,
    Cursor,
    Inbound,
    Link,
    Order,
    Outgoing,
    Parcel,
    Raw,
    Refund,
    Reminder,
    Review,
    Task,
    Thread,
    Tries,
)
from followup.promises import Promise
from store import schema
from store.codec import Codec

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Kept:
    """A dataclass, its table, the names of its key, which columns may change, and whether a new one must give way
    to one that exists. `begins` is a column beside its fields that begins as one of them: (column, field)."""

    table: Table
    codec: Codec[Any]
    key_names: tuple[str, ...]
    key: Callable[[Any], Key]
    changing: tuple[str, ...]
    first_wins: bool = False
    begins: tuple[str, str] = ("", "")


def _kept(
    cls: type, table: Table, key: str, fixed: str = "", first_wins: bool = False, begins: tuple[str, str] = ("", "")
) -> tuple[type, Kept]:
    codec: Codec[Any] = Codec(cls)
    names = tuple(key.split())
    never = {*names, *fixed.split()}
    changing = tuple(name for name in codec.columns if name not in never)
    return cls, Kept(table, codec, names, _key_of(names), changing, first_wins, begins)


def _key_of(names: tuple[str, ...]) -> Callable[[Any], Key]:
    if len(names) > 1:
        return attrgetter(*names)
    get = attrgetter(*names)
    return lambda item: (get(item),)


_ROUTE = "shop buyer chat channel address thread step role lang text created_at choices attachments code about edits"

KEPT: dict[type, Kept] = dict(
    (
        _kept(Order, schema.orders, "shop id"),
        _kept(Refund, schema.refunds, "shop id", "order_id"),
        _kept(Review, schema.reviews, "shop id", "order_id"),
        _kept(Parcel, schema.parcels, "shop id", "order_id"),
        _kept(Buyer, schema.buyers, "shop id"),
        _kept(Chat, schema.chats, "id", "shop channel address"),
        _kept(Thread, schema.threads, "id", "shop order_id kind", begins=("active_at", "opened_at")),
        _kept(Reminder, schema.reminders, "id", "thread shop step priority", first_wins=True),
        _kept(Outgoing, schema.outbox, "id", _ROUTE, first_wins=True),
        _kept(Task, schema.tasks, "id", "shop thread reason created_at outgoing", first_wins=True),
        _kept(Inbound, schema.inbox, "source external_id", first_wins=True),
        _kept(Raw, schema.raw_events, "channel external_id", "body at", first_wins=True),
        _kept(Cursor, schema.cursors, "name"),
        _kept(ChannelState, schema.channel_states, "channel"),
        _kept(Link, schema.links, "digest", "shop order_id created_at expires_at"),
        _kept(Tries, schema.tries, "shop subject"),
        _kept(AfterSale, schema.after_sales, "thread", "shop"),
        _kept(Grant, schema.grants, "id", "thread shop remedy loss asked_by asked_at"),
        _kept(Promise, schema.promises, "id", "thread shop said_by text made_at"),
        _kept(Evidence, schema.evidence, "id", "shop chat channel message at media ref", first_wins=True),
        _kept(Deadline, schema.deadlines, "id", "thread shop due started_at"),
        _kept(Topic, schema.topics, "desk thread"),
        _kept(Handover, schema.handovers, "id", "shop shift ended_at threads"),
        _kept(Suppressed, schema.suppressed, "shop digest"),
        _kept(Login, schema.logins, "person"),
        _kept(Session, schema.sessions, "digest", "person place began_at"),
        _kept(Invite, schema.invites, "digest", "person made_by made_at expires_at"),
        _kept(Act, schema.acts, "id", "at person what", first_wins=True),
    )
)
