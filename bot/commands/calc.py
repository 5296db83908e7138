"""`huifang calc`: sums that agents would otherwise do in their heads (rules 63, 80)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, load_config, mistake, number, print_table

if TYPE_CHECKING:
    from bot.desk import Words
    from followup.after_sales.partial_refund import Item, Share, Split

calc_app = typer.Typer(no_args_is_help=True, help="Sums: how much of an order goes back.")
_ITEM = re.compile(r"(?P<name>[^=]+)=(?P<price>\d+(?:\.\d+)?)(?:[x×*](?P<count>\d+))?(?P<faulty>[!！](?:faulty|坏))?")


@calc_app.callback()
def calc() -> None:
    """Sums: how much of an order goes back."""


@calc_app.command("refund")
def refund(
    paid: Annotated[str, typer.Option(help="What the buyer paid in all, freight included.")],
    back: Annotated[str, typer.Option("--refund", help="How much of it goes back.")] = "",
    items: Annotated[
        list[str] | None,
        typer.Option("--item", metavar="NAME=PRICE[xN][!faulty]", help="An item at its listed price; may be repeated."),
    ] = None,
    freight: Annotated[str, typer.Option(help="How much of what was paid was freight.")] = "0",
    as_json: Annotated[bool, typer.Option("--json", help="One object, amounts as text.")] = False,
    config: ConfigOption = None,
) -> None:
    """A partial refund: what the buyer enters as "refund only", and what the seller keeps. With --item, the faulty
    items are paid back with their share of coupons and freight."""
    from bot.desk import words
    from followup.after_sales.partial_refund import Impossible, of_faulty, part_of, shares
    from followup.model import Money

    if bool(back) == bool(items):
        raise mistake("give either --refund, or the items of the order with --item")
    total, way = number("--paid", paid), number("--freight", freight)
    try:
        listed = [_item(each) for each in items or ()]
        split = (
            of_faulty(listed, Money(total), way) if items else part_of(Money(total), Money(number("--refund", back)))
        )
        lines = shares(listed, total, way) if items else ()
    except Impossible as error:
        raise mistake(error) from None
    if as_json:
        typer.echo(_json(split, lines))
        return
    _print(split, lines, words(load_config(config).agents.lang))


def _print(split: Split, lines: tuple[Share, ...], said: Words) -> None:
    if lines:
        yes = said("yes")
        rows = [
            [
                share.item.name,
                str(share.item.count),
                yes if share.item.faulty else "",
                *map(_shown, _sums(share).values()),
            ]
            for share in lines
        ]
        print_table(said("calc_columns").split(), rows)
    figures = {name: _shown(amount) for name, amount in _figures(split).items()}
    typer.echo(said("calc_refund", **figures))


def _json(split: Split, lines: tuple[Share, ...]) -> str:
    import orjson

    told = [
        {"name": share.item.name, "count": share.item.count, "faulty": share.item.faulty}
        | {name: _shown(amount) for name, amount in _sums(share).items()}
        for share in lines
    ]
    figures: dict[str, object] = {name: _shown(amount) for name, amount in _figures(split).items()}
    return orjson.dumps({**figures, "items": told}).decode()


def _figures(split: Split) -> dict[str, Decimal]:
    return {"paid": split.paid.amount, "refund": split.refund.amount, "kept": split.kept.amount}


def _sums(share: Share) -> dict[str, Decimal]:
    listed = share.item.amount
    return {
        "listed": listed,
        "discount": share.discount,
        "paid": share.paid,
        "freight": share.freight,
        "refund": share.refund,
    }


def _item(given: str) -> Item:
    from followup.after_sales.partial_refund import Item

    found = _ITEM.fullmatch(given.strip())
    if found is None:
        raise mistake(f"--item: expected NAME=PRICE, NAME=PRICExN or either with !faulty at its end, got {given!r}")
    count = int(found["count"] or 1)
    return Item(found["name"].strip(), Decimal(found["price"]), count, found["faulty"] is not None)


def _shown(amount: Decimal) -> str:
    return f"{amount:.2f}"
