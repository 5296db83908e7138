"""Making links for orders on a shop's channel. A link is stored only once the channel has answered."""

from __future__ import annotations

import csv
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from bot.app import App
from bot.config_shop import ONLY_MANUAL
from bot.orders.rejected import harmless
from followup.events import OrderChanged
from followup.linking import make_link
from followup.model import Instant
from followup.ports import BadRow, Channel, OrderSource
from store.link_views import unlinked
from store.wanted import Wanted

PORTION = 200


class NoLink(ValueError):
    """No link can be made, and why."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new link of an order. Where the channel has no links `shown` is the token, to be sent as a message."""

    order_id: str
    shown: str
    is_link: bool
    expires_at: Instant


def channel_for(app: App, shop: str, name: str = "") -> Channel:
    """The channel on which a shop's buyers can show a token: its own, or the one of that name. Raises NoLink."""
    settings = app.config.shops[shop]
    if settings.platform in ONLY_MANUAL:
        raise NoLink(f"{settings.platform} forbids taking its buyers to another chat, so orders of {shop} get no links")
    name = name or settings.channel
    channels = {outbox.channel.name: outbox.channel for outbox in app.outboxes}
    account = app.config.accounts.get(name)
    if name not in channels or (account is not None and app.config.shop_of(name) != shop):
        raise NoLink(f"{shop} has no channel {name!r}; it may be one of {', '.join(_names(app, shop)) or 'none'}")
    if not _hears(channels[name]):
        raise NoLink(f"{shop} reaches its buyers by {name!r}, where no buyer can open a chat: there is nothing to link")
    return channels[name]


def _names(app: App, shop: str) -> list[str]:
    others = {name for name in app.config.accounts if app.config.shop_of(name) != shop}
    return [o.channel.name for o in app.outboxes if _hears(o.channel) and o.channel.name not in others]


def _hears(channel: Channel) -> bool:
    return hasattr(channel, "link") or hasattr(channel, "receive")


async def make_links(
    app: App, shop: str, orders: Iterable[str], channel: Channel, lasts: timedelta | None = None
) -> AsyncIterator[Made]:
    """A link for each order, a few hundred to a commit. Raises NotYet if the channel cannot answer now."""
    lasts, remaining = lasts or app.deps.policy(shop).link_lasts, iter(orders)
    while portion := list(islice(remaining, PORTION)):
        made, links = [], []
        for order_id in portion:
            token, link = make_link(shop, order_id, app.clock.now(), lasts)
            asks = getattr(channel, "link", None)
            made.append(Made(order_id, await asks(token) if asks else token, asks is not None, link.expires_at))
            links.append(link)
        await app.store.transact(lambda tx, new=links: [tx.save(link) for link in new], Wanted())  # type: ignore[misc]
        for each in made:
            yield each


async def let_go(channel: Channel) -> None:
    """Close what the channel opened to make links."""
    close = getattr(channel, "close", None)
    if close is not None:
        await close()


class Remembering:
    """An order source that remembers which orders it read."""

    def __init__(self, source: OrderSource, ids: dict[str, None]) -> None:
        self._source, self._ids = source, ids

    def read(self, path: Path) -> Iterator[OrderChanged | BadRow]:
        """As the source itself."""
        for row in self._source.read(path):
            if isinstance(row, OrderChanged):
                self._ids[row.order.id] = None
            yield row


async def write_links(app: App, shop: str, orders: Iterable[str], channel: Channel, path: Path) -> int:
    """Write a CSV of order, link and expiry for those of these orders that are under way and whose buyers have opened
    no chat; returns how many. The file appears whole or not at all, for nobody else to read. Raises NotYet, OSError."""
    part = path.with_name(f".{path.name}.part")
    opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(opened, "w", encoding="utf-8-sig", newline="") as file:
            count = await _write_rows(
                csv.writer(file), make_links(app, shop, _without_chat(app, shop, orders), channel)
            )
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return count


async def _write_rows(writer: Any, links: AsyncIterator[Made]) -> int:
    count = 0
    writer.writerow(("order", "link", "expires"))
    async for made in links:
        writer.writerow((harmless(made.order_id), harmless(made.shown), made.expires_at.isoformat(timespec="seconds")))
        count += 1
    return count


def _without_chat(app: App, shop: str, orders: Iterable[str]) -> Iterator[str]:
    remaining = iter(orders)
    while portion := list(islice(remaining, PORTION)):
        with app.store.engine.connect() as connection:
            found = unlinked(connection, shop, portion)
        yield from found
