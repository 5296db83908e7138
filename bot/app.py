"""The wiring: one object holds all parts, and tests build it with some of them replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
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
from scheduler.outbox import Outbox
from scheduler.routine import Plan, routine_jobs
from scheduler.sweeping import sweep_jobs
from scripts_library.words import languages
from store import raw_rows
from store.console import logins
from store.migrate import upgrade
from store.store import SqlStore

if TYPE_CHECKING:
    from bot.console.desk import Desk, Stage
    from bot.http import Http

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
    engine: Embedded
    desk: Desk | None = None

    def close(self) -> None:
        """Let the database go."""
        self.store.close()


def open_store(config: Config) -> SqlStore:
    """The store with its schema up to date. Raises DatabaseError."""
    url = config.database_url()
    upgrade(url)
    return SqlStore(url)


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
    engine: type[Embedded] = Embedded,
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
    deps = make_deps(config, scripts, channels)
    channels = (Manual(store, clock, deps), *channels)
    outboxes = make_outboxes(config, channels, store, deps, clock)
    inboxes = tuple(
        ChannelInbox(cast(Receiver, channel), shop_heard(config, channel.name), store, deps, clock)
        for channel in channels
        if hasattr(channel, "receive")
    )
    web_chats = put_in_place(config, channels, store, deps, lambda: served.http)
    served = serve(config, inboxes, store, deps, clock, file, stage, with_console=serving)
    jobs = jobs_of(config, store, deps, clock, wall_of(clock, stage))
    fetching = Fetching([inbox.receiver for inbox in inboxes], evidence_folder(config), store, deps, clock)
    services = (*web_chats, *served.services, fetching, *watches(config, desks, store, deps, clock))
    runs = engine(
        store, deps, clock, outboxes, jobs, look=config.orders.poll_seconds, inboxes=inboxes, services=services
    )
    return App(config, clock, store, deps, outboxes, inboxes, served.http, fetching, runs, served.desk)


def jobs_of(config: Config, store: SqlStore, deps: Deps, clock: Clock, wall: Clock) -> tuple[Job, ...]:
    """The regular work; `wall` is the clock of those who look, which a demo's own does not follow."""
    files, paper = buyers_files(config, evidence_folder(config)), Paper(config.reports.folder, deps)
    return (
        watch_job(config, store, deps, clock),
        _tidying(store, wall),
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


def _tidying(store: SqlStore, clock: Clock) -> Job:
    async def tidy() -> None:
        await raw_rows.forget_bodies(store, clock.now())
        await logins.tidy(store, clock.now())

    return Job("old_events", tidy, every(TIDY.total_seconds()))
