"""What a browser is told about every answer of the console, and which callers are answered at all."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from bot.config import Config

LOCAL = ("localhost", "127.0.0.1", "::1")
_ALWAYS = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with none at all a form names no origin, and Safari before 16.4 nothing else
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_NOBODY = "base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
_CONSOLE = (  # NiceGUI writes its pages into a script of the page, and has Vue compile them
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    f"img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; {_NOBODY}"
)
_PLAIN = f"default-src 'none'; style-src 'self'; img-src 'self' data:; {_NOBODY}"


def headers_of(config: Config, is_plain: bool) -> Mapping[str, str]:
    """What an answer carries: nothing of another host is loaded, and no other page frames it. A plain page runs no
    script either."""
    found = {**_ALWAYS, "content-security-policy": _PLAIN if is_plain else _CONSOLE}
    if is_https(config):
        found["strict-transport-security"] = "max-age=31536000"
    return found


def is_https(config: Config) -> bool:
    """Whether people reach the console by HTTPS alone."""
    return config.console.url.startswith("https://")


def is_ours(host: str, config: Config) -> bool:
    """Whether a caller asked for us by a name that is ours, or by a number: any other may be a page that has its own
    name point here."""
    name = _name_in(f"//{host}")
    ours = {*LOCAL, config.http.host.lower(), _name_in(config.console.url)}
    return bool(name) and (name in ours or (_is_number(name) and not is_loopback(config.http.host)))


def is_from_us(headers: Headers) -> bool:
    """Whether a request that changes something comes from a page of ours: a browser says from where, in one or both of
    two ways (some people have their browser name no origin)."""
    origin, site = headers.get("origin", "null"), headers.get("sec-fetch-site")
    if origin == "null":
        return site == "same-origin"
    return site in (None, "same-origin") and origin.partition("://")[2].lower() == headers.get("host", "").lower()


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach that address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _name_in(url: str) -> str:
    """The name of the server in an address, "" if it is no address."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
