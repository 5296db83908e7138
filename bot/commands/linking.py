"""`huifang link` and `huifang chats`: tying a buyer's chat to his order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, mistake, opened, print_table, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from bot.app import App
    from bot.desk import Words
    from bot.linking import Made
    from followup.model import Buyer, Chat, Order

PICTURES = (".png", ".svg")
ShopOption = Annotated[str | None, typer.Option(help="Whose order, if several shops have one of that number.")]


def link(
    order: Annotated[str, typer.Argument(help="The order's number.")],
    shop: ShopOption = None,
    channel: Annotated[str, typer.Option(help="On which channel (default: the shop's own).")] = "",
    lasts: Annotated[str, typer.Option(help='For how long, such as "7d" (default: link_lasts).')] = "",
    qr: Annotated[Path | None, typer.Option(help="Write the QR code into this .png or .svg file.")] = None,
    config: ConfigOption = None,
) -> None:
    """Make a link that ties the chat in which the buyer follows it to his order; it works once."""
    if qr is not None and qr.suffix.lower() not in PICTURES:
        raise mistake(f"--qr: expected a file ending in {' or '.join(PICTURES)}, got {qr.name}")
    length = span(lasts)
    with opened(config) as app:
        of = _order(app, order, shop)
        made = _made(app, of, channel, length, qr is not None)
        _print(made, app, of.shop, qr)


def span(written: str) -> timedelta | None:
    """A length of time as in config.toml, None for none; any other text ends the command."""
    from pydantic_core import PydanticCustomError

    from bot.config_units import duration

    try:
        return duration(written) if written else None
    except PydanticCustomError as error:
        raise mistake(f"--lasts: expected {error.message()}, got {written!r}") from None


def _order(app: App, id_: str, shop: str | None) -> Order:
    from store.link_views import orders_of

    with app.store.engine.connect() as connection:
        found = [order for order in orders_of(connection, id_) if shop in (None, order.shop)]
    if not found:
        raise mistake(f"there is no order {id_}; `huifang import` brings orders in")
    if len(found) > 1:
        raise mistake(f"--shop: order {id_} is in {', '.join(order.shop for order in found)}; say which")
    if found[0].shop not in app.config.shops:
        raise mistake(f"order {id_} belongs to the shop {found[0].shop!r}, which is not in the configuration")
    return found[0]


def _made(app: App, order: Order, channel: str, lasts: timedelta | None, draws: bool) -> Made:
    import asyncio

    from bot.linking import NoLink, channel_for, let_go, make_links
    from followup.ports import NotYet

    async def make() -> Made:
        by = channel_for(app, order.shop, channel)
        if draws and not hasattr(by, "link"):
            raise NoLink(f"{by.name} has no links, so there is nothing to draw: leave --qr out, and get words to send")
        try:
            return await anext(make_links(app, order.shop, [order.id], by, lasts))
        except NotYet as error:
            raise mistake(f"{by.name} cannot make a link now: {error}; try again later") from None
        finally:
            await let_go(by)

    try:
        return asyncio.run(make())
    except NoLink as error:
        raise mistake(error) from None


def _print(made: Made, app: App, shop: str, qr: Path | None) -> None:
    from bot.desk import words
    from bot.standing import scannable

    said = words(app.deps.agent_lang)
    until = f"{made.expires_at.astimezone(zone_of(app, shop)):%Y-%m-%d %H:%M}"
    typer.echo(said("link_made" if made.is_link else "link_typed", order=made.order_id, until=until))
    typer.echo(scannable(made.shown) if made.is_link and qr is None else made.shown)
    if qr is not None:
        _draw(made.shown, qr)
        typer.echo(str(qr))


def _draw(link: str, file: Path) -> None:
    import segno

    try:
        segno.make(link, micro=False).save(str(file), scale=8, border=4)
    except OSError as error:
        raise mistake(f"{file}: {error.strerror or error}; the link above works without the picture") from None


def chats(
    order: Annotated[str, typer.Argument(help="The order's number.")],
    shop: ShopOption = None,
    prefer: Annotated[int | None, typer.Option(help="The number of the chat to write in from now on.", min=1)] = None,
    config: ConfigOption = None,
) -> None:
    """The chats of an order's buyer, and which of them is preferred."""
    from bot.desk import words
    from store.link_views import buyer_of, chats_of

    with opened(config, speaking=False) as app:
        of = _order(app, order, shop)
        with app.store.engine.connect() as connection:
            buyer = buyer_of(connection, of)
            found = chats_of(connection, buyer)
        said = words(app.deps.agent_lang)
        if prefer is not None:
            buyer = _prefer(app, buyer, found, prefer)
        if not found:
            typer.echo(said("no_chats", order=order))
            return
        print_table(tuple(said("chat_columns").split()), _rows(found, buyer, app, said))


def _prefer(app: App, buyer: Buyer, found: list[Chat], number: int) -> Buyer:
    from handlers.linking import prefer
    from store.wanted import Wanted

    if number > len(found):
        raise mistake(f"--prefer: expected a number from 1 to {len(found)}, got {number}")
    chat = found[number - 1]
    return app.store.run(lambda tx: prefer(chat, tx), Wanted(chats=(chat.id,), buyers=((buyer.shop, buyer.id),)))


def _rows(found: list[Chat], buyer: Buyer, app: App, said: Words) -> Iterator[tuple[str, ...]]:
    zone = zone_of(app, buyer.shop)
    yes, no = said("yes"), said("no")
    for number, chat in enumerate(found, 1):
        moments = (chat.linked_at, chat.last_in_at)
        linked, last = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "" for at in moments)
        reachable, preferred = yes if chat.unreachable_at is None else no, yes if chat.id == buyer.preferred else ""
        yield str(number), chat.channel, masked(chat.address), linked, last, reachable, preferred


def masked(address: str) -> str:
    """An address by its end, for people who have to tell two of them apart."""
    return "…" + address[-min(3, len(address) // 2) :] if len(address) > 1 else "…"
