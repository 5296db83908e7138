"""What the settings show beside the configuration: how channels are used, and who saw and did what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Select, and_, func, or_, select

from followup.desk.logins import Act
from followup.model import ChannelState, Instant
from store import raw_rows, schema
from store.codec import from_micros, to_micros
from store.console.logins import logins
from store.tables import KEPT

PAGE = 50


@dataclass(frozen=True, slots=True)
class Channel:
    """How a channel stands: what it reported last (None: it never ran), what waits and was put aside, and when it
    carried its last message."""

    name: str
    state: ChannelState | None
    waiting: int
    aside: int
    last_out: Instant | None


def channels(connection: Connection, names: tuple[str, ...]) -> list[Channel]:
    """How these channels stand, and those that have something left."""
    states, left = raw_rows.states(connection), raw_rows.unhandled(connection)
    o = schema.outbox.c
    sent = select(o.channel, func.max(o.sent_at)).where(o.sent_at.is_not(None)).group_by(o.channel)
    last: Mapping[str, int] = {row[0]: row[1] for row in connection.execute(sent)}
    return [
        Channel(name, states.get(name), *left.get(name, (0, 0)), from_micros(last[name]) if name in last else None)
        for name in dict.fromkeys((*names, *states, *left))
    ]


def with_passwords(connection: Connection) -> set[str]:
    """The people who have set a password."""
    return set(connection.execute(select(logins.c.person).where(logins.c.password != "")).scalars())


def acts(
    connection: Connection,
    person: str = "",
    about: str = "",
    kind: str = "",
    before: Act | None = None,
    most: int = PAGE,
    shops: Collection[str] = (),
) -> list[Act]:
    """Who saw and did what, the newest first: of a person, about a thing, only what was "did" or "saw"; older than
    `before`; in these shops (none: in all), with what is about no shop."""
    a = schema.acts.c
    statement: Select[tuple[object, ...]] = select(schema.acts).order_by(a.at.desc(), a.id).limit(most)
    statement = statement.where(a.person == person) if person else statement
    statement = statement.where(a.about == about) if about else statement
    statement = statement.where(a.what.startswith(f"{kind}.", autoescape=True)) if kind else statement
    if shops:
        theirs = (a.about.startswith(f"{shop}/", autoescape=True) for shop in sorted(shops))
        statement = statement.where(or_(~a.about.contains("/"), *theirs))
    if before:
        at = to_micros(before.at)
        statement = statement.where(or_(a.at < at, and_(a.at == at, a.id > before.id)))
    return [KEPT[Act].codec.decode(row) for row in connection.execute(statement)]
