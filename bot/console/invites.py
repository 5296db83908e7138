"""Links that log a person in once."""

from __future__ import annotations

from datetime import timedelta

from bot.config import Config
from bot.console.sessions import digest_of, new_token
from followup.desk.logins import Invite
from followup.model import Instant

PATH = "/console/login"


def make_invite(person: str, made_by: str, now: Instant, lasts: timedelta, config: Config) -> tuple[str, Invite]:
    """A new token for a person, and what is stored of it."""
    token = new_token()
    return token, Invite(digest_of(token, config), person, made_by, now, now + lasts)


def address_of(config: Config, port: int = 0) -> str:
    """Where people reach this program, without a "/" at the end; `port` is the real one where any free one is taken."""
    if config.console.url:
        return config.console.url.rstrip("/")
    host = config.http.host
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else f"[{host}]" if ":" in host else host  # noqa: S104
    return f"http://{shown}:{port or config.http.port}"


def link_of(token: str, config: Config, port: int = 0) -> str:
    """The link to send to that person."""
    return f"{address_of(config, port)}{PATH}?t={token}"
