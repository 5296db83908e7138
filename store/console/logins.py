"""Who may look at the console: passwords, invitations, sessions, and what everybody saw and did there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, case, delete, or_, select, text, update

from followup.desk.logins import Act, Invite, Login, Session
from followup.model import Instant
from store import schema
from store.codec import to_micros
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tables import KEPT
from store.tx import Tx
from store.wanted import NOTHING

MOST, KEPT_DAYS = 200, 365
logins, sessions, invites, acts, tries = schema.logins, schema.sessions, schema.invites, schema.acts, schema.tries
_COUNT = text(  # in one statement, so that of many at once each is counted
    "INSERT INTO tries (shop, subject, count, since) VALUES ('', :subject, 1, :now)"
    " ON CONFLICT (shop, subject) DO UPDATE"
    " SET count = CASE WHEN tries.count = 0 OR tries.since <= :over THEN 1 ELSE tries.count + 1 END,"
    " since = CASE WHEN tries.count = 0 OR tries.since <= :over THEN :now ELSE tries.since END RETURNING count"
)


def login_of(connection: Connection, person: str) -> Login | None:
    """How a person logs in and likes to see the console."""
    found: Login | None = _first(connection, Login, select(logins).where(logins.c.person == person))
    return found


def has_anybody(connection: Connection) -> bool:
    """Whether anybody can log in by himself, or is logged in."""
    known = (select(logins.c.person).where(logins.c.password != ""), select(sessions.c.person))
    return any(connection.execute(each.limit(1)).first() is not None for each in known)


def session_of(connection: Connection, digest: str) -> tuple[Session, Login | None] | None:
    """A session and the login of its person."""
    found = _first(connection, Session, select(sessions).where(sessions.c.digest == digest))
    return None if found is None else (found, login_of(connection, found.person))


def sessions_now(connection: Connection, now: Instant, person: str = "") -> list[Session]:
    """Who is logged in, the latest seen first; of one person, or of all."""
    statement = select(sessions).where(sessions.c.expires_at > to_micros(now)).order_by(sessions.c.seen_at.desc())
    return _all(connection, Session, statement.where(sessions.c.person == person) if person else statement)


def here_now(connection: Connection, since: Instant) -> list[str]:
    """Who did anything in the console since then."""
    statement = select(sessions.c.person).distinct().where(sessions.c.seen_at >= to_micros(since))
    return list(connection.execute(statement.order_by(sessions.c.person)).scalars())


def lasting(connection: Connection, digests: Collection[str], now: Instant) -> set[str]:
    """Which of these sessions are not over."""
    known = select(sessions.c.digest).where(sessions.c.digest.in_(digests), sessions.c.expires_at > to_micros(now))
    return set(connection.execute(known).scalars())


def seen(connection: Connection, digest: str, now: Instant, expires: Instant) -> None:
    """A session is used, and lasts longer for it."""
    moments = {"seen_at": to_micros(now), "expires_at": to_micros(expires)}
    connection.execute(update(sessions).where(sessions.c.digest == digest).values(moments))


def end(connection: Connection, digest: str) -> None:
    """Log one browser out."""
    connection.execute(delete(sessions).where(sessions.c.digest == digest))


def end_all(connection: Connection, person: str, but: str = "") -> int:
    """Log a person out everywhere, but in the session of that digest; returns from how many."""
    statement = delete(sessions).where(sessions.c.person == person, sessions.c.digest != but)
    return connection.execute(statement).rowcount


def invite_of(connection: Connection, digest: str, now: Instant) -> Invite | None:
    """An invitation that was neither used nor has run out."""
    statement = select(invites).where(invites.c.digest == digest, invites.c.used_at.is_(None))
    found: Invite | None = _first(connection, Invite, statement.where(invites.c.expires_at > to_micros(now)))
    return found


def use_invite(connection: Connection, digest: str, now: Instant) -> bool:
    """Use an invitation up; False if it is no good any more, or somebody was quicker."""
    good = (invites.c.digest == digest, invites.c.used_at.is_(None), invites.c.expires_at > to_micros(now))
    return connection.execute(update(invites).where(*good).values(used_at=to_micros(now))).rowcount == 1


def revoke_invites(connection: Connection, person: str) -> None:
    """The links a person has not used are no good any more."""
    connection.execute(delete(invites).where(invites.c.person == person, invites.c.used_at.is_(None)))


def count_tries(connection: Connection, most: Mapping[str, int], now: Instant, over: Instant) -> bool:
    """Count one more attempt at each subject, up to the first that has had its `most`: False then. What began before
    `over` does not count any more."""
    moments = {"now": to_micros(now), "over": to_micros(over)}
    counts = (connection.execute(_COUNT, {"subject": subject, **moments}).scalar_one() for subject in most)
    return all(count <= limit for count, limit in zip(counts, most.values(), strict=False))


def forgive(connection: Connection, right: str, by: str) -> None:
    """No attempt at the first subject counts any more, and one less at the second."""
    less = case((tries.c.count > 0, tries.c.count - 1), else_=0)
    for subject, count in ((by, less), (right, 0)):  # as they were counted, or two could wait for each other
        connection.execute(update(tries).where(tries.c.shop == "", tries.c.subject == subject).values(count=count))


def acts_of(connection: Connection, about: str = "", person: str = "", limit: int = MOST) -> list[Act]:
    """Who saw and did what, the newest first; about one thread or script, or of one person."""
    statement = select(acts).order_by(acts.c.at.desc(), acts.c.id).limit(limit)
    statement = statement.where(acts.c.about == about) if about else statement
    return _all(connection, Act, statement.where(acts.c.person == person) if person else statement)


async def tidy(store: SqlStore, now: Instant) -> None:
    """Drop what is over: sessions, invitations, attempts of more than a day ago, acts of more than a year ago."""
    moment, day, year = (to_micros(now - timedelta(days=days)) for days in (0, 1, KEPT_DAYS))

    def forget(tx: Tx) -> None:
        assert isinstance(tx, SqlTx)
        for statement in (
            delete(sessions).where(sessions.c.expires_at <= moment),
            delete(invites).where(or_(invites.c.expires_at <= moment, invites.c.used_at <= day)),
            delete(tries).where(tries.c.shop == "", tries.c.since <= day),
            delete(acts).where(acts.c.at <= year),
        ):
            tx.connection.execute(statement)

    await store.transact(forget, NOTHING)


def _first(connection: Connection, cls: type, statement: Select[Any]) -> Any:
    return next(iter(_all(connection, cls, statement.limit(1))), None)


def _all(connection: Connection, cls: type, statement: Select[Any]) -> list[Any]:
    decode = KEPT[cls].codec.decode
    return [decode(row) for row in connection.execute(statement)]
