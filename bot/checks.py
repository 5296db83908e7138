"""What `huifang check` looks at: each part alone, so that one that is broken does not hide another. Changes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot import desk_check
from bot.config import Config
from bot.people_check import people

if TYPE_CHECKING:
    from sqlalchemy import Connection

MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Row:
    """One part, whether it is well, a sentence about it, and a link to scan if somebody has to."""

    part: str
    ok: bool
    what: str
    code: str = ""


def run_checks(config: Config) -> list[Row]:
    """Check every part of a configured shop."""
    parts: tuple[tuple[str, Callable[[Config], str]], ...] = (
        ("configuration", _configuration),
        ("words", _words),
        ("database", _database),
        ("engine", engine),
        ("orders folder", _folder),
        ("channels", _channels),
        ("people", people),
        ("alerts", _alerts),
        ("console", _console),
        *((f"channel {name}", _account(name)) for name in config.accounts),
        *((f"agents' group {name}", _desk(name)) for name in desk_check.with_groups(config)),
        *((f"alerts {name}", _service(name)) for name in config.alerts),
    )
    return [_row(part, look, config) for part, look in parts]


def _row(part: str, look: Callable[[Config], str], config: Config) -> Row:
    from bot.commands.common import restoring
    from bot.standing import NotWell
    from store.engine import Damaged

    try:
        return Row(part, True, look(config))
    except NotWell as error:
        return Row(part, False, str(error), error.code)
    except Damaged as error:
        return Row(part, False, f"{error}{restoring(config)}")
    except Exception as error:  # noqa: BLE001 - a check reports whatever is wrong
        return Row(part, False, str(error) or type(error).__name__)


def _configuration(config: Config) -> str:
    return "shops: " + ", ".join(f"{name} ({shop.platform})" for name, shop in config.shops.items())


def _words(config: Config) -> str:
    from scripts_library.check import check
    from scripts_library.library import Library
    from scripts_library.overrides import Overrides

    findings = check(Library.load(Overrides(config.scripts.overrides)))
    if findings:
        raise ValueError(f"{len(findings)} findings; `huifang scripts check` lists them")
    return "every script in every language, no findings"


def _database(config: Config) -> str:
    from bot.commands.common import restoring
    from store.backup import unsound
    from store.views import counts

    name = config.database.url
    if _is_missing(config):
        return f"{name}: is made at the first start"
    with _ledger(config) as connection:
        if connection is None:
            return f"{name}: is brought to this version at the next start"
        if left := list(_stranded(connection, (MANUAL, *config.accounts, *desk_check.channels(config)))):
            raise ValueError("\n".join(left))
        if wrong := unsound(connection):
            raise ValueError(f"{name} is damaged ({wrong}): restore a backup{restoring(config)}")
        rows = counts(connection)
    return f"{name}: {rows['orders']} orders, {rows['threads']} threads, {rows['outbox']} messages"


def engine(config: Config) -> str:
    """Who does the work; of many workers how many live, and whether one of them leads."""
    if config.engine == "embedded":
        return "one process does everything"
    from importlib.util import find_spec

    if find_spec("procrastinate") is None:
        raise ValueError("\"procrastinate\" needs `pip install 'huifang[postgres]'`")
    from store import leading

    with _ledger(config) as connection:
        if connection is None:
            return "many workers; none has been started yet"
        workers, is_led = len(leading.living(connection)), leading.is_led(connection)
    if not workers:
        raise ValueError("no worker lives: start `huifang worker` on each machine")
    if not is_led:
        raise ValueError(f"{workers} workers live, but none leads: one has to be started without --no-lead")
    return f"{workers} worker{'s' if workers > 1 else ''}, one of which leads"


def _stranded(connection: Connection, names: Collection[str]) -> Iterator[str]:
    """A sentence for each channel that was configured once and has something left that nobody sends or handles."""
    from store import raw_rows, views

    unsent, unhandled = views.unsent(connection), raw_rows.unhandled(connection)
    for name in sorted({*unsent, *unhandled} - {*names}):
        heard, _ = unhandled.get(name, (0, 0))
        if name in unsent or heard:
            left = f"{unsent.get(name, 0)} messages wait to be sent and {heard} events to be handled"
            yield f"channels.{name}: {left}, but there is no such channel any more; configure it again to have it done"


@contextmanager
def _ledger(config: Config) -> Iterator[Connection | None]:
    """The database, to be looked at; None where there is none of this version yet."""
    from store.engine import open_engine
    from store.fence import see_it_is_here
    from store.migrate import is_current

    if _is_missing(config):
        yield None
        return
    engine = open_engine(config.database_url())
    try:
        if not is_current(engine):
            yield None
            return
        see_it_is_here(engine)
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _file(config: Config) -> Path | None:
    """The file of a database that is one."""
    kind, _, path = config.database.url.partition(":///")
    return Path(path) if kind == "sqlite" else None


def _is_missing(config: Config) -> bool:
    file = _file(config)
    return file is not None and (not file.exists() or (file.is_file() and not file.stat().st_size))


def _is_idle(config: Config) -> bool:
    """Whether it is sure that no `huifang run` is at work."""
    from store.alone import is_worked_on, lock_of

    file = _file(config)
    return file is not None and lock_of(file).exists() and not is_worked_on(file)


def _folder(config: Config) -> str:
    folder = config.orders.folder
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ValueError(f"{there} must be a folder that can be written to: files that were read are moved to done/")
    where = f"{folder}/" if len(config.shops) == 1 else f"{folder}/<shop>/"
    return f"{where} is looked at every {config.orders.poll_seconds} s"


def _channels(config: Config) -> str:
    from bot.app import unserved

    if mistakes := unserved(config, (MANUAL, *config.accounts)):
        raise ValueError("\n".join(mistakes))
    return ", ".join(f"{shop}: {channel}" for shop, channel in config.channels().items())


def _account(name: str) -> Callable[[Config], str]:
    """How one channel stands: whether it can be made, and what it reported last."""

    def look(config: Config) -> str:
        from bot.channels.make import make_channel
        from bot.standing import told
        from scheduler.clock import SystemClock
        from store import raw_rows

        make_channel(name, config.accounts[name], config, SystemClock())
        with _ledger(config) as connection:
            state = raw_rows.states(connection).get(name) if connection is not None else None
            more = desk_check.groups_to_choose(config, name, connection)
        shop = config.shop_of(name) or next(iter(config.shops))
        return told(state, config.shops[shop].zone, _is_idle(config)) + more

    return look


def _desk(name: str) -> Callable[[Config], str]:
    """How a bot stands in its agents' group."""

    def look(config: Config) -> str:
        with _ledger(config) as connection:
            return desk_check.desk_of(config, name, connection)

    return look


def _alerts(config: Config) -> str:
    """By which ways the people of each shop are told of their tasks."""
    from bot.alerts.reached import told
    from bot.desks import places_of

    return told(config.shops, places_of(config), [own.service(name) for name, own in config.alerts.items()])


def _console(config: Config) -> str:
    """Where it is, and who can reach it."""
    from bot.console.standing import standing

    return standing(config)


def _service(name: str) -> Callable[[Config], str]:
    """Whether a service that carries alerts can be made, and what became of its last alert."""

    def look(config: Config) -> str:
        from bot.alerts.make import make_service
        from bot.alerts.standing import told
        from scheduler.clock import SystemClock
        from store.alert_views import last_alerts

        channel = make_service(name, config, SystemClock()).name
        with _ledger(config) as connection:
            last = last_alerts(connection, (channel,)).get(channel) if connection is not None else None
        return f"{config.alerts[name].type}: {told(last, next(iter(config.shops.values())).zone)}"

    return look
