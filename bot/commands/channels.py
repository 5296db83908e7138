"""`huifang channels`: how they stand, and what they delivered that could not be handled."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.common import ConfigOption, console, mistake, opened, print_table, zone_of
from followup.desk.places import account_of

channels_app = typer.Typer(invoke_without_command=True, help="How channels stand; what could not be handled.")
Show = Annotated[bool, typer.Option("--show", help="With what was delivered, word for word.")]
Limit = Annotated[int, typer.Option(help="How many at the most.", min=1)]


@channels_app.callback()
def channels(context: typer.Context, config: ConfigOption = None) -> None:
    """How each channel stands, and how much waits there or was put aside."""
    from bot.app import shop_heard
    from store import raw_rows

    if context.invoked_subcommand is not None:
        return
    with opened(config, speaking=False) as app, app.store.engine.connect() as connection:
        states, left = raw_rows.states(connection), raw_rows.unhandled(connection)
        rows = []
        for name in dict.fromkeys((*app.config.accounts, *states, *left)):
            state, (waiting, aside) = states.get(name), left.get(name, (0, 0))
            account = account_of(name)
            zone = zone_of(app, shop_heard(app.config, account) if account in app.config.accounts else "")
            since = f"{state.since.astimezone(zone):%Y-%m-%d %H:%M}" if state else ""
            rows.append((name, state.health.value if state else "never ran", since, str(waiting), str(aside)))
    if rows:
        print_table(("channel", "health", "since", "waiting", "put aside"), rows)
    else:
        typer.echo("There is no channel but manual.")


@channels_app.command("aside")
def aside(show: Show = False, limit: Limit = 50, config: ConfigOption = None) -> None:
    """What was put aside because it could not be handled, oldest first."""
    from store import raw_rows

    with opened(config, speaking=False) as app, app.store.engine.connect() as connection:
        found = raw_rows.asides(connection, limit)
    if not found:
        typer.echo("Nothing is put aside.")
        return
    rows = [(str(one.number), one.raw.channel, f"{one.raw.at:%Y-%m-%d %H:%M} UTC", one.raw.error) for one in found]
    print_table(("id", "channel", "when", "error"), rows)
    for one in found if show else ():
        console().print(f"\n{one.number}:", style="bold")
        console().print(one.raw.body.decode("utf-8", "backslashreplace"), soft_wrap=True)


@channels_app.command("retry")
def retry(
    id_: Annotated[int, typer.Argument(metavar="ID", help="As `huifang channels aside` shows it.")],
    config: ConfigOption = None,
) -> None:
    """Have something that was put aside handled once more, by the program that runs or at its next start."""
    from store import raw_rows
    from store.sql_tx import SqlTx
    from store.tx import Tx

    def again(tx: Tx) -> bool:
        assert isinstance(tx, SqlTx)
        return raw_rows.try_again(tx, id_)

    with opened(config, speaking=False) as app:
        if not app.store.run(again):
            raise mistake(f"nothing of the number {id_} is put aside; `huifang channels aside` lists what is")
        typer.echo(f"{id_}: waits to be handled again")
