"""Looking into the ledger: `threads`, `why`, `audit`, `catchup`."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.common import ConfigOption, mistake, opened


def threads(
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    limit: Annotated[int, typer.Option(help="How many at the most.")] = 50,
    config: ConfigOption = None,
) -> None:
    """The newest threads."""
    from rich.console import Console
    from rich.table import Table

    from store import views

    with opened(config) as app, app.store.engine.connect() as connection:
        table = Table("thread", "state", "opened", "said", "outcome")
        for thread in views.threads(connection, limit, not everything):
            zone = app.deps.policy(thread.shop).zone
            opened_at = f"{thread.opened_at.astimezone(zone):%Y-%m-%d %H:%M}"
            table.add_row(thread.id, thread.state.value, opened_at, str(thread.touches), thread.outcome)
        Console().print(table)


def why(
    thread: Annotated[str, typer.Argument(help="A thread's id, or an order number.")],
    config: ConfigOption = None,
) -> None:
    """Tell the story of a thread: every message, every hold, and what would have changed the answer."""
    from rich.console import Console

    from bot.why import tell
    from store import views

    console = Console(highlight=False, soft_wrap=True)
    with opened(config) as app, app.store.engine.connect() as connection:
        found = views.thread_ids(connection, thread)
        if not found:
            raise mistake(f"there is no thread or order {thread!r}")
        for id_ in found:
            story = views.story(connection, id_)
            zone = app.deps.policy(story.thread.shop).zone
            console.print(f"{id_}  [{story.thread.state.value}] {story.thread.outcome}", style="bold", markup=False)
            for line in tell(story, zone):
                indent = (
                    "                      "
                    if line.kind == "check"
                    else f"  {line.at.astimezone(zone):%Y-%m-%d %H:%M}  "
                )
                console.print(f"{indent}{line.text}", markup=False, style="dim" if line.kind == "check" else None)


def audit(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    config: ConfigOption = None,
) -> None:
    """Prove over the whole ledger that nothing was sent twice and nothing is lost; exit 1 if the proof fails."""
    from store.audit import audit as prove

    with opened(config) as app, app.store.engine.connect() as connection:
        proof = prove(connection)
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

    from rich.console import Console
    from rich.table import Table

    from scheduler.catchup import rehearse

    with opened(config) as app:
        overdue = rehearse(app.store, app.deps, app.clock.now())
        table = Table("due (UTC)", "what", "becomes", title=f"{len(overdue)} overdue")
        for item in overdue:
            table.add_row(f"{item.due_at:%Y-%m-%d %H:%M}", item.what, item.fate)
        Console().print(table)
        if not dry_run:
            from scheduler.outbox import recover

            asyncio.run(recover(app.store, app.deps, app.clock))
            typer.echo(f"done: {asyncio.run(app.engine.pump())} reminders and messages")
