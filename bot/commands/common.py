"""What commands share: options, and turning a user's mistake into one sentence and exit code 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.app import App
    from bot.config import Config

ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="The configuration (default: config.toml if it exists).")
]
MISTAKE = 2


def mistake(sentence: object) -> typer.Exit:
    """Say what is wrong, on standard error, and leave with exit code 2."""
    typer.echo(f"huifang: {sentence}", err=True)
    return typer.Exit(MISTAKE)


def load_config(path: Path | None) -> Config:
    """The configuration; a mistake in it ends the command."""
    from bot.config import ConfigError, load

    default = Path("config.toml")
    try:
        return load(path or (default if default.exists() else None))
    except ConfigError as error:
        raise mistake(error) from None


@contextmanager
def opened(path: Path | None) -> Iterator[App]:
    """The wired program for one command; a database or script file that cannot be used ends it with a sentence."""
    from bot.app import bootstrap
    from bot.logs import setup_logs
    from scripts_library.storage import DamagedFile
    from store.engine import DatabaseError

    config = load_config(path)
    setup_logs(config.logs)
    try:
        app = bootstrap(config)
    except (DatabaseError, DamagedFile) as error:
        raise mistake(error) from None
    try:
        yield app
    finally:
        app.close()
