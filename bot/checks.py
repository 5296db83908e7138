"""What `huifang check` looks at: each part alone, so that one that is broken does not hide another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.config import Config


@dataclass(frozen=True, slots=True)
class Row:
    """One part, whether it is well, and a sentence about it."""

    part: str
    ok: bool
    what: str


def run_checks(config: Config) -> list[Row]:
    """Check every part of a configured shop."""
    parts: tuple[tuple[str, Callable[[Config], str]], ...] = (
        ("configuration", _configuration),
        ("words", _words),
        ("database", _database),
        ("orders folder", _folder),
    )
    return [*(_row(part, look, config) for part, look in parts), *_channels(config)]


def _row(part: str, look: Callable[[Config], str], config: Config) -> Row:
    try:
        return Row(part, True, look(config))
    except Exception as error:  # noqa: BLE001 - a check reports whatever is wrong
        return Row(part, False, str(error))


def _configuration(config: Config) -> str:
    shops = ", ".join(f"{name} ({shop.platform})" for name, shop in config.shops.items())
    config.policies()
    return f"shops: {shops}"


def _words(config: Config) -> str:
    from scripts_library.check import check_all
    from scripts_library.overrides import Overrides

    findings = check_all(Overrides(config.scripts.overrides))
    if findings:
        raise ValueError(f"{len(findings)} findings; `huifang scripts check` lists them")
    return "every script in every language, no findings"


def _database(config: Config) -> str:
    from sqlalchemy import text
    from store.migrate import upgrade

    from store.engine import open_engine

    upgrade(config.database.url)
    engine = open_engine(config.database.url)
    with engine.connect() as connection:
        threads = connection.execute(text("SELECT count(*) FROM threads")).scalar_one()
    engine.dispose()
    return f"{engine.url.render_as_string(hide_password=True)}: up to date, {threads} threads"


def _folder(config: Config) -> str:
    folder = Path(config.orders.folder)
    folder.mkdir(parents=True, exist_ok=True)
    return f"{folder}/<shop>/ is looked at every {config.orders.poll_seconds} s"


def _channels(config: Config) -> Iterator[Row]:
    for shop, channel in config.channels().items():
        yield Row("channel", True, f"{shop}: {channel}")
