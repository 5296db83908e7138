"""Looking into the ledger: `threads`, `why`, `audit`, `catchup`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, alone, console, mistake, opened, print_table, zone_of

if TYPE_CHECKING:
    from rich.console import Console

    from bot.app import App
    from bot.desk import Words
    from bot.why import Line
    from followup.after_sales.model import AfterSale
    from followup.model import Thread
    from scheduler.catchup import Overdue

STYLES = {"said": "green", "held": "yellow", "dropped": "red", "note": "cyan", "task": "magenta", "promise": "blue"}
STYLES["clock"] = "blue"
DETAIL = " " * 14


def threads(
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    limit: Annotated[int, typer.Option(help="How many at the most.", min=1)] = 50,
    config: ConfigOption = None,
) -> None:
    """The newest threads."""
    from bot.desk import words
    from store import views
    from store.case_views import sales_of

    with opened(config, speaking=False) as app, app.store.engine.connect() as connection:
        said = words(app.deps.agent_lang)
        found = views.threads(connection, limit, not everything)
        sales = sales_of(connection, (thread.id for thread in found))
        rows = [
            (
                thread.id,
                said.name("kinds", thread.kind),
                _standing(thread, sales.get(thread.id), said, app),
                f"{thread.opened_at.astimezone(zone_of(app, thread.shop)):%m-%d %H:%M}",
                str(thread.touches),
                said.name("outcomes", thread.outcome),
            )
            for thread in found
        ]
        if rows:
            print_table(said("thread_columns").split(), rows)
        else:
            typer.echo(said("nothing"))


def _standing(thread: Thread, sale: AfterSale | None, said: Words, app: App) -> str:
    """The state of a thread; of an open after-sales case its step too (rule 39)."""
    from handlers.case_brief import Brief

    state = said.name("states", thread.state.value)
    return state if sale is None or thread.state.closed else f"{state} · {Brief(sale, app.deps).stage}"


def why(
    thread: Annotated[str, typer.Argument(help="A thread's id, or an order number.")],
    config: ConfigOption = None,
) -> None:
    """Tell the story of a thread: every message, every hold, and what would have changed the answer."""
    from bot.desk import words
    from bot.why import tell
    from store import views

    with opened(config, speaking=False) as app, app.store.engine.connect() as connection:
        found = views.thread_ids(connection, thread)
        if not found:
            raise mistake(f"there is no thread of {thread!r}; `huifang threads --all` lists them")
        said, screen = words(app.deps.agent_lang), console()
        for id_ in found:
            story = views.story(connection, id_)
            zone = zone_of(app, story.thread.shop)
            screen.print(f"{id_}: {said.name('states', story.thread.state.value)}", style="bold")
            screen.print(f"({said('times_in', zone=zone)})", style="dim")
            for line in tell(story, zone, said, app.deps.roster):
                _print(line, f"{line.at.astimezone(zone):%m-%d %H:%M}", screen)


def _print(line: Line, at: str, screen: Console) -> None:
    screen.print(f"{at}  {line.text}", style=STYLES.get(line.kind), soft_wrap=True)
    for detail in line.details:
        screen.print(f"{DETAIL}{detail}", style="dim", soft_wrap=True)


def audit(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    config: ConfigOption = None,
) -> None:
    """Prove over the whole ledger that nothing was sent twice and nothing is lost; exit 1 if the proof fails."""
    from store.audit import audit as prove

    with opened(config, speaking=False) as app, app.store.engine.connect() as connection:
        proof = prove(connection, app.deps.idempotent, app.clock.now())
    if as_json:
        import json

        typer.echo(json.dumps(proof.as_dict(), ensure_ascii=False))
    else:
        typer.echo(proof.as_text())
    if not proof.ok:
        raise typer.Exit(1)


def catchup(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the list.")] = False,
    config: ConfigOption = None,
) -> None:
    """Bring what is overdue up to date: sent, merged, dropped as expired, or handed to an agent."""
    import asyncio

    from bot.desk import words
    from scheduler.catchup import rehearse

    with opened(config) as app:
        overdue = rehearse(app.store, app.deps, app.clock.now())
        if overdue:
            print_table(words(app.deps.agent_lang)("catchup_columns").split(), _fates(overdue, app))
        typer.echo(f"{len(overdue)} overdue")
        if not dry_run:
            with alone(app):
                typer.echo(f"done: {asyncio.run(_catch_up(app))} reminders and messages")


def _fates(overdue: list[Overdue], app: App) -> Iterator[tuple[str, ...]]:
    from bot.desk import words

    said = words(app.deps.agent_lang)
    for item in overdue:
        zone = zone_of(app, item.thread.partition("/")[0])
        again = f"{item.until.astimezone(zone):%m-%d %H:%M}" if item.until else ""
        yield f"{item.due_at.astimezone(zone):%m-%d %H:%M}", item.what, said.name("fates", item.fate), item.why, again


async def _catch_up(app: App) -> int:
    from scheduler.outbox import recover

    await recover(app.store, app.deps, app.clock)
    return await app.engine.pump()
