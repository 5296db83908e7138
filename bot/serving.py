"""What is served over HTTP: the webhooks and chats of channels, and the console."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.config import Config
from followup.ports import Clock
from handlers.deps import Deps
from scheduler.clock import SystemClock
from scheduler.inbox import ChannelInbox
from scheduler.listening import Service
from store.store import SqlStore

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.routing import BaseRoute

    from bot.console.desk import Desk, Stage
    from bot.http import Http
    from bot.watching.watching import Watching


class ConsoleRefused(ValueError):
    """The console would be open to strangers; the message says why, and the ways out."""


@dataclass(frozen=True)
class Served:
    """The server and what else runs with it, in the order in which they start; nothing where nothing is served."""

    http: Http | None = None
    desk: Desk | None = None
    services: tuple[Service, ...] = ()


def serve(
    config: Config,
    inboxes: Sequence[ChannelInbox],
    store: SqlStore,
    deps: Deps,
    clock: Clock,
    file: Path | None = None,
    stage: Stage | None = None,
    with_console: bool = False,
    watching: Watching | None = None,
) -> Served:
    """What there is to serve. Raises ConsoleRefused."""
    if not with_console or not config.console.on:
        http = make_http(config, inboxes, watching=watching)
        return Served(http, services=(http,) if http else ())
    from bot.console.desk import Desk
    from bot.console.live import Live
    from bot.console.presence import Presence
    from bot.console.standing import refusal

    if why := refusal(config):
        raise ConsoleRefused(why)
    from bot.console.serving import LARGEST, mounting
    from bot.console.sockets import Sockets

    desk = Desk(
        config, file, store, deps, clock, Live(store.dialect.commits(), clock), Presence(), stage, wall_of(clock, stage)
    )
    sockets = Sockets(desk)
    http = make_http(config, inboxes, LARGEST, mounting(desk, sockets), watching)
    assert http is not None
    return Served(http, desk, (http, desk.live, sockets))


def wall_of(clock: Clock, stage: Stage | None) -> Clock:
    """The clock of those who look: the program's own, which a demo runs faster."""
    return clock if stage is None else SystemClock()


def make_http(
    config: Config,
    inboxes: Sequence[ChannelInbox],
    largest: dict[str, int] | None = None,
    mount: Callable[[FastAPI], None] | None = None,
    watching: Watching | None = None,
) -> Http | None:
    """The HTTP server, if there is anything for it."""
    routes: list[BaseRoute] = []
    limits = dict(largest or {})
    for inbox in inboxes:
        offer = getattr(inbox.receiver, "routes", None)
        routes += offer(inbox) if offer else []
        limits |= getattr(inbox.receiver, "largest_bodies", {})
    if not routes and mount is None:
        return None
    if watching is not None:
        from bot.watching import routes as seen

        routes += seen.routes(watching, config.secret(seen.TOKEN), is_public=True)
    from bot.http import Http

    return Http(config.http.host, config.http.port, routes, partial(health, inboxes), limits, mount)


def health(inboxes: Sequence[ChannelInbox]) -> dict[str, str]:
    """As each has reported since the program began; what a crash left in the database says nothing."""
    return {each.receiver.name: each.standing.health or "unknown" for each in inboxes}
