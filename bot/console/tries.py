"""How often somebody may try to log in: counted for each name, and for each network address."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from bot.config import Console
from bot.console.desk import Desk
from followup.model import Instant, Tries
from store.tx import Tx
from store.wanted import Wanted

ADDRESSES = 4
"""So many addresses may try at one person, or any stranger could lock him out."""


def place_of(host: str) -> str:
    """The network address of a caller as it counts: of IPv6 the half that names his network."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host[:64]
    if isinstance(address, IPv6Address) and not address.is_loopback:
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return str(address)


async def may_try(desk: Desk, name: str, place: str) -> bool:
    """Count an attempt before it is made, so that many at once count too; False if there were enough of them."""
    subjects, now, own = _subjects(name, place), desk.wall.now(), desk.config.console

    def count(tx: Tx) -> bool:
        known = [_counted(tx.get(Tries, "", subject), subject, now, own) for subject in subjects]
        most = (own.login_tries * ADDRESSES, own.login_tries)
        if any(tries.count >= limit for tries, limit in zip(known, most, strict=True)):
            return False
        for tries in known:
            tx.save(replace(tries, count=tries.count + 1))
        return True

    return await desk.store.transact(count, _wanted(subjects))


async def was_right(desk: Desk, name: str, place: str) -> None:
    """That attempt does not count, and none at that person before it; others from that address still do."""
    subjects = _subjects(name, place)

    def forgive(tx: Tx) -> None:
        of_name, of_place = (tx.get(Tries, "", subject) for subject in subjects)
        if of_name is not None:
            tx.save(replace(of_name, count=0))
        if of_place is not None:
            tx.save(replace(of_place, count=max(0, of_place.count - 1)))

    await desk.store.transact(forgive, _wanted(subjects))


def _subjects(name: str, place: str) -> tuple[str, str]:
    """Names are not kept as they were typed: somebody may have typed his password there."""
    return f"login/{sha256(name.strip().casefold().encode()).hexdigest()[:32]}", f"login-from/{place}"


def _wanted(subjects: tuple[str, str]) -> Wanted:
    return Wanted(tries=tuple(("", subject) for subject in subjects))


def _counted(known: Tries | None, subject: str, now: Instant, own: Console) -> Tries:
    """The count so far; nothing of what is long ago."""
    if known is None or not known.count or now >= known.since + own.login_tries_every:
        return Tries("", subject, 0, now)
    return known
