"""`huifang run` and `huifang check`."""

from __future__ import annotations

import signal
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.commands.common import ConfigOption, alone, load_config, mistake, opened, print_table
from bot.garbage import no_garbage_collection

if TYPE_CHECKING:
    import asyncio

    from bot.app import App

SELDOM = (2000, 20, 20)
"""New objects between two looks at the newest, and looks at each generation between two at the one before. Thirty pages
of the console took 13 full looks of up to 0.5 s with Python's own (700, 10, 10), and take two with these."""


def run(config: ConfigOption = None) -> None:
    """Watch the folder of exports and run everything in one process, until SIGTERM or Ctrl-C; with
    engine = "procrastinate" as one worker of many."""
    serve(config)


def serve(config: Path | None, lead: bool | None = None) -> None:
    """Run the program as it is configured, alone or beside others; a mistake ends it with a sentence."""
    with ExitStack() as until_done:
        with no_garbage_collection():
            import asyncio

            from bot.http import PortTaken
            from store.engine import DatabaseError

            app = until_done.enter_context(opened(config, fresh=True, serving=lead is not False, lead=lead))
        if app.config.engine == "embedded":
            until_done.enter_context(alone(app))
        try:
            asyncio.run(_serve(app))
        except (PortTaken, DatabaseError) as error:
            raise mistake(error) from None


async def _serve(app: App) -> None:
    import asyncio

    from bot.watching.port import watched

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):  # on Windows, where Ctrl-C ends it the hard way
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, stop.set)
    moved: list[str] = []
    app.store.on_moved = lambda sentence: _from_thread(loop, stop, moved, sentence)
    how = "runs" if app.config.engine == "embedded" else "works beside others"
    typer.echo(f"huifang {how}: {app.config.database.url}, orders from {app.config.orders.folder}/", err=True)
    async with watched(app) as readiness:
        starting, stopping = asyncio.create_task(app.engine.start()), asyncio.create_task(stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        try:
            if starting.done():
                starting.result()
                readiness.started = True
                _tell_of_console(app)
                _warm_up()
                await stopping
        finally:
            readiness.started = False
            starting.cancel()
            stopping.cancel()
            await app.engine.stop()
    if moved:
        raise mistake(moved[0])
    typer.echo("huifang stopped; what is left is done at the next start", err=True)


def _from_thread(loop: asyncio.AbstractEventLoop, stop: asyncio.Event, moved: list[str], sentence: str) -> None:
    """The shop is in another database by now: whoever notices ends the program."""
    moved.append(sentence)
    with suppress(RuntimeError):  # the loop is closed: the program is stopping
        loop.call_soon_threadsafe(stop.set)


def _warm_up() -> None:
    """What the first unclear message would have to wait for is read beside the loop. What is there by now stays for
    good, so that nobody waits a third of a second while the collector of garbage looks at all of it; at the rest it
    looks more seldom than after each page of the console."""
    import gc
    from threading import Thread

    from handlers.understand import meaning

    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    Thread(target=meaning.load, name="meaning", daemon=True).start()


def _tell_of_console(app: App) -> None:
    """Where the console is, and how to get in where nobody can yet."""
    if app.desk is None or app.http is None or not app.engine.leads:
        return
    from bot.console.invites import address_of
    from store.console.logins import has_anybody

    typer.echo(f"console: {address_of(app.config, app.http.port)}/console/", err=True)
    with app.store.engine.connect() as connection:
        if not has_anybody(connection):
            typer.echo("nobody can log in yet: `huifang console invite NAME` makes a link", err=True)


def check(config: ConfigOption = None) -> None:
    """Validate configuration, words, database and channels; exit 1 if something needs care.

    The code that logs a channel in is shown as a picture to scan.
    """
    from bot.checks import run_checks
    from bot.standing import scannable

    rows = run_checks(load_config(config))
    print_table(("part", "state", "what"), ((row.part, "ok" if row.ok else "CARE", row.what) for row in rows))
    for row in rows:
        if row.code:
            typer.echo(f"{row.part}:\n{scannable(row.code)}")
    if not all(row.ok for row in rows):
        raise typer.Exit(1)
