"""`huifang forget`: every trace of a buyer goes but the hashes by which he is left in peace (docs/privacy.md)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, mistake, opened
from bot.commands.who import Who, person

if TYPE_CHECKING:
    from bot.app import App
    from bot.desk import Words
    from bot.forgetting import Cleaned
    from store.him import Him

Buyer = Annotated[
    str, typer.Argument(metavar="TARGET", help="An order, a thread's id, a task's code, or the buyer's own id.")
]


def forget(
    target: Buyer,
    who: Who,
    shop: Annotated[str, typer.Option("--shop", help="Whose buyer, if several shops have one of that id.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    config: ConfigOption = None,
) -> None:
    """Forget a buyer: database, photos, imported files and reports; says which backups hold him until when.

    Owners only. Open matters end, figures stay, and nothing is ever sent to this buyer again."""
    from bot.app import evidence_folder
    from bot.desk import words
    from bot.forgetting import clean
    from bot.web_chats import buyers_files
    from handlers.desk.erasing import NotNow
    from scheduler.erasing import erase_buyer, find, scrubbed

    with opened(config, speaking=False) as app:
        by = person(who, app.deps.roster)
        of_shop, buyer = _meant(app, target, shop)
        _check_owner(app, by, of_shop)
        said, him = words(app.deps.agent_lang), find(app.store, of_shop, buyer)
        files = buyers_files(app.config, evidence_folder(app.config))
        _show(him, said)
        if not yes and not _sure(said("erase_sure")):
            raise mistake(said("erase_not_done"))
        try:
            cleaned = clean(app.config, him)  # first: by what is in the database he is found, should this break off
            done = erase_buyer(of_shop, buyer, by, app.store, app.deps, app.clock.now(), files)
        except NotNow as error:
            raise mistake(error) from None
        except OSError as error:
            raise mistake(f"{error.filename}: cannot be cleaned: {error.strerror}; say it once more") from None
        typer.echo(said("erased", orders=done.orders, threads=done.threads, pseudonym=done.pseudonym))
        _tell([files.at(path) for path in done.files], cleaned, said)
        if not scrubbed(app.store):
            typer.echo(said("forget_later"))
        _tell_backups(app, said)


def _sure(question: str) -> bool:
    """Where nobody can answer, as in a script without `--yes`, it is a no."""
    try:
        return typer.confirm(question)
    except typer.Abort:
        typer.echo(err=True)
        return False


def _tell(deleted: list[Path], cleaned: Cleaned, said: Words) -> None:
    for path in (*deleted, *cleaned.deleted):
        typer.echo(said("erased_file", path=path))
    for path in cleaned.lines:
        typer.echo(said("forget_cleaned", path=path))
    for path in cleaned.by_hand:
        typer.echo(said("erase_paper", path=path))


def _tell_backups(app: App, said: Words) -> None:
    """Keep the list by which a restore forgets again, and say how long backups hold him, and what else is by hand."""
    from bot.backup import forgotten, keeping
    from bot.backup.manifest import NoBackup
    from store.backup import set_aside

    own = app.config.backup
    try:
        with app.store.engine.connect() as connection:
            forgotten.keep(connection, own.folder)
    except (NoBackup, OSError) as error:
        raise mistake(f"the buyer is forgotten, but the list for restores was not written: {error}") from None
    for each in keeping.kept(own.folder):
        day = f"{keeping.gone_by(each, own.keep_days):%Y-%m-%d}"
        typer.echo(said("forget_backup", path=each.path, day=day))
    for place in set_aside(app.store.engine):
        typer.echo(said("forget_aside", place=place))
    typer.echo(said("forget_elsewhere", list=own.folder / forgotten.FILE))
    typer.echo(said("forget_by_hand"))


def _meant(app: App, target: str, shop: str) -> tuple[str, str]:
    """The shop and the id of the buyer who is meant; one who was erased, or nobody, ends the command."""
    from bot.commands.meant import meant
    from followup.desk.erased import is_erased
    from store.him import buyers_named

    if shop and shop not in app.config.shops:
        raise mistake(f"--shop: expected one of {', '.join(app.config.shops)}, found {shop!r}")
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
    """Anybody else ends the command."""
    from handlers.desk.ranks import owner

    if owner(who, shop, app.deps) is None:
        raise mistake(f'{who} is no owner, and only they erase buyers (agents.people.<id>, rank = "owner")')


def _show(him: Him, said: Words) -> None:
    """Who is meant, before it is too late."""
    names = ", ".join(sorted(him.names) or sorted(him.accounts))
    typer.echo(said("erase_shown", names=names, orders=len(him.orders), threads=len(him.threads), chats=len(him.chats)))
    if him.orders:
        typer.echo(said("erase_orders", orders=", ".join(sorted(him.orders))))
