"""`huifang intents`: how well buyers are understood, why a message was taken so, and what agents taught."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, load_config, mistake, print_table
from bot.commands.who import Who, person

if TYPE_CHECKING:
    from bot.learnt_phrases import LearntPhrases

intents_app = typer.Typer(help="How buyers' messages are understood.", no_args_is_help=True)

Text = Annotated[str, typer.Argument(help="What a buyer wrote.")]
LearntFile = Annotated[
    Path | None, typer.Option("--learnt", help="The file of learnt phrases (default: intents.json beside the scripts).")
]


@intents_app.command("eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help="CSV with the columns text, label and perhaps alt_label.")],
    names: Annotated[Path | None, typer.Option("--map", help="CSV with the columns theirs, ours.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")] = False,
    learnt: LearntFile = None,
    config: ConfigOption = None,
) -> None:
    """Scores the understanding on labelled messages: accuracy, top three, precision and coverage of acting alone."""
    from bot.intents_eval import BadFile, read_map, read_rows, score
    from bot.intents_report import as_object, show

    try:
        mapping, put_aside = read_map(names) if names else ({}, [])
        rows, bad = read_rows(file, mapping)
    except BadFile as error:
        raise mistake(error) from None
    for each in [*put_aside, *bad]:
        typer.echo(f"huifang: put aside: {each}", err=True)
    if not rows:
        raise mistake(f"{file} has no row that could be scored")
    with _mistakes():
        understanding = _learnt(learnt, config).understanding()
    result = score(rows, understanding)
    if as_json:
        typer.echo(as_object(result))
    else:
        show(result)


@intents_app.command()
def explain(text: Text, lang: str = "", learnt: LearntFile = None, config: ConfigOption = None) -> None:
    """Why a message is taken as it is: what was read, what it may mean, what was found in it, whether that is sure."""
    from bot.intents_report import explained
    from scheduler.clock import SystemClock

    if not text.strip():
        raise mistake("there is nothing to explain: the message is empty")
    with _mistakes():
        understanding = _learnt(learnt, config).understanding()
    print_table(["", ""], explained(text, understanding, lang, SystemClock().now()))


@intents_app.command()
def learn(
    text: Text,
    intent: Annotated[str, typer.Argument(help="What it means: an id such as where_is_parcel, or its name.")],
    who: Who,
    learnt: LearntFile = None,
    config: ConfigOption = None,
) -> None:
    """Teaches what a buyer's words mean in this shop; wordings that differ by a slip are taken alike."""
    by = person(who, load_config(config).agents.roster())
    with _mistakes():
        number = _learnt(learnt, config).learn(text, intent, by)
    typer.echo(f"Learnt as {number}. `huifang intents unlearn {number}` takes it back.")


@intents_app.command("learnt")
def list_learnt(learnt: LearntFile = None, config: ConfigOption = None) -> None:
    """What was learnt, oldest first."""
    with _mistakes():
        entries = _learnt(learnt, config).entries()
    print_table(
        ["id", "intent", "by", "at", "text"], [[str(e.number), e.intent, e.by, e.at[:16], e.text] for e in entries]
    )


@intents_app.command()
def export(
    to: Annotated[Path | None, typer.Argument(help="The CSV to write (default: standard output).")] = None,
    learnt: LearntFile = None,
    config: ConfigOption = None,
) -> None:
    """What was learnt, as a CSV that `eval` reads too: text, label, by, at."""
    from bot.intents_report import csv_of

    with _mistakes():
        table = csv_of(_learnt(learnt, config).entries())
        if to:
            to.write_text(table, encoding="utf-8")
    if not to:
        typer.echo(table, nl=False)


@intents_app.command()
def unlearn(
    number: Annotated[int, typer.Argument(help="The id that `learnt` shows.")],
    learnt: LearntFile = None,
    config: ConfigOption = None,
) -> None:
    """Takes back what was learnt."""
    with _mistakes():
        gone = _learnt(learnt, config).unlearn(number)
    typer.echo(f"Unlearnt: {gone.text} → {gone.intent}")


@intents_app.command(hidden=True)
def train() -> None:
    """Learns the models again from scripts_library/phrases/intents (a source tree with the development packages)."""
    try:
        from handlers.understand.training import train as train_models

        counts = train_models()
    except ImportError as error:
        raise mistake(f"training needs the development packages: {error.name} is missing") from None
    typer.echo(", ".join(f"{name} {count}" for name, count in counts.items()))


@contextmanager
def _mistakes() -> Iterator[None]:
    try:
        yield
    except (ValueError, LookupError, OSError) as error:
        raise mistake(error) from None


def _learnt(file: Path | None, config: Path | None) -> LearntPhrases:
    from bot.learnt_phrases import LearntPhrases, beside

    return LearntPhrases(file or beside(load_config(config).scripts.overrides))
