"""`huifang retention`: what was kept long enough goes, as `huifang run` has it every day."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.common import ConfigOption, opened, print_table


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would go.")] = False,
    config: ConfigOption = None,
) -> None:
    """Let go of what was kept longer than the table of that name in the configuration says, never of what is open."""
    from bot.app import evidence_folder
    from bot.keeping import days_of
    from bot.web_chats import buyers_files
    from scheduler.retention import retain
    from store.retention import counted

    with opened(config, speaking=False) as app:
        days, now = days_of(app.config.retention), app.clock.now()
        if dry_run:
            with app.store.engine.connect() as connection:
                found = counted(connection, days, now)
        else:
            found = retain(app.store, days, now, buyers_files(app.config, evidence_folder(app.config)))
    rows = [(kind, table, str(days[kind]), str(count)) for (kind, table), count in found.items() if count]
    if not rows:
        typer.echo("nothing is older than it may become")
        return
    print_table(("kind", "table", "days", "rows that would go" if dry_run else "rows"), rows)
