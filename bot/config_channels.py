"""The options of a channel's account: `[channels.<name>]`, by its type. Secrets stand in the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bot.config_errors import Keys
from bot.config_shop import ONLY_MANUAL, Options, Shop
from bot.config_units import Color, Endpoint, Name, PublicUrl, Site

WITHOUT_ACCOUNT = ("manual", "terminal")
WEBCHAT_PATHS = ("live", "poll", "photo")


class AccountOptions(Options):
    """What every account has: the shop it speaks for (may be left out where there is only one)."""

    shop: Name = ""


class TelegramOptions(AccountOptions):
    """HUIFANG_CHANNELS_<NAME>_TOKEN holds the bot's token, …_WEBHOOK_SECRET the secret of the webhook."""

    type: Literal["telegram"]
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str = ""
    reply_buttons: bool = False
    proxy: str = ""
    api_url: str = "https://api.telegram.org"
    agents_group: Annotated[int, Field(le=0)] = 0
    buyers: bool = True


class WechatyOptions(AccountOptions):
    """HUIFANG_CHANNELS_<NAME>_TOKEN holds the gateway's token."""

    type: Literal["wechaty"]
    endpoint: Endpoint = "127.0.0.1:8788"
    tls: bool = False
    per_second: Annotated[float, Field(ge=0, le=100)] = 1.0


class WecomOptions(AccountOptions):
    """HUIFANG_CHANNELS_<NAME>_SECRET, …_TOKEN and …_AES_KEY hold the app's secret and the callback's token and key."""

    type: Literal["wecom"]
    corp_id: str
    open_kfid: str
    servicer: str = ""
    contact_url: str = ""
    poll_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    api_url: str = "https://qyapi.weixin.qq.com"


class WebchatOptions(AccountOptions):
    """A chat window on the shop's own pages. `url` is the address under which buyers reach it, `sites` the origins of
    the pages that may show it, such as "https://shop.example". It needs no secret."""

    type: Literal["webchat"]
    url: Annotated[str, PublicUrl] = ""
    sites: Annotated[tuple[Annotated[str, Site], ...], Field(strict=False)] = ()
    title: Annotated[str, Field(max_length=60)] = ""
    color: Annotated[str, Color] = ""
    largest_photo_mb: Annotated[int, Field(ge=1, le=50)] = 8
    folder: Annotated[Path, Field(strict=False)] = Path("var/webchat")


Account = Annotated[TelegramOptions | WechatyOptions | WecomOptions | WebchatOptions, Field(discriminator="type")]


def shop_of(account: AccountOptions, shops: Mapping[str, Shop]) -> str:
    """The shop that an account speaks for; "" if that is not clear, or if it is the agents' group of several."""
    return account.shop or (next(iter(shops)) if len(shops) == 1 else "")


def meets_buyers(account: Account) -> bool:
    """Whether buyers can write to it; where not, it is there for the shop's own people alone."""
    return not isinstance(account, TelegramOptions) or account.buyers


def mistakes_between(shops: Mapping[str, Shop], accounts: Mapping[str, Account]) -> Iterator[tuple[Keys, str]]:
    """What does not go together of shops and accounts: the option, and a sentence."""
    for name, account in accounts.items():
        yield from _of_account(name, account, shops)
    yield from _of_groups(shops, accounts)
    for id_, settings in shops.items():
        theirs = accounts.get(settings.channel)
        if theirs and not meets_buyers(theirs):
            why = "speaks with your own people only (buyers = false)"
            yield ("shops", id_, "channel"), f'"{settings.channel}" {why}, so no buyer can be reached there'
        elif theirs and shop_of(theirs, shops) not in ("", id_):
            yield ("shops", id_, "channel"), f'"{settings.channel}" speaks for the shop "{theirs.shop}"'


def _of_account(name: str, account: Account, shops: Mapping[str, Shop]) -> Iterator[tuple[Keys, str]]:
    at, shop, is_open = ("channels", name), shop_of(account, shops), meets_buyers(account)
    if name in WITHOUT_ACCOUNT:
        yield at, f'"{name}" is a channel of its own; give this one another name'
    if not shop and is_open:
        yield (*at, "shop"), f"which shop does it speak for? One of {', '.join(shops)}"
    elif shop and shop not in shops:
        yield (*at, "shop"), f'there is no shop "{shop}"; here are {", ".join(shops)}'
    elif is_open and (platform := shops[shop].platform) in ONLY_MANUAL:
        yield at, f'{platform} forbids taking its buyers to another chat, so shop "{shop}" can have no such channel'
    if isinstance(account, WebchatOptions) and name in WEBCHAT_PATHS:
        yield at, f'"{name}" is a part of every web chat\'s own addresses; give this one another name'
    if not is_open and not group_of(account):
        yield (*at, "buyers"), "nobody could write to it: name the group of your people too, with agents_group"


def _of_groups(shops: Mapping[str, Shop], accounts: Mapping[str, Account]) -> Iterator[tuple[Keys, str]]:
    """One group for a shop, and one beside them for those that have none."""
    first: dict[str, str] = {}
    for name, account in accounts.items():
        shop = shop_of(account, shops)
        if group_of(account) and first.setdefault(shop, name) != name:
            whose = f'the shop "{shop}" has' if shop else "all shops have"
            yield ("channels", name, "agents_group"), f'{whose} the group of "{first[shop]}" already; one is enough'


def group_of(account: Account) -> int:
    """The group of the shop's people that an account writes to; 0 if there is none."""
    return account.agents_group if isinstance(account, TelegramOptions) else 0
