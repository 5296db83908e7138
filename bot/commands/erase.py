"""`huifang erase`: an owner takes everything about one buyer out of the database and the folder of evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, mistake, opened
from bot.commands.who import Who, person

if TYPE_CHECKING:
    from bot.app import App
    from bot.desk import Words
    from store.him import Him

Buyer = Annotated[
    str, typer.Argument(metavar="TARGET", help="An order, a thread's id, a task's code, or the buyer's own id.")
]


def erase(
    target: Buyer,
    who: Who,
    shop: Annotated[str, typer.Option("--shop", help="Whose buyer, if several shops have one of that id.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    config: ConfigOption = None,
) -> None:
    """Erase a buyer: name, chats, photos and words go for good, open matters end, figures stay. Owners only."""
    from bot.app import evidence_folder
    from bot.desk import words
    from bot.routine.files import naming
    from bot.web_chats import buyers_files
    from handlers.desk.erasing import NotNow
    from scheduler.erasing import erase_buyer, find

    with opened(config, speaking=False) as app:
        by = person(who, app.deps.roster)
        of_shop, buyer = _meant(app, target, shop)
        _check_owner(app, by, of_shop)
        said = words(app.deps.agent_lang)
        him = find(app.store, of_shop, buyer)
        files = buyers_files(app.config, evidence_folder(app.config))
        papers = naming(app.config.reports.folder / of_shop, him.is_named_in)
        _show(him, said)
        if not yes and not typer.confirm(said("erase_sure")):
            raise mistake(said("erase_not_done"))
        try:
            now = app.clock.now()
            done = erase_buyer(of_shop, buyer, by, app.store, app.deps, now, files)
        except NotNow as error:
            raise mistake(error) from None
        typer.echo(said("erased", orders=done.orders, threads=done.threads, pseudonym=done.pseudonym))
        for path in done.files:
            typer.echo(said("erased_file", path=files.at(path)))
        for paper in papers:
            typer.echo(said("erase_paper", path=paper))
        typer.echo(said("erase_by_hand", reports=app.config.reports.folder, exports=app.config.orders.folder))


def _meant(app: App, target: str, shop: str) -> tuple[str, str]:
    """The shop and the id of the buyer who is meant; one who was erased, or nobody, ends the command."""
    from bot.commands.meant import meant
    from followup.desk.erased import is_erased
    from store.him import buyers_named

    with app.store.engine.connect() as connection:
        found = buyers_named(connection, target) or buyers_named(connection, meant(app, target).thread)
    found = [each for each in found if shop in ("", each[0])]
    if not found:
        raise mistake(f"{target!r} is about no buyer")
    if len(found) > 1:
        each = ", ".join(f"{buyer} ({of})" for of, buyer in found)
        raise mistake(f"{target} may be any of {each}: give the buyer's id, with --shop")
    if is_erased(found[0][1].rpartition("/")[2]):
        raise mistake(f"the buyer of {target} was erased already")
    return found[0]


def _check_owner(app: App, who: str, shop: str) -> None:
    from handlers.desk.ranks import owner

    if owner(who, shop, app.deps) is None:
        raise mistake(f'{who} is no owner, and only they erase buyers (agents.people.<id>, rank = "owner")')


def _show(him: Him, said: Words) -> None:
    names = ", ".join(sorted(him.names) or sorted(him.accounts))
    typer.echo(said("erase_shown", names=names, orders=len(him.orders), threads=len(him.threads), chats=len(him.chats)))
    if him.orders:
        typer.echo(said("erase_orders", orders=", ".join(sorted(him.orders))))
