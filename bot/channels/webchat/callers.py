"""Who calls, and from which page."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

HERE = ""
"""This machine itself, with no proxy between."""
_NETWORK = 64


def caller_of(connection: HTTPConnection) -> str:
    """The address on the internet of whoever calls, of version 6 that of his network; HERE for this machine.

    What a proxy says of somebody counts only if the proxy is on this machine: anybody else may say what he likes.
    """
    host = connection.client.host if connection.client else ""
    direct = _address(host)
    if direct is None or not direct.is_loopback:
        return _named(direct) if direct else host
    told = connection.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    behind = _address(told)
    return HERE if behind is None or behind.is_loopback else _named(behind)


def is_own_page(connection: HTTPConnection, url: str) -> bool:
    """Whether the page that opens a socket is ours: of this server, or of the address under which buyers reach it. A
    program that is no browser names none."""
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    ours = {connection.headers.get("host", "").lower(), _place(url)} - {""}
    return _place(origin) in ours


def _place(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _named(address: IPv4Address | IPv6Address) -> str:
    return str(address) if address.version == 4 else f"{address.exploded[:19]}::/{_NETWORK}"
