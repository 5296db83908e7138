"""`huifang simulate`: what would have been said over a real export, and what was held back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, load_config, mistake

if TYPE_CHECKING:
    from bot.config import Config
    from bot.simulate_run import Ran, Settings

Files = Annotated[list[Path], typer.Argument(help="Exports (CSV, XLSX) or JSON lines.")]
Since = Annotated[str, typer.Option("--from", help="Leave out orders created before this day or time.")]
Until = Annotated[str, typer.Option("--to", help="Stop the clock at this day (its first moment) or time.")]
Assume = Annotated[
    str, typer.Option(help="What exports do not say, counted from payment: refund_requested=24h,refund_settled=96h.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the summary.")]
Ledger = Annotated[Path | None, typer.Option(help="Write every decision here, one JSON object a line.")]
Report = Annotated[Path | None, typer.Option(help="Write a report here: one HTML file with charts.")]
ShopName = Annotated[str | None, typer.Option(help="Whose orders (default: the only shop configured).")]
Compare = Annotated[
    Path | None, typer.Option(help="Another configuration: the same orders with its cadence too, and what differs.")
]
Lang = Annotated[str | None, typer.Option(help="Language of summary and report: zh-CN or en (default: the agents').")]


def simulate_command(
    files: Files,
    since: Since = "",
    until: Until = "",
    assume: Assume = "",
    json: AsJson = False,
    ledger: Ledger = None,
    report: Report = None,
    config: ConfigOption = None,
    shop: ShopName = None,
    lang: Lang = None,
    compare: Compare = None,
) -> None:
    """Travel through past orders: what would have been said, when, and what was held back and why. Sends nothing."""
    began = time.perf_counter()
    _refuse_overwriting(files, ledger, report)
    with _mistakes():
        from bot.garbage import no_garbage_collection

        present = load_config(config)
        settings = _settings(present, shop, lang)
        told = _Told(json, ledger, report, began)
        with no_garbage_collection():
            ran = _run(files, settings, assume, since, until)
            if compare:
                both = _Other(present, load_config(compare))
                _compare(ran, lambda other: _run(files, other, assume, since, until), settings, both, told)
            else:
                _write(ran, settings, ledger, report)
                _tell(ran, settings, told)


@dataclass(frozen=True)
class _Told:
    """How to tell it, where the files lie, and when it began."""

    json: bool
    ledger: Path | None
    report: Path | None
    began: float


@dataclass(frozen=True)
class _Other:
    """The configuration as it is, and the one it is compared with."""

    before: Config
    after: Config


def _compare(ran: Ran, again: Callable[[Settings], Ran], settings: Settings, other: _Other, told: _Told) -> None:
    """Replay the same files with the other cadence, and tell what differs."""
    from bot import comparing_cli

    after = again(comparing_cli.other_of(settings, other.after))
    found = comparing_cli.compared(ran, after, settings.lang)
    changed = list(comparing_cli.changes(other.before, other.after, settings.shop))
    if told.ledger:
        comparing_cli.write_both(told.ledger, ran.simulation, after.simulation)
    if told.report:
        comparing_cli.write_report(told.report, found, ran.simulation, settings, changed)
    if told.json:
        comparing_cli.print_json(found, changed, ran.rejected.count)
    else:
        comparing_cli.show(found, changed, settings, ran.rejected.count)
        _say_where(settings, told)


def _settings(config: Config, shop: str | None, lang: str | None) -> Settings:
    from bot.logs import setup_logs
    from bot.simulate_run import settings_of

    setup_logs(config.logs)
    return settings_of(config, shop, lang)


def _run(files: list[Path], settings: Settings, assume: str, since: str, until: str) -> Ran:
    from rich.console import Console

    from bot.simulate_assume import parse
    from bot.simulate_run import BadOption, moment, run

    told = parse(assume)
    begins, ends = moment("--from", since, settings.policy.zone), moment("--to", until, settings.policy.zone)
    if begins and ends and ends <= begins:
        raise BadOption("--to must be later than --from")
    with Console(stderr=True).status(", ".join(file.name for file in files)):
        return run(files, settings, told, begins, ends)


def _write(ran: Ran, settings: Settings, ledger: Path | None, report: Path | None) -> None:
    from bot.report.ledger import write_ledger
    from bot.simulate_report import write_report

    if ledger:
        write_ledger(ledger, ran.simulation)
    if report:
        write_report(report, ran.simulation, ran.counts, ran.rejected, settings.shop, settings.lang)


def _tell(ran: Ran, settings: Settings, told: _Told) -> None:
    if told.json:
        return _print_json(ran, time.perf_counter() - told.began)

    from rich.console import Console

    from bot.report.summary import show

    show(Console(), ran.simulation, ran.counts, ran.rejected, settings.shop, settings.lang)
    return _say_where(settings, told)


def _say_where(settings: Settings, told: _Told) -> None:
    """Where the files lie, and how long it took."""
    from bot.report.labels import labels

    words = labels(settings.lang)
    for name, path in (("see_report", told.report), ("see_ledger", told.ledger)):
        if path:
            typer.echo(f"{words[name]}: {path}")
    typer.echo(words["elapsed"].format(seconds=f"{time.perf_counter() - told.began:.1f}"))


def _print_json(ran: Ran, seconds: float) -> None:
    import orjson

    from bot.report.figures import as_json

    told = as_json(ran.simulation, ran.counts, ran.rejected.count, seconds)
    typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())


def _refuse_overwriting(files: list[Path], *outputs: Path | None) -> None:
    taken = [file.resolve() for file in files]
    for path in filter(None, outputs):
        if path.resolve() in taken:
            raise mistake(f"{path}: would overwrite another file of this command")
        if path.is_dir() or not path.parent.is_dir():
            raise mistake(f"{path}: cannot be written; it must be a file in a folder that exists")
        taken.append(path.resolve())


@contextmanager
def _mistakes() -> Iterator[None]:
    """A user's mistake ends the command with one sentence and exit code 2."""
    from bot.simulate_assume import BadAssumption
    from bot.simulate_run import BadOption
    from followup.ports import UnknownFormat
    from scripts_library.storage import OverridesDamaged

    try:
        yield
    except OSError as error:
        raise mistake(f"{error.filename or 'file'}: {error.strerror or error}") from None
    except (BadAssumption, BadOption, UnknownFormat, OverridesDamaged) as error:
        raise mistake(error) from None
