"""`huifang import`: files of orders, once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import MISTAKE, ConfigOption, mistake, opened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.app import App
    from bot.importing import Imported
    from followup.ports import BadRow, Channel

SHOWN = 10


def import_(
    files: Annotated[list[Path], typer.Argument(help="Exports (CSV, XLSX) or JSON lines.")],
    shop: Annotated[str | None, typer.Option(help="Whose orders (default: the only shop configured).")] = None,
    links: Annotated[
        Path | None, typer.Option(help="Write a CSV with a link for each of these orders whose buyer has no chat yet.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Import orders; a newer export of the same orders brings only what changed."""
    with opened(config, fresh=True, speaking=links is not None) as app:
        name = shop_of(app, shop)
        channel = _channel(app, name) if links is not None else None
        ids: dict[str, None] = {}
        unread = [path for path in files if not _import(app, name, path, ids)]
        if links is not None and channel is not None:
            _write_links(app, name, ids, channel, links)
        if unread:
            raise typer.Exit(MISTAKE)


def _channel(app: App, shop: str) -> Channel:
    from bot.linking import NoLink, channel_for

    try:
        return channel_for(app, shop)
    except NoLink as error:
        raise mistake(f"--links: {error}") from None


def _write_links(app: App, shop: str, ids: Iterable[str], channel: Channel, path: Path) -> None:
    """What a mistake here ends was imported all the same."""
    import asyncio

    from bot.linking import let_go, write_links
    from followup.ports import NotYet

    async def write() -> int:
        try:
            return await write_links(app, shop, ids, channel, path)
        finally:
            await let_go(channel)

    try:
        count = asyncio.run(write())
    except (NotYet, OSError) as error:
        raise mistake(f"--links: {error}; the orders are imported, run the command again for the links") from None
    typer.echo(f"{path}: {count} links")


def shop_of(app: App, shop: str | None) -> str:
    """The shop that is meant; ends the command when that is unclear."""
    known = sorted(app.deps.policies)
    if shop is None and len(known) == 1:
        return known[0]
    if shop not in known:
        raise mistake(f"--shop: expected one of {', '.join(known)}, got {shop or 'nothing'}")
    return shop


def _import(app: App, shop: str, path: Path, ids: dict[str, None]) -> bool:
    """Import one file; False if it could not be read, which does not keep the others from being imported."""
    from followup.ports import UnknownFormat

    try:
        imported = _with_progress(app, shop, path, ids)
    except UnknownFormat as error:
        mistake(error)
    except OSError as error:
        mistake(f"{path}: {error.strerror or error}")
    else:
        _report(path, imported)
        return True
    return False


def _with_progress(app: App, shop: str, path: Path, ids: dict[str, None]) -> Imported:
    import asyncio

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from bot.importing import import_file
    from bot.linking import Remembering
    from bot.orders.sources import open_source

    source = Remembering(open_source(path, shop, app.deps.policies[shop].zone, app.config.shops[shop].currency), ids)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} rows"), TimeElapsedColumn())
    screen = Console(stderr=True)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task(path.name, total=None)
        return asyncio.run(
            import_file(path, source, app.store, app.deps, app.clock, lambda rows: bar.advance(task, rows))
        )


def _report(path: Path, imported: Imported) -> None:
    counts = ", ".join(f"{count} {change}" for change, count in sorted(imported.counts.items()))
    typer.echo(f"{path}: {imported.total} rows: {counts or 'no orders'}, {len(imported.rejected)} rejected")
    for row in imported.rejected[:SHOWN]:
        typer.echo(f"  {_place(row)}: expected {row.expected}, got {repr(row.value) if row.value else 'nothing'}")
    if len(imported.rejected) > SHOWN:
        typer.echo(f"  and {len(imported.rejected) - SHOWN} more")
    if imported.rejected_file is not None:
        typer.echo(f"  rejected rows are in {imported.rejected_file}")
    if imported.trouble:
        typer.echo(f"huifang: {imported.trouble}", err=True)


def _place(row: BadRow) -> str:
    return f"line {row.line}, {row.column}" if row.line else row.column
