"""Who is logged in: sessions that begin, are found by their cookie, slide and end; and what people saw and did."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import Any, TypeVar
from uuid import uuid4

import structlog

from bot.config import Config
from bot.console.desk import Desk, Visit
from followup.desk.logins import Act, Session
from followup.desk.people import Person
from followup.model import Instant
from store.console import logins
from store.sql_tx import SqlTx
from store.tx import Tx
from store.wanted import NOTHING, Wanted

log = structlog.get_logger(__name__)
T = TypeVar("T")
LONGEST, SEEN_EVERY = timedelta(days=7), timedelta(minutes=1)
TOKEN_BYTES = 32
TOGETHER = 4.0
"""Seconds for which views are gathered: each commit has every open page look whether it has changed."""
_going: set[asyncio.Task[None]] = set()
_hurried: set[asyncio.Event] = set()


def new_token() -> str:
    """What only the browser, or who holds the link, knows."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str, config: Config) -> str:
    """What is stored of a token; with the console's secret, nobody who reads the database can even try tokens."""
    secret = config.secret("console_secret")
    if secret is None:
        return sha256(token.encode()).hexdigest()
    return hmac.new(secret.encode(), token.encode(), sha256).hexdigest()


def proof_of(token: str, config: Config) -> str:
    """What a form of this session has to bring along, so that no other page can send one."""
    return digest_of(f"form/{token}", config)


async def write(desk: Desk, fn: Callable[..., T], *args: Any) -> T:
    """Run a function of a connection that changes something, in a transaction of its own."""

    def run(tx: Tx) -> T:
        assert isinstance(tx, SqlTx)
        return fn(tx.connection, *args)

    return await desk.store.transact(run, NOTHING)


async def begin(desk: Desk, person: Person, place: str) -> str:
    """A new session of a person; returns its token for the cookie."""
    token, now = new_token(), desk.wall.now()
    session = Session(digest_of(token, desk.config), person.id, place, now, now, _until(desk, now, now))
    await desk.store.transact(lambda tx: tx.save(session), Wanted())
    return token


async def find(desk: Desk, token: str) -> Visit | None:
    """Who holds this token, if his session goes on; one whom the shop does not know any more is logged out."""
    now, digest = desk.wall.now(), digest_of(token, desk.config)
    known = await desk.read(logins.session_of, digest)
    if known is None or now >= known[0].expires_at:
        return None
    session, login = known
    person = desk.deps.roster.named(session.person)
    if person is None or person.id != session.person:
        await write(desk, logins.end_all, session.person)
        return None
    await slide(desk, session)
    lang = (login.lang if login else "") or person.lang or desk.config.agents.lang
    return Visit(person, lang, digest)


async def touch(desk: Desk, digest: str) -> None:
    """Somebody does something in an open page."""
    known = await desk.read(logins.session_of, digest)
    if known is not None:
        await slide(desk, known[0])


async def slide(desk: Desk, session: Session) -> None:
    """It is used, and lasts longer for it; written down once a minute at the most."""
    now = desk.wall.now()
    if now - session.seen_at >= SEEN_EVERY:
        await write(desk, logins.seen, session.digest, now, _until(desk, session.began_at, now))


def _until(desk: Desk, began: Instant, now: Instant) -> Instant:
    return min(now + desk.config.console.session_lasts, began + LONGEST)


async def did(desk: Desk, visit: Visit, what: str, about: str = "") -> None:
    """Write down that somebody did something; nobody waits for it."""
    act = Act(uuid4().hex, desk.wall.now(), visit.person.id, f"did.{what}", about)
    beside(_kept(desk, [act]), act.what)


async def saw(desk: Desk, visit: Visit, what: str, about: str = "") -> None:
    """Write down that somebody saw a page, with what else is seen in the next seconds; nobody waits for it."""
    desk.views.append(Act(uuid4().hex, desk.wall.now(), visit.person.id, f"saw.{what}", about))
    if len(desk.views) == 1:
        beside(_kept_together(desk), "views")


async def _kept_together(desk: Desk) -> None:
    at_once = asyncio.Event()
    _hurried.add(at_once)
    with suppress(TimeoutError):
        await asyncio.wait_for(at_once.wait(), TOGETHER)
    _hurried.discard(at_once)
    acts = tuple(desk.views)
    desk.views.clear()
    await _kept(desk, acts)


async def _kept(desk: Desk, acts: Sequence[Act]) -> None:
    def keep(tx: Tx) -> None:
        for act in acts:
            tx.save(act)

    await desk.store.transact(keep, Wanted())


def beside(work: Coroutine[Any, Any, None], what: str) -> None:
    """Have something done that nobody waits for; it is logged if it fails."""
    task = asyncio.create_task(work, name=f"console {what}")
    _going.add(task)
    task.add_done_callback(_over)


def _over(task: asyncio.Task[None]) -> None:
    _going.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("act_not_written", what=task.get_name(), error=type(error).__name__)


async def written() -> None:
    """Have everything written down now, and wait for it."""
    for at_once in _hurried:
        at_once.set()
    while _going:
        await asyncio.wait(set(_going))
