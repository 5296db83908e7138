"""The wiring: one object holds all parts, and tests build it with some of them replaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bot.alerts.make import ServiceUnusable, make_service
from bot.channels.make import ChannelUnusable, make_channel
from bot.channels.manual import Manual
from bot.config import Config
from bot.desk import words
from bot.desks import make_desks, make_outboxes, places_of, watches
from bot.evidence.files import EvidenceFolder
from bot.figures.daily import daily_pictures
from bot.keeping import keeping_jobs
from bot.learnt_phrases import LearntPhrases, beside
from bot.live_scripts import LiveScripts
from bot.routine.files import naming, reports_job
from bot.routine.paper import Paper
from bot.serving import serve, wall_of
from bot.watch import watch_job
from bot.web_chats import buyers_files, put_in_place
from followup.ports import Channel, Clock, Receiver, Scripts
from handlers.deps import Deps
from handlers.understand import meaning, prepare
from scheduler.alerting import alert_jobs
from scheduler.clock import SystemClock
from scheduler.clocks import clocks_job
from scheduler.embedded import Embedded
from scheduler.erasing import Papers, erasing_job
from scheduler.evidence import Fetching
from scheduler.inbox import ChannelInbox
from scheduler.jobs import Job, every
from scheduler.moved import moved_job
from scheduler.outbox import Outbox
from scheduler.routine import Plan, routine_jobs
from scheduler.sweeping import sweep_jobs
from scripts_library.words import languages
from store import raw_rows, restores
from store.console import logins
from store.engine import DatabaseError
from store.fence import see_it_is_here
from store.migrate import explained, upgrade
from store.store import SqlStore

if TYPE_CHECKING:
    from bot.console.desk import Desk, Stage
    from bot.http import Http
    from bot.watching.watching import Watching
    from scheduler.distributed import Distributed

TIDY = timedelta(hours=6)


class UnknownChannel(ValueError):
    """A shop is to be served through a channel that is not there, or cannot be made."""


@dataclass
class App:
    """A shop's running parts."""

    config: Config
    clock: Clock
    store: SqlStore
    deps: Deps
    outboxes: tuple[Outbox, ...]
    inboxes: tuple[ChannelInbox, ...]
    http: Http | None
    fetching: Fetching
    engine: Embedded | Distributed
    desk: Desk | None = None
    watching: Watching | None = None

    def close(self) -> None:
        """Let the database go."""
        self.store.close()


def open_store(config: Config) -> SqlStore:
    """The store with its schema up to date. Raises DatabaseError."""
    url = config.database_url()
    upgrade(url)
    store = SqlStore(url)
    try:
        see_it_is_here(store.engine)
    except BaseException:
        store.close()
        raise
    return store


def make_scripts(config: Config, clock: Clock | None = None) -> Scripts:
    """The built-in words under the shop's own as they stand in its file, by a clock those in season. Raises
    OverridesDamaged."""
    return LiveScripts(config.scripts.overrides, clock.now if clock else None)


def make_deps(config: Config, scripts: Scripts, channels: Sequence[Channel]) -> Deps:
    """What handlers need, from the configuration; `channels` are those beside manual."""
    return Deps(
        scripts=scripts,
        policies=config.policies(),
        understand=LearntPhrases(beside(config.scripts.overrides)).understanding(),
        prepare=prepare if meaning.available() else None,
        channels=config.channels(),
        capabilities={channel.name: channel.capabilities for channel in channels} | {Manual.name: Manual.capabilities},
        agent_lang=config.agents.lang,
        supervisors=config.agents.supervisors,
        roster=config.agents.roster(),
        places=places_of(config),
        services=tuple(options.service(name) for name, options in config.alerts.items()),
        reasons={lang: words(lang).table["reasons"] for lang in languages("agent")},
        outcomes={lang: words(lang).table["outcomes"] for lang in languages("agent")},
    )


def since_restores(deps: Deps, store: SqlStore) -> Deps:
    """The same, knowing of which times the database knows nothing since a backup was restored."""
    with explained(store.engine), store.engine.connect() as connection:
        gaps = restores.gaps(connection)
    policies = {shop: replace(policy, gaps=gaps) for shop, policy in deps.policies.items()}
    return replace(deps, policies=policies) if gaps else deps


def unserved(config: Config, channels: Sequence[str] = (Manual.name,)) -> list[str]:
    """A sentence for each shop whose channel is none of these."""
    return [
        f"shops.{shop}.channel: there is no channel {channel!r}; here are {', '.join(channels)}"
        for shop, channel in config.channels().items()
        if channel not in channels
    ]


def make_channels(config: Config, clock: Clock, speaking: bool = True) -> list[Receiver]:
    """The channels of all accounts. Raises UnknownChannel, a sentence for each that cannot be made."""
    made, mistakes = [], []
    for name, options in config.accounts.items():
        try:
            made.append(make_channel(name, options, config, clock, speaking))
        except ChannelUnusable as error:
            mistakes.append(str(error))
    if mistakes:
        raise UnknownChannel("\n".join(mistakes))
    return made


def make_services(config: Config, clock: Clock, speaking: bool = True) -> list[Channel]:
    """The services that carry alerts. Raises UnknownChannel, a sentence for each that cannot be made."""
    made, mistakes = [], []
    for name in config.alerts:
        try:
            made.append(make_service(name, config, clock, speaking))
        except ServiceUnusable as error:
            mistakes.append(str(error))
    if mistakes:
        raise UnknownChannel("\n".join(mistakes))
    return made


def bootstrap(
    config: Config,
    *,
    clock: Clock | None = None,
    store: SqlStore | None = None,
    channels: Sequence[Channel] = (),
    scripts: Scripts | None = None,
    speaking: bool = True,
    serving: bool = False,
    file: Path | None = None,
    stage: Stage | None = None,
    engine: Callable[..., Embedded | Distributed] | None = None,
) -> App:
    """Wire everything up; nothing runs yet. `channels` are those beside the accounts of the configuration.

    If it is only to look at things (not `speaking`) it needs no tokens. If it serves people (`serving`), the console is
    there too; `file` is that of the configuration, `stage` and `engine` are those of a demo. Raises UnknownChannel,
    OverridesDamaged, DatabaseError and ConsoleRefused.
    """
    names = (Manual.name, *(channel.name for channel in channels), *config.accounts)
    if mistakes := unserved(config, names):
        raise UnknownChannel("\n".join(mistakes))
    clock = clock or SystemClock()
    channels = (*channels, *make_channels(config, clock, speaking))
    scripts = scripts or make_scripts(config, clock)
    store = store or open_store(config)
    channels = (*channels, *make_services(config, clock, speaking))
    desks = make_desks(config, channels, store, clock, scripts)
    channels = (*channels, *desks)
    deps = since_restores(make_deps(config, scripts, channels), store)
    channels = (Manual(store, clock, deps), *channels)
    outboxes = make_outboxes(config, channels, store, deps, clock)
    inboxes = tuple(
        ChannelInbox(cast(Receiver, channel), shop_heard(config, channel.name), store, deps, clock)
        for channel in channels
        if hasattr(channel, "receive")
    )
    web_chats = put_in_place(config, channels, store, deps, lambda: served.http)
    watching = watching_of(store, clock, outboxes, inboxes) if serving else None
    served = serve(config, inboxes, store, deps, clock, file, stage, with_console=serving, watching=watching)
    jobs = jobs_of(config, store, deps, clock, wall_of(clock, stage), file)
    fetching = Fetching([inbox.receiver for inbox in inboxes], evidence_folder(config), store, deps, clock)
    services = (*web_chats, *served.services, fetching, *watches(config, desks, store, deps, clock))
    make_engine = engine or engine_of(config)
    runs = make_engine(
        store, deps, clock, outboxes, jobs, look=config.orders.poll_seconds, inboxes=inboxes, services=services
    )
    if watching is not None:
        watching.engine = runs
    return App(config, clock, store, deps, outboxes, inboxes, served.http, fetching, runs, served.desk, watching)


def watching_of(store: SqlStore, clock: Clock, outboxes: Sequence[Outbox], inboxes: Sequence[ChannelInbox]) -> Watching:
    """What others are told of a program that stays."""
    from bot.watching.watching import Watching

    return Watching(store, clock, outboxes, [inbox.receiver.name for inbox in inboxes])


def engine_of(config: Config) -> Callable[..., Embedded | Distributed]:
    """What runs it all: this process alone, or as one of many. Raises DatabaseError where the extra is missing."""
    if config.engine == "embedded":
        return Embedded
    try:
        from scheduler.distributed import Distributed
    except ModuleNotFoundError as error:
        raise DatabaseError("engine: \"procrastinate\" needs `pip install 'huifang[postgres]'`") from error
    own = config.workers
    return partial(Distributed, concurrency=own.concurrency, batch=own.batch, lead=own.lead)


def jobs_of(
    config: Config, store: SqlStore, deps: Deps, clock: Clock, wall: Clock, file: Path | None = None
) -> tuple[Job, ...]:
    """The regular work; `wall` is the clock of those who look, which a demo's own does not follow, `file` that of the
    configuration."""
    files, paper = buyers_files(config, evidence_folder(config)), Paper(config.reports.folder, deps)
    return (
        *keeping_jobs(config, store, deps, clock, files, file),
        watch_job(config, store, deps, clock),
        moved_job(store),
        _tidying(store, wall, timedelta(days=config.retention.events)),
        *sweep_jobs(store, deps, clock),
        clocks_job(store, deps, clock),
        *alert_jobs(store, deps, clock),
        erasing_job(store, deps, clock, files, papers_of(config)),
        reports_job(config.reports.folder, config.reports.keep, clock),
        *routine_jobs(store, deps, clock, paper, plan_of(config)),
        *daily_pictures(config, store, deps, clock),
    )


def plan_of(config: Config) -> Plan:
    """Which documents are made, and when."""
    own = config.reports
    return Plan(own.handover, own.digest_on, own.digest_at)


def papers_of(config: Config) -> Papers:
    """How the files of reports that name a buyer are found."""
    return lambda him: naming(config.reports.folder / him.shop, him.is_named_in)


def evidence_folder(config: Config) -> EvidenceFolder:
    """Where what buyers send is kept, with its limits."""
    own = config.evidence
    return EvidenceFolder(own.folder, own.largest_mb * 1024 * 1024, own.most)


def shop_heard(config: Config, channel: str) -> str:
    """The shop for which a channel listens: its account's, else the one that speaks through it, else the first."""
    if channel in config.accounts:
        return config.shop_of(channel) or next(iter(config.shops))
    return next((shop for shop, own in config.channels().items() if own == channel), next(iter(config.shops)))


def _tidying(store: SqlStore, clock: Clock, kept_for: timedelta) -> Job:
    async def tidy() -> None:
        if kept_for:
            await raw_rows.forget_bodies(store, clock.now(), kept_for)
        await logins.tidy(store, clock.now())

    return Job("old_events", tidy, every(TIDY.total_seconds()), anywhere=True)
