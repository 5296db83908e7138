"""A small port of its own for those who watch, for processes that serve nothing else or whose port is public."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from bot.app import App, watching_of
from bot.config import Config
from bot.http import Health, Http
from bot.listening import PortTaken
from bot.serving import health
from bot.watching.readiness import Readiness
from bot.watching.routes import TOKEN, routes
from bot.watching.watching import Watching

NEXT = 16


@asynccontextmanager
async def watched(app: App) -> AsyncIterator[Readiness]:
    """Have the program watched as long as it runs, also while it starts and stops. Raises PortTaken."""
    watching = app.watching or watching_of(app.store, app.clock, app.outboxes, app.inboxes)
    watching.engine = app.engine
    http = await open_port(app.config, watching, partial(health, app.inboxes))
    try:
        yield watching.readiness
    finally:
        if http is not None:
            await http.stop()


async def open_port(config: Config, watching: Watching, states: Health = dict) -> Http | None:
    """Serve from now on, if that is wanted: on the first of `NEXT` ports that is free, so that the processes of one
    machine can share a configuration. Raises PortTaken."""
    first = config.watching.port
    ports = range(first, min(first + NEXT, 65536)) if first else range(0)
    for port in ports:
        own = routes(watching, config.secret(TOKEN), is_public=False)
        http = Http(config.watching.host, port, own, states)
        try:
            await http.start()
        except PortTaken:
            if port == ports[-1]:
                raise
            continue
        return http
    return None
