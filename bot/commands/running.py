"""`huifang run` and `huifang check`."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import typer

from bot.commands.common import ConfigOption, load_config, opened

if TYPE_CHECKING:
    from bot.app import App


def run(config: ConfigOption = None) -> None:
    """Watch the folder of exports and run everything in one process, until SIGTERM or Ctrl-C."""
    with opened(config) as app:
        asyncio.run(_serve(app))


async def _serve(app: App) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    await app.engine.start()
    typer.echo(f"huifang runs: {app.config.database.url}, orders from {app.config.orders.folder}", err=True)
    await stop.wait()
    await app.engine.stop()
    typer.echo("huifang stopped; what is left is done at the next start", err=True)


def check(config: ConfigOption = None) -> None:
    """Validate configuration, words, database and channels; exit 1 if something needs care."""
    from rich.console import Console
    from rich.table import Table

    from bot.checks import run_checks

    loaded = load_config(config)
    rows = run_checks(loaded)
    table = Table("part", "state", "what")
    for row in rows:
        table.add_row(row.part, "[green]ok[/]" if row.ok else "[red]care[/]", row.what)
    Console().print(table)
    if not all(row.ok for row in rows):
        raise typer.Exit(1)
