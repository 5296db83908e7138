"""The groups of the shop's own people: which shop's is where, and the channels that speak there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.config import Config
from bot.config_channels import group_of, meets_buyers, shop_of
from bot.desk import words
from followup.desk.places import DESK, DESK_FILES, Place, account_of
from followup.model import Attachment, Media, Segment
from followup.ports import Channel, Clock, Receiver, Scripts
from handlers.deps import Deps
from scheduler.carrying import Carrier
from scheduler.outbox import Outbox
from scheduler.pace import Pace
from scheduler.standing import Standing
from store.store import SqlStore

if TYPE_CHECKING:
    from bot.channels.telegram_desk import TelegramDesk
    from bot.channels.telegram_desk_watch import DeskWatch

_NO_FILE = (Media.LOCATION, Media.CARD, Media.OTHER)


def places_of(config: Config) -> dict[str, Place]:
    """The group of each shop that has one: its own account's, else that of a bot which is there for all shops."""
    own, common = dict[str, Place](), list[Place]()
    for name, account in config.accounts.items():
        if group := group_of(account):
            place, shop = Place(name + DESK, str(group)), shop_of(account, config.shops)
            if shop:
                own.setdefault(shop, place)
            elif not meets_buyers(account):
                common.append(place)
    found = {shop: own.get(shop) or next(iter(common), None) for shop in config.shops}
    return {shop: place for shop, place in found.items() if place is not None}


def make_desks(
    config: Config, channels: Sequence[Channel], store: SqlStore, clock: Clock, scripts: Scripts
) -> list[TelegramDesk]:
    """A channel into the group of each of these bots that has one; files that people send there are kept for it."""
    lang, roster, desks = config.agents.lang, config.agents.roster(), list[Any]()
    for channel in channels:
        bot: Any = channel
        if getattr(bot, "desk", None) is None:
            continue
        from bot.channels.telegram_desk import TelegramDesk
        from bot.channels.telegram_desk_files import DeskFiles
        from bot.channels.telegram_topics import Topics

        bot.desk.files = DeskFiles(config.evidence.folder / DESK_FILES, bot.fetch)
        bot.desk.known = lambda person: roster.on_telegram(person) is not None
        if (group := bot.desk.group) is None:
            continue
        name = bot.name + DESK
        topics = Topics(name, group, store, clock, lambda kind: words(lang).name("kinds", kind))
        desk = TelegramDesk(
            name=name, api=bot.api, group=group, topics=topics, clock=clock, roster=roster, lost=lost(scripts, lang)
        )
        desks.append(desk)
    return desks


def make_outboxes(
    config: Config, channels: Sequence[Channel], store: SqlStore, deps: Deps, clock: Clock
) -> tuple[Outbox, ...]:
    """The outboxes of all channels. A bot and its group share one rate, and one silence that the service asks for."""
    receivers = {channel.name: _receiver(channel) for channel in channels if hasattr(channel, "fetch")}
    paces = dict[str, Pace]()

    def made(channel: Channel) -> Outbox:
        pace = paces.setdefault(account_of(channel.name), Pace(channel.capabilities.per_second))
        carrier = _carrier(channel, receivers)
        return Outbox(
            channel, store, deps, clock, config.outbox.window, config.outbox.batch, carrier=carrier, pace=pace
        )

    return tuple(map(made, channels))


def watches(
    config: Config, desks: Sequence[TelegramDesk], store: SqlStore, deps: Deps, clock: Clock
) -> list[DeskWatch]:
    """What looks after the rights of the bots in their groups, and tells how they stand."""
    found = []
    for desk in desks:
        from bot.channels.telegram_desk_watch import DeskWatch

        theirs = (shop for shop, place in places_of(config).items() if place.channel == desk.name)
        standing = Standing(desk.name, next(theirs, next(iter(config.shops))), store, deps, clock)
        found.append(DeskWatch(desk.group, standing, store, clock))
    return found


def lost(scripts: Scripts, lang: str) -> Callable[[Attachment], str]:
    """The line for a file that could not be fetched; nothing for what is no file."""

    def line(attachment: Attachment) -> str:
        if attachment.media in _NO_FILE:
            return ""
        return scripts.render("desk.file_lost", lang, {}, Segment.NEW, (), attachment.ref).text

    return line


def _carrier(channel: Channel, receivers: Mapping[str, Receiver]) -> Carrier:
    if not channel.name.endswith(DESK):
        return Carrier(receivers)
    from bot.channels.telegram_desk_files import DeskCarrier

    return DeskCarrier(receivers, account_of(channel.name))


def _receiver(channel: Any) -> Receiver:
    receiver: Receiver = channel
    return receiver
