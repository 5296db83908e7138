"""`huifang evidence`: what buyers sent, packs of proof, and whether a pack is still what was sealed (rules 51, 54)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, alone, load_config, mistake, opened, print_table, zone_of
from bot.commands.who import Who, person

if TYPE_CHECKING:
    from bot.app import App
    from bot.config import Config
    from bot.desk import Words
    from bot.evidence.pack import Packed
    from bot.evidence.verify import Checked

evidence_app = typer.Typer(help="What buyers sent, and sealed packs of proof.", no_args_is_help=True)

Order = Annotated[str, typer.Argument(metavar="ORDER", help="An order number, or a thread's id.")]


@evidence_app.command("list")
def list_(order: Order, config: ConfigOption = None) -> None:
    """The photos and files that came in for an order, and what became of each."""
    from bot.evidence.telling import size_of, words
    from followup.evidence import why_not
    from store import evidence_views

    with opened(config, speaking=False) as app, app.store.engine.connect() as connection:
        said, threads = words(app.deps.agent_lang), _threads(app, order)
        rows = []
        for each in evidence_views.matter(connection, threads).evidence:
            why = why_not(each)
            state = said.name("whys", why.value) if why else said.name("states", each.state.value)
            at = f"{each.at.astimezone(zone_of(app, each.shop)):%m-%d %H:%M}"
            media, size = said.name("media", each.media.value), each.size or each.told_size
            matter = each.thread or said("no_thread")
            rows.append((at, matter, media, state, size_of(size) if size else "", each.sha256[:16], each.path))
    if rows:
        print_table(said("list_columns").split(), rows)
    else:
        typer.echo(said("list_none", order=order))


@evidence_app.command("pack")
def pack_(
    order: Order,
    who: Who,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The zip file to write.")] = None,
    config: ConfigOption = None,
) -> None:
    """Pack everything on an order's threads into one zip, and note its SHA-256 in them: who sealed it, and when."""
    from bot.app import evidence_folder
    from bot.evidence.files import safe
    from bot.evidence.pack import InTheWay, pack
    from bot.evidence.telling import words
    from handlers.evidence import sealed
    from store import evidence_views
    from store.engine import steady
    from store.wanted import Wanted

    with opened(config, speaking=False) as app:
        said, threads = words(app.deps.agent_lang), _threads(app, order)
        by = person(who, app.deps.roster, threads[0])
        with app.store.engine.connect() as connection:
            steady(connection)
            matter = evidence_views.matter(connection, threads)
        path = output or Path(f"evidence-{safe(matter.order_id)}.zip")
        try:
            packed = pack(matter, evidence_folder(app.config), path, zone_of(app, matter.shop), app.deps.agent_lang)
        except InTheWay:
            raise mistake(f"{path} is there already, with other contents; name another file with -o") from None
        except OSError as error:
            raise mistake(f"{path}: the pack cannot be written: {error.strerror or error}") from None
        now, digest = app.clock.now(), packed.digest
        app.store.run(lambda tx: sealed(threads, digest, by, tx, now), Wanted(threads=tuple(threads)))
    _show_packed(packed, threads, by, said)


@evidence_app.command("verify")
def verify_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A pack, as `evidence pack` wrote it.")],
    digest: Annotated[str, typer.Option(help="The SHA-256 that was written down when it was sealed.")] = "",
    config: ConfigOption = None,
) -> None:
    """Say that a pack is intact, or name what was altered, is missing or was added; exit code 1 if anything was."""
    from bot.evidence.telling import words
    from bot.evidence.verify import NotAPack, verify

    try:
        checked = verify(file)
    except NotAPack as error:
        raise mistake(f"{file} is no evidence pack: {error}") from None
    except OSError as error:
        raise mistake(f"{file}: cannot be read: {error.strerror or error}") from None
    settings = load_config(config)
    said = words(settings.agents.lang)
    typer.echo("\n".join([*_parts(checked, said), said("digest", digest=checked.digest)]))
    is_same = not digest or digest.strip().lower() == checked.digest
    if digest:
        typer.echo(said("digest_same" if is_same else "digest_differs"))
    told, is_known = _seal(checked, settings, config, said)
    typer.echo(told)
    if not (checked.intact and is_known and is_same):
        raise typer.Exit(1)


@evidence_app.command("fetch")
def fetch_(config: ConfigOption = None) -> None:
    """Try to fetch everything that waits to be fetched, now; `huifang run` does so by itself."""
    import asyncio

    from bot.evidence.telling import words

    with opened(config) as app:
        said = words(app.deps.agent_lang)
        with alone(app):
            states = asyncio.run(_fetch(app))
    if not states:
        typer.echo(said("fetched_none"))
        return
    told = {"kept": "kept", "waiting": "wanted", "refused": "refused", "lost": "lost"}
    typer.echo(said("fetched", **{name: states.get(state, 0) for name, state in told.items()}))


async def _fetch(app: App) -> dict[str, int]:
    try:
        return dict(await app.fetching.fetch_all())
    finally:
        for inbox in app.inboxes:
            await inbox.receiver.close()


def _threads(app: App, order: str) -> list[str]:
    """The threads of an order; a mistake if there are none, or of several shops."""
    from store import views

    with app.store.engine.connect() as connection:
        found = views.thread_ids(connection, order)
    if not found:
        raise mistake(f"there is no thread of {order!r}; `huifang threads --all` lists them")
    if len({thread.partition("/")[0] for thread in found}) > 1:
        raise mistake(f"several shops have an order {order}: give one of {', '.join(found)}")
    return found


def _show_packed(packed: Packed, threads: Sequence[str], who: str, said: Words) -> None:
    from bot.evidence.telling import size_of

    for file in packed.files:
        if file.state != "intact":
            typer.echo(said(f"warn_{file.state}", path=file.evidence.path), err=True)
    count = sum(bool(file.name) for file in packed.files)
    if not packed.is_new:
        typer.echo(said("same", path=packed.path))
    typer.echo(said("packed", path=packed.path, files=count, size=size_of(packed.size)))
    typer.echo(said("digest", digest=packed.digest))
    typer.echo(said("noted", threads=", ".join(threads), by=who))


def _parts(checked: Checked, said: Words) -> list[str]:
    if checked.intact:
        return [said("intact", parts=checked.parts)]
    wrong = (("part_altered", checked.altered), ("part_missing", checked.missing), ("part_added", checked.added))
    lines = [
        said(sentence, name=ascii(name)[1:-1] if not name.isprintable() else name)
        for sentence, names in wrong
        for name in names
    ]
    return [said("changed"), *lines]


def _seal(checked: Checked, settings: Config, config: Path | None, said: Words) -> tuple[str, bool]:
    """What the database here knows of the pack's digest, and whether that speaks for it."""
    file = settings.database.url.removeprefix("sqlite:///")
    if file != settings.database.url and not Path(file).exists():
        return said("seal_elsewhere", order=checked.order), True
    from handlers.evidence import SEALED
    from store import evidence_views

    with opened(config, speaking=False) as app, app.store.engine.connect() as connection:
        notes = evidence_views.seals(connection, SEALED, checked.order)
        mine = [note for note in notes if note.text.split()[1:2] == [checked.digest]]
        if not notes:
            return said("seal_elsewhere", order=checked.order), True
        if not mine:
            return said("seal_unknown"), False
        at = mine[0].at.astimezone(zone_of(app, mine[0].thread.partition("/")[0]))
        return said("seal_known", by=mine[0].who, at=f"{at:%Y-%m-%d %H:%M}"), True
