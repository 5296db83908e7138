"""What `huifang check` looks at: each part alone, so that one that is broken does not hide another. Changes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.config import Config

if TYPE_CHECKING:
    from followup.model import ChannelState

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
        ("orders folder", _folder),
        ("channels", _channels),
        *((f"channel {name}", _account(name)) for name in config.accounts),
    )
    return [_row(part, look, config) for part, look in parts]


def _row(part: str, look: Callable[[Config], str], config: Config) -> Row:
    try:
        return Row(part, True, look(config))
    except Exception as error:  # noqa: BLE001 - a check reports whatever is wrong
        return Row(part, False, str(error) or type(error).__name__, getattr(error, "code", ""))


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
    from store.engine import open_engine
    from store.migrate import is_current
    from store.views import counts

    name = config.database.url
    if name.startswith("sqlite:///") and _is_missing(Path(name.removeprefix("sqlite:///"))):
        return f"{name}: is made at the first start"
    engine = open_engine(config.database_url())
    try:
        if not is_current(engine):
            return f"{name}: is brought to this version at the next start"
        with engine.connect() as connection:
            rows = counts(connection)
    finally:
        engine.dispose()
    return f"{name}: {rows['orders']} orders, {rows['threads']} threads, {rows['outbox']} messages"


def _is_missing(file: Path) -> bool:
    return not file.exists() or (file.is_file() and not file.stat().st_size)


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

        clock = SystemClock()
        make_channel(name, config.accounts[name], config, clock)
        zone = config.shops[config.shop_of(name)].zone
        return told(_states(config).get(name), zone)

    return look


def _states(config: Config) -> dict[str, ChannelState]:
    """How the channels stood last; nothing where there is no database yet."""
    from store import raw_rows
    from store.engine import open_engine
    from store.migrate import is_current

    name = config.database.url
    if name.startswith("sqlite:///") and _is_missing(Path(name.removeprefix("sqlite:///"))):
        return {}
    engine = open_engine(config.database_url())
    try:
        with engine.connect() as connection:
            return raw_rows.states(connection) if is_current(engine) else {}
    finally:
        engine.dispose()
