"""`huifang promises`: the ledger of what was promised to buyers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, opened, print_table, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.app import App
    from bot.desk import Words
    from store.promise_views import Promised


def promises(
    everything: Annotated[bool, typer.Option("--all", help="Those that were kept, late or released too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    config: ConfigOption = None,
) -> None:
    """Who promised what to whom, by when, and whether it was kept."""
    from bot.desk import words
    from store.promise_views import promised

    with opened(config, speaking=False) as app:
        with app.store.engine.connect() as connection:
            found = promised(connection, everything)
        said = words(app.deps.agent_lang)
        if as_json:
            _print_json(found)
        elif found:
            print_table(tuple(said("promise_columns").split()), _rows(found, app, said))
        else:
            typer.echo(said("no_promises"))


def _rows(found: Iterable[Promised], app: App, said: Words) -> Iterator[tuple[str, ...]]:
    from followup.promises import OURS

    for each in found:
        promise = each.promise
        due = f"{promise.due_at.astimezone(zone_of(app, promise.shop)):%m-%d %H:%M}"
        who = said("huifang") if promise.said_by == OURS else promise.said_by
        state = said.name("promises", promise.state.value)
        yield due, who, each.order_id, each.buyer, state, promise.text


def _print_json(found: Iterable[Promised]) -> None:
    import json
    from dataclasses import asdict

    for each in found:
        plain = asdict(each.promise) | {"order": each.order_id, "buyer": each.buyer}
        for name in ("made_at", "due_at", "closed_at"):
            plain[name] = plain[name].isoformat() if plain[name] else None
        typer.echo(json.dumps(plain, ensure_ascii=False))
