"""`huifang worker`: one process of many on one PostgreSQL."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.common import ConfigOption, load_config, mistake


def worker(
    config: ConfigOption = None,
    lead: Annotated[
        bool | None, typer.Option("--lead/--no-lead", help="Whether this one may lead (default: as configured).")
    ] = None,
) -> None:
    """Work beside others on the same PostgreSQL, until SIGTERM or Ctrl-C; one of them leads.

    Who leads listens to the channels, serves webhooks and the console, and imports. If it dies another does within
    seconds (docs/scale.md).
    """
    from bot.commands.running import serve

    if load_config(config).engine != "procrastinate":
        raise mistake('engine: a worker needs engine = "procrastinate" and a database postgresql://… (docs/scale.md)')
    serve(config, lead)
