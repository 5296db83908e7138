"""Passwords: which are good enough, how they are kept, and whether one is right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.console.desk import Desk
from bot.console.sessions import write
from followup.desk.logins import Login
from followup.desk.people import Person
from store.console import logins
from store.wanted import Wanted

T = TypeVar("T")
SHORTEST, LONGEST = 10, 200
_hasher = PasswordHasher()
_hands = ThreadPoolExecutor(2, "argon2")


def fault_of(password: str, person: Person) -> str:
    """Why it cannot be this person's password: short, long or guessable; "" if it can."""
    plain = password.strip().casefold()
    if len(plain) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    names = {name.casefold() for name in (person.id, person.name, "huifang", "password") if name}
    is_name = any(plain in (name * 20)[: max(len(plain), len(name))] for name in names)
    return "guessable" if is_name or len(set(plain)) < 4 else ""


async def set_password(desk: Desk, person: Person, password: str, but: str = "") -> None:
    """It is his from now on; he is logged out everywhere, but in the session of that digest, and his links are dead."""
    hashed, now = await _by_hand(_hasher.hash, password), desk.wall.now()
    known = await desk.read(logins.login_of, person.id)
    login = replace(known or Login(person.id, "", now), password=hashed, changed_at=now)
    await desk.store.transact(lambda tx: tx.save(login), Wanted())
    await write(desk, logins.end_all, person.id, but)
    await write(desk, logins.revoke_invites, person.id)


async def proven(desk: Desk, name: str, password: str) -> Person | None:
    """The person of that name, if it is his password. It takes as long for a name that nobody has."""
    person = desk.deps.roster.named(name)
    login = await desk.read(logins.login_of, person.id if person else name)
    hashed = login.password if person and login and login.password else await _by_hand(_nobodys)
    if not await _by_hand(_fits, hashed, password[: LONGEST + 1]):
        return None
    assert login is not None
    if _hasher.check_needs_rehash(hashed):
        better = replace(login, password=await _by_hand(_hasher.hash, password))
        await desk.store.transact(lambda tx: tx.save(better), Wanted())
    return person


def _fits(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password) and hashed != _nobodys()
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this one")


async def _by_hand(work: Callable[..., T], *args: str) -> T:
    """In a thread, two at once at the most: it is made to need much time and memory."""
    return await asyncio.get_running_loop().run_in_executor(_hands, work, *args)
