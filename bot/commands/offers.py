"""Compensations on the command line: ask for one, approve or refuse it, pass on what the buyer said."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, mistake, number, one_of, opened
from bot.commands.who import Who, person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.app import App
    from followup.after_sales.model import Grant, GrantState
    from followup.events import Word

CASE = "/after_sales"
Order = Annotated[str, typer.Argument(metavar="ORDER", help="The order's number.")]
GrantArgument = Annotated[str, typer.Argument(metavar="GRANT", help="The order's number, or the id of the grant.")]
Text = Annotated[str, typer.Option("--note", help="What there is to say about it.")]


def offer(
    order: Order,
    remedy: Annotated[str, typer.Argument(help="coupon, member_benefit, red_packet, gift, partial_refund or freight.")],
    loss: Annotated[
        str,
        typer.Option(
            help="usable_damage, unusable, leak, blemish, slow_courier, out_of_stock, freight or goodwill.",
        ),
    ],
    amount: Annotated[str, typer.Option(help="How much it is worth, in the order's currency.")],
    who: Who,
    text: Text = "",
    config: ConfigOption = None,
) -> None:
    """Offer the buyer of an order something: at once within your own limit, above it a supervisor decides."""
    from followup.after_sales.model import Loss, Remedy
    from followup.events import CompensationAsked
    from followup.model import Money
    from handlers.compensating import compensation_asked, wanted

    what, why = one_of("remedy", Remedy, remedy), one_of("--loss", Loss, loss)
    value = number("--amount", amount)
    with opened(config, speaking=False) as app:
        shop, id_ = _order(_case(app, order))
        by = person(who, app.deps.roster, shop)
        money = Money(value, app.config.shops[shop].currency) if shop in app.config.shops else Money(value)
        event = CompensationAsked(shop, id_, what, why, money, by, app.clock.now(), text)
        with _answering():
            grant = app.store.run(lambda tx: compensation_asked(event, tx, app.deps), wanted(event))
        _tell(grant, app)


def approve(grant: GrantArgument, who: Who, text: Text = "", config: ConfigOption = None) -> None:
    """A supervisor grants what an agent asked for; the buyer is told."""
    from followup.events import Word

    _answer(grant, Word.APPROVED, who, text, config)


def refuse(grant: GrantArgument, who: Who, text: Text = "", config: ConfigOption = None) -> None:
    """A supervisor refuses what an agent asked for, or the agent takes it back; the buyer hears nothing of it."""
    from followup.events import Word

    _answer(grant, Word.REFUSED, who, text, config)


def answered(
    grant: GrantArgument,
    answer: Annotated[str, typer.Argument(help="yes or no.")],
    who: Who,
    text: Text = "",
    config: ConfigOption = None,
) -> None:
    """Pass on what the buyer said to an offer, if he told you and not the bot."""
    from followup.events import Word

    if answer not in ("yes", "no"):
        raise mistake(f"answer: expected yes or no, got {answer!r}")
    _answer(grant, Word.ACCEPTED if answer == "yes" else Word.DECLINED, who, text, config)


def _answer(given: str, word: Word, who: str, text: str, config: ConfigOption) -> None:
    from followup.after_sales.model import GrantState
    from followup.events import CompensationAnswered, Word
    from handlers.compensating import compensation_answered, wanted_answer

    waits_for = GrantState.ASKED if word in (Word.APPROVED, Word.REFUSED) else GrantState.GRANTED
    with opened(config, speaking=False) as app:
        of = _grant(app, given, waits_for)
        event = CompensationAnswered(of, word, person(who, app.deps.roster, of), app.clock.now(), text)
        with _answering():
            grant = app.store.run(lambda tx: compensation_answered(event, tx, app.deps), wanted_answer(event))
        _tell(grant, app)


def _tell(grant: Grant, app: App) -> None:
    from bot.desk import words
    from scripts_library.localise import money

    lang = app.deps.agent_lang
    said, (_, order) = words(lang), _order(grant.thread)
    remedy, loss = said.name("remedies", grant.remedy), said.name("losses", grant.loss)
    figures = {"order": order, "remedy": remedy, "amount": money(grant.amount, lang), "loss": loss}
    typer.echo(said.chosen("offers", grant.state.value, figures))


def _case(app: App, given: str) -> str:
    """The after-sales thread of an order; ends the command where there is none, or more than one."""
    from store import views

    with app.store.engine.connect() as connection:
        found = [id_ for id_ in views.thread_ids(connection, given) if id_.endswith(CASE)]
    if not found:
        raise mistake(f"order {given!r} has no after-sales case; `huifang threads` lists what is open")
    if len(found) > 1:
        raise mistake(f"order {given} has several cases, name one: {', '.join(found)}")
    return found[0]


def _grant(app: App, given: str, waits_for: GrantState) -> str:
    """The grant that is meant: by its id, or the one of an order that waits for such an answer."""
    from followup.after_sales.model import GrantState, Remedy
    from followup.after_sales.offers import thread_of
    from store.wanted import Wanted

    if thread_of(given):
        return given
    thread = _case(app, given)
    grants = app.store.run(lambda tx: tx.grants_of(thread), Wanted(threads=(thread,)))
    asked = waits_for is GrantState.ASKED
    found = (each.id for each in grants if each.state is waits_for and (asked or each.remedy is not Remedy.FREIGHT))
    grant = next(found, "")
    if not grant:
        raise mistake(f"order {given}: nothing of its case waits for such an answer")
    return grant


def _order(thread: str) -> tuple[str, str]:
    """Shop and order of an after-sales thread."""
    shop, _, rest = thread.partition("/")
    return shop, rest.removesuffix(CASE)


@contextmanager
def _answering() -> Iterator[None]:
    """What the rules forbid ends the command with the rule's sentence."""
    from followup.after_sales.compensation import NotAllowed
    from handlers.compensating import NoCase
    from handlers.granted import NotGranted

    try:
        yield
    except (NotAllowed, NoCase, NotGranted) as error:
        raise mistake(error) from None
