"""`huifang demo`: see it work, with no account and no network."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.common import mistake

FOLDER = Path("var/demo")


def demo(
    once: Annotated[bool, typer.Option("--once", help="Print the transcripts and end; nothing is asked.")] = False,
    lang: Annotated[str, typer.Option(help="zh-CN, en or es.")] = "zh-CN",
) -> None:
    """A generated shop: answer as the buyer while the weeks fly, or read one thread of each kind."""
    from rich.console import Console

    from bot.demo.play import live, transcript
    from bot.demo.stories import SPOKEN

    if lang not in SPOKEN:
        raise mistake(f"--lang: expected one of {', '.join(SPOKEN)}, got {lang!r}")
    console = Console()
    _logs()
    if once or not sys.stdin.isatty():
        asyncio.run(transcript(FOLDER / "demo.db", lang, console))
    else:
        asyncio.run(live(FOLDER / "demo.db", lang, console))
    _month(console, lang)


def _logs() -> None:
    from bot.config import load
    from bot.logs import setup_logs

    setup_logs(load(None).logs)


def _month(console: object, lang: str) -> None:
    """Replay a generated month and say where its report lies."""
    from rich.console import Console

    from bot.shop_month import write_export
    from bot.simulate_cli import report_for

    assert isinstance(console, Console)
    export, report = FOLDER / "month.csv", FOLDER / "report.html"
    write_export(export, orders=1500, seed=7)
    summary = report_for(export, report, {"refund_requested": "24h", "refund_settled": "96h"}, lang)
    console.print(f"\nA whole month of {summary.orders} generated orders, replayed: {summary.seconds:.1f} s")
    console.print(f"  orders  {export}\n  report  {report.resolve().as_uri()}", highlight=False, soft_wrap=True)
