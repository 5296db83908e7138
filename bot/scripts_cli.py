"""`huifang scripts`: read, check and change what the shop says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, load_config, opened

if TYPE_CHECKING:
    from bot.scripts_preview import Subject
    from followup.model import Segment as Kind
    from scripts_library.catalogue import Spec
    from scripts_library.library import Library
    from scripts_library.lint import Finding

scripts_app = typer.Typer(help="Read, check and change what the shop says.", no_args_is_help=True)

Script = Annotated[str, typer.Argument(help="Script id, such as unpaid.help.")]
File = Annotated[
    Path | None, typer.Option("--overrides", help="The file of the shop's own wording (default: as configured).")
]
Lang = Annotated[str, typer.Option(help="Language, such as zh-CN, en or es.")]
Segment = Annotated[str, typer.Option(help="new or returning.")]
By = Annotated[str, typer.Option(help="Who makes the change.", envvar="USER")]


@scripts_app.command("list")
def list_scripts(overrides: File = None, config: ConfigOption = None) -> None:
    """Every script: for whom it is, how many variants each language has, which rules it serves."""
    with _mistakes():
        from scripts_library.words import languages

        library = _library(_file(overrides, config))
        langs = languages("buyer")
        rows = [_summary(library, spec, langs) for spec in library.catalogue.values()]
        _table("Scripts", ["id", "role", "to", *langs, "rules"], rows)


@scripts_app.command()
def show(script: Script, overrides: File = None, config: ConfigOption = None) -> None:
    """One script: its facts, and every variant with the id that `retire` takes."""
    with _mistakes():
        from scripts_library.library import spec_of

        spec = spec_of(script)
        library = _library(_file(overrides, config))
        keys = [key for key in library.written() if key[0] == script]
        rows = [
            [lang, seg, each.id, each.source, f"{each.until:%Y-%m-%d %H:%M}" if each.until else ""]
            for _, lang, seg in keys
            for each in library.own(script, lang, seg)
        ]
        typer.echo(f"Facts: {', '.join(fact.name + '?' * fact.optional for fact in spec.facts) or 'none'}")
        over = ["until"] if any(row[-1] for row in rows) else []
        _table(script, ["lang", "segment", "variant", "text", *over], [row[: 4 + len(over)] for row in rows])


@scripts_app.command()
def preview(
    script: Annotated[str, typer.Argument(help="Script id; without it use --all.")] = "",
    order: Annotated[str, typer.Option(help="Use the facts of this order.")] = "",
    lang: Lang = "zh-CN",
    everything: Annotated[bool, typer.Option("--all", help="All that buyers may read, in one sitting.")] = False,
    agents: Annotated[bool, typer.Option("--agents", help="With --all: what agents read, too.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write a .txt, .md or .html instead.")] = None,
    overrides: File = None,
    config: ConfigOption = None,
) -> None:
    """Prints the words as a buyer would read them, with sample facts or those of an order."""
    with _mistakes():
        from bot.scripts_preview import preview as read
        from scripts_library.library import spec_of

        if not script and not everything:
            raise ValueError("name a script, or use --all to read them all")
        library = _library(_file(overrides, config))
        given = facts_for_order(order, config) if order else None
        only = () if everything else (spec_of(script).id,)
        found = read(library, lang, only, agents or not everything, given)
        _show(found, lang, output)


def _show(found: list[Subject], lang: str, output: Path | None) -> None:
    """Print, or write in the form that the file's name asks for."""
    from bot.scripts_preview import as_markdown, as_page, as_text

    forms = {".txt": lambda: as_text(found), ".md": lambda: as_markdown(found), ".html": lambda: as_page(found, lang)}
    if output is None:
        typer.echo(as_text(found), nl=False)
    elif output.suffix.lower() not in forms:
        raise ValueError(f"{output}: expected a name that ends in {', '.join(forms)}")
    else:
        output.write_text(forms[output.suffix.lower()](), encoding="utf-8")
        typer.echo(f"Written to {output}.")


@scripts_app.command()
def check(
    overrides: File = None,
    config: ConfigOption = None,
    longest: Annotated[int | None, typer.Option(help="Shortest limit of your channels, in characters.")] = None,
) -> None:
    """Lints all words, built-in and the shop's own; exit code 1 when something is wrong."""
    with _mistakes():
        from bot.scripts_promises import undeclared
        from scripts_library.check import check as check_library

        library = _library(_file(overrides, config))
        findings = [*check_library(library, longest), *undeclared(library)]
    if findings:
        _table("Findings", ["script", "lang", "variant", "rule", "message", "words"], map(_cells, findings))
        raise typer.Exit(1)
    typer.echo("All scripts are in order.")


@scripts_app.command("set")
def set_text(
    script: Script,
    lang: Lang,
    text: Annotated[str, typer.Option(help="The new variant, with {{ fact }} and {% if fact %}.")],
    segment: Segment = "new",
    until: Annotated[str, typer.Option(help="Said only until the end of this day, such as 2026-11-11.")] = "",
    by: By = "cli",
    overrides: File = None,
    config: ConfigOption = None,
) -> None:
    """Adds a variant in the shop's own words, if it passes the lint."""
    with _mistakes():
        from bot.scripts_promises import undeclared_in
        from bot.scripts_until import until_of
        from scheduler.clock import SystemClock
        from scripts_library.catalogue import load_catalogue
        from scripts_library.overrides import Overrides

        for finding in undeclared_in(load_catalogue().get(script), lang, text):
            raise ValueError(finding)
        zone = next(iter(load_config(config).shops.values())).zone
        over = until_of(until, zone, SystemClock().now())
        file = Overrides(_file(overrides, config), SystemClock().now)
        variant = file.set(script, lang, text, _segment(segment), by, over)
    typer.echo(f"Added variant {variant} to {script} in {lang}.")


@scripts_app.command()
def retire(
    script: Script,
    variant: Annotated[str, typer.Argument(help="Variant id, as `show` prints it.")],
    lang: Lang,
    by: By = "cli",
    overrides: File = None,
    config: ConfigOption = None,
) -> None:
    """Takes a variant out of use; at least two must remain (of a button, one)."""
    with _mistakes():
        from scheduler.clock import SystemClock
        from scripts_library.overrides import Overrides

        Overrides(_file(overrides, config), SystemClock().now).retire(script, lang, variant, by)
    typer.echo(f"Retired variant {variant} of {script} in {lang}.")


@scripts_app.command()
def undo(
    script: Script,
    variant: Annotated[str, typer.Argument(help="Variant id that was added or retired.")],
    lang: Lang,
    by: By = "cli",
    overrides: File = None,
    config: ConfigOption = None,
) -> None:
    """Takes back the last change to a variant."""
    with _mistakes():
        from scheduler.clock import SystemClock
        from scripts_library.overrides import Overrides

        Overrides(_file(overrides, config), SystemClock().now).undo(script, lang, variant, by)
    typer.echo(f"Undone: the last change to {variant} of {script} in {lang}.")


@contextmanager
def _mistakes() -> Iterator[None]:
    try:
        yield
    except (ValueError, LookupError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def facts_for_order(order_id: str, config: Path | None) -> Mapping[str, object]:
    """What scripts may say of a real order. Raises LookupError if it is not known."""
    from bot.order_facts import facts_for

    with opened(config) as app:
        return facts_for(order_id, app)


def _file(overrides: Path | None, config: Path | None) -> Path:
    return overrides or load_config(config).scripts.overrides


def _library(overrides: Path) -> Library:
    from scripts_library.library import Library
    from scripts_library.overrides import Overrides

    return Library.load(Overrides(overrides))


def _segment(name: str) -> Kind:
    from followup.model import Segment as Kind

    try:
        return Kind(name)
    except ValueError:
        raise ValueError(f"segment {name} is unknown: new or returning") from None


def _summary(library: Library, spec: Spec, langs: tuple[str, ...]) -> list[str]:
    from followup.model import Segment as Kind

    counts = [sum(len(library.own(spec.id, lang, segment)) for segment in Kind) for lang in langs]
    return [spec.id, spec.role, spec.audience, *map(str, counts), ", ".join(map(str, spec.rules))]


def _cells(finding: Finding) -> list[str]:
    return [finding.script, finding.lang, finding.variant, finding.rule, finding.message, finding.words]


def _table(title: str, columns: list[str], rows: Iterable[list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, title=title, show_lines=title == "Findings")
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    Console().print(table)
