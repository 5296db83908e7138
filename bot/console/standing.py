"""Whether the console may be served as it is configured, and how it stands."""

from __future__ import annotations

from bot.config import Config
from bot.console.headers import is_https, is_loopback
from bot.console.invites import address_of

LEAST_SECRET = 32


def refusal(config: Config) -> str:
    """Why the console cannot be served, with the ways out; "" if it can."""
    if not config.console.on or (is_loopback(config.http.host) and not config.console.url):
        return ""
    secret = config.secret("console_secret") or ""
    if len(secret) >= LEAST_SECRET:
        return ""
    where = f"console.url is {config.console.url}" if config.console.url else f"http.host is {config.http.host}"
    what = "is missing" if not secret else f"has only {len(secret)} characters"
    return (
        f"console: others can reach it ({where}), but HUIFANG_CONSOLE_SECRET {what}. Set it to at least {LEAST_SECRET} "
        'random characters (`openssl rand -hex 32`), or bind to this computer alone (http.host = "127.0.0.1" and no '
        "console.url), or do without it (console.on = false)"
    )


def standing(config: Config) -> str:
    """Where it is and who can reach it. Raises ValueError with what is wrong."""
    if not config.console.on:
        return "off (console.on)"
    if why := refusal(config):
        raise ValueError(why.removeprefix("console: "))
    where = f"{address_of(config)}/console/"
    if is_loopback(config.http.host) and not config.console.url:
        return f"{where}, for this computer alone"
    if not is_https(config):
        raise ValueError(f"{where} is not HTTPS: passwords and buyers' words can be read on the way (docs/console.md)")
    return f"{where}, for whoever logs in"
