"""`huifang sweep`: go over every late and stuck order now, or read what the last sweep found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, mistake, opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app import App


def sweep(
    shop: Annotated[str | None, typer.Option(help="Only this shop.")] = None,
    last: Annotated[bool, typer.Option("--last", help="Only show what the last sweep found.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a shop, a line each.")] = False,
    config: ConfigOption = None,
) -> None:
    """Follow up every late and stuck order and count who looks after it; exit 1 if any is left without."""
    if last and as_json:
        raise mistake("--last shows a report as it was kept; --json belongs to a new sweep")
    with opened(config, speaking=False) as app:
        shops = sorted(app.deps.policies)
        if shop is not None and shop not in shops:
            raise mistake(f"--shop: expected one of {', '.join(shops)}, got {shop}")
        asked = [shop] if shop else shops
        if last:
            _show_last(asked, app)
        elif not _sweep(asked, as_json, app):
            raise typer.Exit(1)


def _sweep(shops: Sequence[str], as_json: bool, app: App) -> bool:
    """Whether everything that was found is looked after."""
    import asyncio
    import json

    from scheduler import sweeping

    async def swept() -> bool:
        is_whole = True
        for shop in shops:
            coverage, task = await sweeping.sweep(shop, app.store, app.deps, app.clock)
            is_whole = is_whole and coverage.adds_up
            typer.echo(json.dumps(coverage.as_dict(), ensure_ascii=False) if as_json else _headed(shop, task.text, app))
        return is_whole

    return asyncio.run(swept())


def _show_last(shops: Sequence[str], app: App) -> None:
    from bot.desk import words
    from handlers.sweep import reports_of
    from store import sweep_views

    with app.store.engine.connect() as connection:
        for shop in shops:
            task = sweep_views.last_report(connection, reports_of(shop))
            if task is None:
                typer.echo(_headed(shop, words(app.deps.agent_lang)("never_swept"), app))
                continue
            at = task.created_at.astimezone(app.deps.policies[shop].zone)
            typer.echo(_headed(shop, f"{at:%Y-%m-%d %H:%M}\n{task.text}", app))


def _headed(shop: str, text: str, app: App) -> str:
    """The text, under the shop's name where there are several."""
    return f"{shop}: {text}" if len(app.deps.policies) > 1 else text
