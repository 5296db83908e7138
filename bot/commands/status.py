"""`huifang status`: the program on one screen, for people; for machines there is /metrics (docs/watching.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

import typer

from bot.commands.common import ConfigOption, console, opened

if TYPE_CHECKING:
    from bot.app import App
    from bot.config import Config
    from store.watch_views import Watched

PATIENCE = 3.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - where it is asked instead


def status(config: ConfigOption = None) -> None:
    """Whether the program that runs can do its work, and its figures; exit 1 if it cannot."""
    with opened(config, speaking=False) as app:
        reasons, seen = why_not(app), _read(app)
        for label, figure in (("ready", "; ".join(reasons) or "yes"), *_lines(app.config, seen)):
            console().print(f"{label:<10} {figure}", soft_wrap=True)
    if reasons:
        raise typer.Exit(1)


def why_not(app: App) -> list[str]:
    """What keeps the program that runs from its work; none means ready."""
    asked = list(_ports(app.config))
    for address in asked:
        if (reasons := _ask(address)) is not None:
            return reasons
    if _is_held(app):
        return []  # it serves no port, but it is at work on this database
    command = "worker" if app.config.engine == "procrastinate" else "run"
    return [f"nobody answers at {' or '.join(asked) or 'any port'}: does `huifang {command}` run here?"]


def _ports(config: Config) -> Iterator[str]:
    for own in (config.watching, config.http):
        if own.port:
            host = EVERYWHERE.get(own.host, own.host)
            yield f"[{host}]:{own.port}" if ":" in host else f"{host}:{own.port}"


def _ask(address: str) -> list[str] | None:
    """What /readyz says there; None if nobody does, or somebody else."""
    try:
        with build_opener(ProxyHandler({})).open(f"http://{address}/readyz", timeout=PATIENCE) as answer:
            body = answer.read()
    except HTTPError as error:
        body = error.read()
    except (URLError, OSError, HTTPException):
        return None
    try:
        return [str(reason) for reason in json.loads(body)["reasons"]]
    except (ValueError, LookupError, TypeError):
        return None


def _is_held(app: App) -> bool:
    """Whether another process works on this file of SQLite."""
    from store.alone import is_worked_on

    file = app.store.engine.url.database
    return app.store.dialect.is_sqlite and file is not None and is_worked_on(file)


def _read(app: App) -> Watched:
    from store import watch_views

    senders = [outbox.channel.name for outbox in app.outboxes]
    with app.store.engine.connect() as connection:
        return watch_views.read(connection, app.store.dialect, senders, app.clock.now())


def _lines(config: Config, seen: Watched) -> Iterator[tuple[str, str]]:
    yield "database", config.database.url
    if config.engine == "procrastinate":
        yield "workers", f"{seen.workers}, {'one leads' if seen.is_led else 'nobody leads'}"
    yield "due lag", f"{seen.due_lag:.0f} s"
    yield "outbox", ", ".join(f"{count:,} {state}" for state, count in seen.outbox.items())
    yield "tasks", f"{sum(seen.tasks.values()):,} open, {seen.tasks.get(True, 0):,} of them urgent"
    for channel, health in seen.channels.items():
        yield channel, f"{health.value}, {seen.waiting.get(channel, 0):,} events wait"
