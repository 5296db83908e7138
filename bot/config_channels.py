"""The options of a channel's account: `[channels.<name>]`, by its type. Secrets stand in the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from bot.config_errors import Keys
from bot.config_shop import ONLY_MANUAL, Options, Shop
from bot.config_units import Endpoint, Name

WITHOUT_ACCOUNT = ("manual", "terminal")


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


Account = Annotated[TelegramOptions | WechatyOptions | WecomOptions, Field(discriminator="type")]


def shop_of(account: AccountOptions, shops: Mapping[str, Shop]) -> str:
    """The shop that an account speaks for; "" if that is not clear."""
    return account.shop or (next(iter(shops)) if len(shops) == 1 else "")


def mistakes_between(shops: Mapping[str, Shop], accounts: Mapping[str, Account]) -> Iterator[tuple[Keys, str]]:
    """What does not go together of shops and accounts: the option, and a sentence."""
    for name, account in accounts.items():
        at, shop = ("channels", name), shop_of(account, shops)
        if name in WITHOUT_ACCOUNT:
            yield at, f'"{name}" is a channel of its own; give this one another name'
        if not shop:
            yield (*at, "shop"), f"which shop does it speak for? One of {', '.join(shops)}"
        elif shop not in shops:
            yield (*at, "shop"), f'there is no shop "{shop}"; here are {", ".join(shops)}'
        elif (platform := shops[shop].platform) in ONLY_MANUAL:
            yield at, f'{platform} forbids taking its buyers to another chat, so shop "{shop}" can have no such channel'
    for id_, settings in shops.items():
        theirs = accounts.get(settings.channel)
        if theirs and shop_of(theirs, shops) not in ("", id_):
            yield ("shops", id_, "channel"), f'"{settings.channel}" speaks for the shop "{theirs.shop}"'
