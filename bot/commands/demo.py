"""`huifang demo`: see it work, with no account and no network."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import console, mistake

if TYPE_CHECKING:
    from rich.console import Console

FOLDER = Path("var/demo")
ORDERS = 1500
ASSUMED = {"refund_requested": "24h", "refund_settled": "96h"}


def demo(
    once: Annotated[bool, typer.Option("--once", help="Print the transcripts and end; nothing is asked.")] = False,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Answer as the buyer right here in the terminal.")
    ] = False,
    seconds: Annotated[float, typer.Option("--for", min=0, help="End after so many seconds; 0: with Ctrl-C only.")] = 0,
    lang: Annotated[str, typer.Option(help="zh-CN, en or es.")] = "zh-CN",
) -> None:
    """A generated shop in your browser: its console for the owner, its web chat for a buyer, while the weeks fly."""
    from bot.demo.places import PLACES

    if lang not in PLACES:
        raise mistake(f"--lang: expected one of {', '.join(PLACES)}, got {lang!r}")
    screen = console(wide=100)
    try:
        with _alone():
            if once or terminal:
                _play(once or not sys.stdin.isatty(), lang, screen)
                _month(lang, screen)
            else:
                if not (FOLDER / "report.html").exists():
                    _month(lang, screen)
                _serve(lang, screen, seconds)
    except OSError as error:
        raise mistake(f"{error.filename or FOLDER}: {error.strerror or error}") from None


@contextmanager
def _alone() -> Iterator[None]:
    """Two demos in one folder would take each other's shop away."""
    from fasteners import InterProcessLock

    FOLDER.mkdir(parents=True, exist_ok=True)
    lock = InterProcessLock(FOLDER / ".lock")
    if not lock.acquire(blocking=False):
        raise mistake(f"a demo is running in {FOLDER} already: end that one, or start this one in another folder")
    try:
        yield
    finally:
        lock.release()


def _serve(lang: str, screen: Console, seconds: float) -> None:
    import asyncio

    from bot.config import Logs
    from bot.demo.serve import serve
    from bot.http import PortTaken
    from bot.logs import setup_logs

    setup_logs(Logs(level="warning"))
    try:
        asyncio.run(serve(FOLDER, lang, screen, seconds))
    except PortTaken as error:
        raise mistake(error) from None


def _play(once: bool, lang: str, screen: Console) -> None:
    import asyncio

    from bot.config import Logs
    from bot.demo.play import live, transcript
    from bot.logs import setup_logs

    setup_logs(Logs(level="warning"))
    database = FOLDER / "demo.db"
    try:
        asyncio.run((transcript if once else live)(database, lang, screen))
    except KeyboardInterrupt:
        screen.print()
    config = _write_config(database, lang)
    read_on = _label("read_on", lang)
    screen.print(f"\n{read_on} huifang why 1001 -c {config}   huifang audit -c {config}", soft_wrap=True)


def _write_config(database: Path, lang: str) -> Path:
    """A configuration with which the other commands read the demo's database."""
    from bot.demo.acting import SHOP
    from bot.demo.places import PLACES
    from bot.demo.play import agents_read

    path, zone = FOLDER / "config.toml", PLACES[lang].zone.key
    path.write_text(
        f'[database]\nurl = "sqlite:///{database}"\n\n[agents]\nlang = "{agents_read(lang)}"\n\n'
        f'[shops.{SHOP}]\nplatform = "independent"\nzone = "{zone}"\nlang = "{lang}"\n',
        "utf-8",
    )
    return path


def _month(lang: str, screen: Console) -> None:
    """Replay a generated month and say where its report lies."""
    from bot.shop_month import write_export
    from bot.simulate_run import report_for

    export, report = FOLDER / "month.csv", FOLDER / "report.html"
    write_export(export, orders=ORDERS, seed=7)
    summary = report_for(export, report, ASSUMED, lang)
    screen.print("\n" + _label("month", lang, orders=summary.orders, seconds=f"{summary.seconds:.1f}"))
    screen.print(f"  {_label('export', lang)}  {export}", soft_wrap=True)
    screen.print(f"  {_label('report', lang)}  {report.resolve().as_uri()}", soft_wrap=True)


def _label(name: str, lang: str, **figures: object) -> str:
    from bot.demo.play import agents_read
    from bot.desk import words

    return str(words(agents_read(lang)).table["demo"][name]).format(**figures)
