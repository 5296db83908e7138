"""How often somebody may try to log in: counted for each name, and for each network address."""

from __future__ import annotations

from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from bot.console.desk import Desk
from bot.console.sessions import write
from store.console import logins

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
    of_name, of_place = _subjects(name, place)
    now, own = desk.wall.now(), desk.config.console
    most = {of_place: own.login_tries, of_name: own.login_tries * ADDRESSES}
    return await write(desk, logins.count_tries, most, now, now - own.login_tries_every)


async def was_right(desk: Desk, name: str, place: str) -> None:
    """That attempt does not count, and none at that person before it; others from that address still do."""
    await write(desk, logins.forgive, *_subjects(name, place))


def _subjects(name: str, place: str) -> tuple[str, str]:
    """Names are not kept as they were typed: somebody may have typed his password there."""
    return f"login/{sha256(name.strip().casefold().encode()).hexdigest()[:32]}", f"login-from/{place}"
