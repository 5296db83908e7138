"""`huifang import`: a file of orders, once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, mistake, opened

if TYPE_CHECKING:
    from bot.app import App
    from bot.importing import Imported

SHOWN = 10


def import_(
    files: Annotated[list[Path], typer.Argument(help="Exports (CSV, XLSX) or JSON lines.")],
    shop: Annotated[str | None, typer.Option(help="Whose orders (default: the only shop configured).")] = None,
    config: ConfigOption = None,
) -> None:
    """Import orders; a newer export of the same orders brings only what changed."""
    from followup.ports import UnknownFormat

    with opened(config) as app:
        name = shop_of(app, shop)
        for path in files:
            try:
                imported = _import_one(app, name, path)
            except UnknownFormat as error:
                raise mistake(error) from None
            except OSError as error:
                raise mistake(f"{path}: {error.strerror or error}") from None
            _report(path, imported)


def shop_of(app: App, shop: str | None) -> str:
    """The shop that is meant; ends the command when that is unclear."""
    known = sorted(app.deps.policies)
    if shop is None and len(known) == 1:
        return known[0]
    if shop not in known:
        raise mistake(f"--shop: expected one of {', '.join(known)}, got {shop or 'nothing'}")
    return shop


def _import_one(app: App, shop: str, path: Path) -> Imported:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from bot.importing import import_file
    from bot.orders.sources import open_source

    source = open_source(path, shop, app.deps.policies[shop].zone, app.config.shops[shop].currency)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} rows"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(path.name, total=None)
        return asyncio.run(
            import_file(path, source, app.store, app.deps, app.clock, lambda rows: bar.advance(task, rows))
        )


def _report(path: Path, imported: Imported) -> None:
    counts = ", ".join(f"{imported.counts[change]} {change}" for change in sorted(imported.counts))
    typer.echo(f"{path}: {imported.total} rows: {counts or 'none'}, {len(imported.rejected)} rejected")
    for row in imported.rejected[:SHOWN]:
        typer.echo(f"  line {row.line}, {row.column}: expected {row.expected}, got {row.value!r}")
    if imported.rejected_file is not None:
        typer.echo(f"  rejected rows are in {imported.rejected_file}")
