"""`huifang case …`: what a person of the shop does with an after-sales case, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.common import ConfigOption, mistake, one_of, opened, print_table, zone_of
from bot.commands.linking import ShopOption
from bot.commands.who import Who, person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.app import App
    from bot.desk import Words
    from followup.after_sales.model import AfterSale
    from followup.model import Order, Thread
    from handlers.case_brief import Brief

cases_app = typer.Typer(help="After-sales cases: open, show, list, and move them on.", no_args_is_help=True)

OrderNumber = Annotated[str, typer.Argument(metavar="ORDER", help="The order's number.")]
Note = Annotated[str, typer.Option("--note", help="What there is to say about it.")]
BRANCHES = "not_shipped, in_transit, damaged_unsigned, damaged_signed, missing_item, wrong_goods, surplus_goods, "
BRANCHES += "quality, quality_late, no_reason, exchange, uninvited or recalled"
REMEDIES = "refund, partial_refund, return_refund, exchange, reissue or repair"
CAUSES = "product, description, warehouse, dispatch, courier, service, after_sales, buyer, malicious or other"


@cases_app.command("open")
def open_(
    order: OrderNumber,
    branch: Annotated[str, typer.Argument(help=f"{BRANCHES}.")],
    who: Who,
    text: Note = "",
    shop: ShopOption = None,
    config: ConfigOption = None,
) -> None:
    """Open a case, or put an open one into another procedure; its first words go to the buyer."""
    from followup.after_sales.model import Branch

    _move("open", order, shop, who, config, text=text, branch=one_of("branch", Branch, branch))


@cases_app.command("shown")
def shown(
    order: OrderNumber,
    who: Who,
    what: Annotated[
        list[str] | None, typer.Argument(help="photos, packing_slip, weight, …; nothing means photos and packing slip.")
    ] = None,
    text: Note = "",
    shop: ShopOption = None,
    config: ConfigOption = None,
) -> None:
    """You have seen what the buyer was asked for, say on the platform."""
    from followup.after_sales.procedures import ASKED, Need

    known = [*Need, *(said for asked in ASKED.values() for _, said in asked.choices)]
    if unknown := [each for each in what or () if each not in known]:
        raise mistake(f"WHAT: expected {', '.join(dict.fromkeys(known))}, got {unknown[0]!r}; more goes into --note")
    _move("shown", order, shop, who, config, text=" ".join(filter(None, (*(what or ()), text))))


@cases_app.command("remedy")
def remedy(
    order: OrderNumber,
    remedy: Annotated[str, typer.Argument(help=f"{REMEDIES}.")],
    who: Who,
    text: Note = "",
    number: Annotated[str, typer.Option(help="The tracking number of what was sent again.")] = "",
    shop: ShopOption = None,
    config: ConfigOption = None,
) -> None:
    """Decide what is done; the buyer is told, and the case goes on."""
    from followup.after_sales.model import Remedy

    chosen = one_of("remedy", Remedy, remedy)
    _move("remedy", order, shop, who, config, text=text, remedy=chosen, number=number)


@cases_app.command("recalled")
def recalled(
    order: OrderNumber,
    who: Who,
    remedy: Annotated[str, typer.Option(help="What was agreed: refund or reissue (default: ask the buyer).")] = "",
    sound: Annotated[bool, typer.Option(help="Whether it came back in order.")] = True,
    text: Note = "",
    shop: ShopOption = None,
    config: ConfigOption = None,
) -> None:
    """A recalled parcel is back in the warehouse."""
    from followup.after_sales.model import Remedy

    agreed = one_of("--remedy", (Remedy.REFUND, Remedy.REISSUE), remedy) if remedy else Remedy.NONE
    _move("recalled", order, shop, who, config, text=text, remedy=agreed, sound=sound)


@cases_app.command("uninvited")
def uninvited(
    order: OrderNumber,
    who: Who,
    cause: Annotated[str, typer.Option(help=f"Whose fault it was, if it is known: {CAUSES}.")] = "",
    text: Note = "",
    shop: ShopOption = None,
    config: ConfigOption = None,
) -> None:
    """A parcel came back that nobody recalled; --note says why, as the courier told it."""
    from followup.causes import Cause

    found = one_of("--cause", Cause, cause) if cause else Cause.UNKNOWN
    _move("uninvited", order, shop, who, config, text=text, cause=found)


@cases_app.command("arrived")
def arrived(
    order: OrderNumber,
    who: Who,
    sound: Annotated[bool, typer.Option(help="Whether the goods are in order.")] = True,
    number: Annotated[str, typer.Option(help="Their tracking number.")] = "",
    text: Note = "",
    shop: ShopOption = None,
    config: ConfigOption = None,
) -> None:
    """Goods that the buyer sent back are here and were looked at."""
    _move("arrived", order, shop, who, config, text=text, number=number, sound=sound)


@cases_app.command("reissued")
def reissued(
    order: OrderNumber,
    number: Annotated[str, typer.Argument(help="The new tracking number.")],
    who: Who,
    text: Note = "",
    shop: ShopOption = None,
    config: ConfigOption = None,
) -> None:
    """It was sent again under this number; the buyer is told."""
    _move("reissued", order, shop, who, config, text=text, number=number)


@cases_app.command("cause")
def cause(
    order: OrderNumber,
    cause: Annotated[str, typer.Argument(help=f"{CAUSES}.")],
    who: Who,
    text: Note = "",
    shop: ShopOption = None,
    config: ConfigOption = None,
) -> None:
    """Record the real reason (rule 47)."""
    from followup.causes import Cause

    _move("cause", order, shop, who, config, text=text, cause=one_of("cause", Cause, cause))


@cases_app.command("register")
def register(
    order: OrderNumber, who: Who, text: Note = "", shop: ShopOption = None, config: ConfigOption = None
) -> None:
    """Close the case; prints the note for the order's page. The buyer is asked whether all is well."""
    _move("register", order, shop, who, config, text=text)


@cases_app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    limit: Annotated[int, typer.Option(help="How many at the most.", min=1)] = 50,
    config: ConfigOption = None,
) -> None:
    """The newest cases."""
    from bot.desk import words
    from handlers.case_brief import Brief
    from store.case_views import cases

    with opened(config, speaking=False) as app, app.store.engine.connect() as connection:
        said = words(app.deps.agent_lang)
        found = cases(connection, limit, not everything)
        rows = [_row(thread, Brief(sale, app.deps), said, app) for thread, sale in found]
        if rows:
            print_table(said("case_columns").split(), rows)
        else:
            typer.echo(said("no_cases"))


@cases_app.command("show")
def show(order: OrderNumber, shop: ShopOption = None, config: ConfigOption = None) -> None:
    """Where a case stands: branch, step, what was shown, what was decided, and what to do next."""
    from bot.desk import words
    from followup.events import thread_id
    from store.case_views import KIND, evidence_of, sales_of

    with opened(config, speaking=False) as app, app.store.engine.connect() as connection:
        from store import views

        of, said = _order(app, order, shop), words(app.deps.agent_lang)
        id_ = thread_id(of.shop, of.id, KIND)
        sale = sales_of(connection, [id_]).get(id_)
        if sale is None:
            raise mistake(f"order {order} has no case; `huifang case open {order} BRANCH` opens one")
        thread, photos = views.story(connection, id_).thread, len(evidence_of(connection, id_))
        for line in _told(thread, sale, photos, said, app):
            typer.echo(line)


def _move(move: str, order: str, shop: str | None, who: str, config: Any, **more: Any) -> None:
    """Carry out a move, and say where the case stands then."""
    from bot.desk import words
    from followup.events import CaseMoved, Move
    from handlers.case_brief import Brief
    from handlers.case_moved import CannotMove, case_moved, wanted

    with opened(config, speaking=False) as app:
        of = _order(app, order, shop)
        event = CaseMoved(of.shop, of.id, Move(move), person(who, app.deps.roster, of.shop), app.clock.now(), **more)
        try:
            thread, sale = app.store.run(lambda tx: _moved(case_moved(event, tx, app.deps), tx), wanted(event))
        except CannotMove as error:
            raise mistake(error) from None
        said, brief = words(app.deps.agent_lang), Brief(sale, app.deps)
        typer.echo(said("case", order=of.id, branch=brief.branch, stage=_step(thread, brief, said)))
        if move == "register":
            typer.echo(_memo(app, thread))
            if left := _still_open(app, thread, said):
                typer.echo(said("case_still_open", what=left))


def _moved(thread: Thread, tx: Any) -> tuple[Thread, AfterSale]:
    return thread, tx.sale(thread.id)


def _memo(app: App, thread: Thread) -> str:
    """The note for the order's own page, as it was just written."""
    from store import views

    with app.store.engine.connect() as connection:
        return views.notes_of(connection, thread.id)[-1].text


def _still_open(app: App, thread: Thread, said: Words) -> str:
    """The tasks of a registered case that nobody answered, without the words that only wait to be pasted."""
    from followup.desk.codes import code_of
    from store import views

    with app.store.engine.connect() as connection:
        left = views.open_tasks_of(connection, thread.id)
    tasks = [each for each in left if not each.outgoing and each.reason != "case_register"]
    return ", ".join(f"{said.name('reasons', each.reason)} ({code_of(each.id)})" for each in tasks)


def _order(app: App, order: str, shop: str | None) -> Order:
    from bot.commands.linking import _order as found

    return found(app, order, shop)


def _row(thread: Thread, brief: Brief, said: Words, app: App) -> tuple[str, ...]:
    when = f"{thread.opened_at.astimezone(zone_of(app, thread.shop)):%m-%d %H:%M}"
    return thread.order_id, brief.branch, _step(thread, brief, said), when, brief.lacks, brief.remedy, brief.cause


def _step(thread: Thread, brief: Brief, said: Words) -> str:
    """Which step it has reached; how it ended, if it is closed."""
    return said.name("states", thread.state.value) if thread.state.closed else brief.stage


def _told(thread: Thread, sale: AfterSale, photos: int, said: Words, app: App) -> Iterator[str]:
    from handlers.case_brief import Brief

    brief, zone = Brief(sale, app.deps), zone_of(app, thread.shop)
    yield said("case", order=thread.order_id, branch=brief.branch, stage=_step(thread, brief, said))
    lines = {
        "case_shown": brief.shown,
        "case_lacks": brief.lacks,
        "case_sent": str(photos) if photos else "",
        "case_remedy": brief.remedy,
        "case_remedies": "" if brief.remedy else brief.remedies,
        "case_payer": brief.payer,
        "case_return_by": f"{sale.return_by.astimezone(zone):%m-%d %H:%M}" if sale.return_by else "",
        "case_tracking": sale.tracking,
        "case_reissued": sale.reissued,
        "case_cause": brief.cause,
    }
    yield from (said(line, what=what) for line, what in lines.items() if what)
