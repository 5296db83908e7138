"""The options of a channel's account: `[channels.<name>]`, by its type. Secrets stand in the environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.config_shop import Options
from bot.config_units import Name


class AccountOptions(Options):
    """What every account has: the shop it speaks for (may be left out where there is only one)."""

    shop: Name = ""


class TelegramOptions(AccountOptions):
    """HUIFANG_CHANNELS_<NAME>_TOKEN holds the bot's token, …_WEBHOOK_SECRET the secret of the webhook."""

    type: Literal["telegram"]
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str = ""
    api_url: str = "https://api.telegram.org"


class WechatyOptions(AccountOptions):
    """HUIFANG_CHANNELS_<NAME>_TOKEN holds the gateway's token."""

    type: Literal["wechaty"]
    endpoint: str = "127.0.0.1:8788"


class WecomOptions(AccountOptions):
    """HUIFANG_CHANNELS_<NAME>_SECRET, …_TOKEN and …_AES_KEY hold the app's secret and the callback's token and key."""

    type: Literal["wecom"]
    corp_id: str
    open_kfid: str
    servicer: str = ""
    api_url: str = "https://qyapi.weixin.qq.com"


Account = Annotated[TelegramOptions | WechatyOptions | WecomOptions, Field(discriminator="type")]
