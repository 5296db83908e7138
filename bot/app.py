"""The wiring: one object holds all parts, and tests build it with some of them replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.channels.manual import Manual
from bot.config import Config
from bot.watch import watch_job
from followup.ports import Channel, Clock, Scripts
from handlers.deps import Deps
from handlers.understand import understand
from scheduler.clock import SystemClock
from scheduler.embedded import Embedded
from scheduler.outbox import Outbox
from scripts_library.library import Library
from scripts_library.overrides import Overrides
from store.migrate import upgrade
from store.store import SqlStore


class UnknownChannel(ValueError):
    """A shop is to be served through a channel that is not there."""


@dataclass
class App:
    """A shop's running parts."""

    config: Config
    clock: Clock
    store: SqlStore
    deps: Deps
    outboxes: tuple[Outbox, ...]
    engine: Embedded

    def close(self) -> None:
        """Let the database go."""
        self.store.close()


def open_store(config: Config) -> SqlStore:
    """The store with its schema up to date. Raises DatabaseError."""
    url = config.database_url()
    upgrade(url)
    return SqlStore(url)


def make_scripts(config: Config) -> Scripts:
    """The built-in words under the shop's own. Raises OverridesDamaged."""
    return Library.load(Overrides(config.scripts.overrides))


def make_deps(config: Config, scripts: Scripts, channels: Sequence[Channel]) -> Deps:
    """What handlers need, from the configuration."""
    return Deps(
        scripts=scripts,
        policies=config.policies(),
        understand=understand,
        channels=config.channels(),
        windows={channel.name: channel.capabilities.window for channel in channels},
        idempotent=frozenset(channel.name for channel in channels if channel.capabilities.idempotent),
        agent_lang=config.agents.lang,
    )


def unserved(config: Config, channels: Sequence[str] = (Manual.name,)) -> list[str]:
    """A sentence for each shop whose channel is none of these."""
    return [
        f"shops.{shop}.channel: there is no channel {channel!r}; here are {', '.join(channels)}"
        for shop, channel in config.channels().items()
        if channel not in channels
    ]


def bootstrap(
    config: Config,
    *,
    clock: Clock | None = None,
    store: SqlStore | None = None,
    channels: Sequence[Channel] = (),
    scripts: Scripts | None = None,
) -> App:
    """Wire everything up; nothing runs yet. Raises UnknownChannel, OverridesDamaged and DatabaseError."""
    if mistakes := unserved(config, (Manual.name, *(channel.name for channel in channels))):
        raise UnknownChannel("\n".join(mistakes))
    scripts = scripts or make_scripts(config)
    clock = clock or SystemClock()
    store = store or open_store(config)
    channels = (Manual(store, clock), *channels)
    deps = make_deps(config, scripts, channels)
    sizes = config.outbox
    outboxes = tuple(Outbox(channel, store, deps, clock, sizes.window, sizes.batch) for channel in channels)
    jobs = (watch_job(config, store, deps, clock),)
    engine = Embedded(store, deps, clock, outboxes, jobs, look=config.orders.poll_seconds)
    return App(config, clock, store, deps, outboxes, engine)
