"""`huifang vip`: the buyers who agreed to be visited once a month (rule 106)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, mistake, opened, print_table, zone_of
from bot.commands.who import Who, person

if TYPE_CHECKING:
    from bot.app import App

vip_app = typer.Typer(help="Buyers who agreed to a word once a month.", no_args_is_help=True)

BuyerId = Annotated[str, typer.Argument(metavar="BUYER", help="The buyer's id, as his orders name him.")]
ShopOption = Annotated[str, typer.Option("--shop", help="Whose buyer (may be left out if there is one shop).")]


@vip_app.command("add")
def add_(buyer: BuyerId, who: Who, shop: ShopOption = "", config: ConfigOption = None) -> None:
    """Visit a buyer every month: only with his agreement."""
    from bot.desk import words
    from handlers.visits import Listed, NotVisited, add, wanted

    with opened(config, speaking=False) as app:
        of = _shop(app, shop)
        event = Listed(of, buyer, person(who, app.deps.roster, of), app.clock.now())
        try:
            is_new = app.store.run(lambda tx: add(event, tx, app.deps), wanted(event))
        except NotVisited as error:
            raise mistake(error) from None
        said, every = words(app.deps.agent_lang), app.deps.policy(event.shop).visit.every
        sentence = "vip_added" if is_new else "vip_known"
        next_at = (event.at + every).astimezone(zone_of(app, event.shop))
        typer.echo(said(sentence, buyer=buyer, next=f"{next_at:%Y-%m-%d}", who=event.who))


@vip_app.command("remove")
def remove_(buyer: BuyerId, who: Who, shop: ShopOption = "", config: ConfigOption = None) -> None:
    """Visit a buyer no more."""
    from bot.desk import words
    from handlers.visits import Listed, NotVisited, remove, wanted

    with opened(config, speaking=False) as app:
        of = _shop(app, shop)
        event = Listed(of, buyer, person(who, app.deps.roster, of), app.clock.now())
        try:
            app.store.run(lambda tx: remove(event, tx, app.deps), wanted(event))
        except NotVisited as error:
            raise mistake(error) from None
        typer.echo(words(app.deps.agent_lang)("vip_removed", buyer=buyer))


@vip_app.command("list")
def list_(config: ConfigOption = None) -> None:
    """Who is visited, since when, and when next."""
    from bot.desk import words
    from followup.kinds.vip_visit import VIP_VISIT
    from store.visit_views import visited

    with opened(config, speaking=False) as app, app.store.engine.connect() as connection:
        said = words(app.deps.agent_lang)
        found = visited(connection, list(VIP_VISIT.steps))
        if not found:
            typer.echo(said("no_vips"))
            return
        rows = []
        for each in found:
            zone, buyer = zone_of(app, each.buyer.shop), each.buyer
            days = (f"{at.astimezone(zone):%Y-%m-%d}" if at else "" for at in (buyer.visits_at, each.next_at))
            rows.append([buyer.shop, buyer.id, buyer.name, *days])
        print_table(said("vip_columns").split(), rows)


def _shop(app: App, named: str) -> str:
    """The shop that was named, or the only one."""
    shops = list(app.config.shops)
    shop = named or (shops[0] if len(shops) == 1 else "")
    if shop not in shops:
        raise mistake(f"--shop: expected one of {', '.join(shops)}, got {named or 'nothing'}")
    return shop
