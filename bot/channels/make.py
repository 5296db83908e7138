"""Making a channel of its account: `[channels.<name>]` with its secrets. What is not used is not imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.config import Config
from bot.config_channels import AccountOptions, TelegramOptions, WebchatOptions, WechatyOptions, WecomOptions
from bot.config_secrets import variable
from followup.ports import Clock, Receiver

_NO_SECRET = "0" * 43  # of the length that WeCom asks of a key


class ChannelUnusable(ValueError):
    """A channel cannot be made of its configuration: the sentence says what is missing."""


def make_channel(name: str, options: AccountOptions, config: Config, clock: Clock, speaking: bool = True) -> Receiver:
    """The channel of an account. Raises ChannelUnusable if an extra is missing, or a secret.

    One that is not to speak needs no secrets: it only tells what it can do.
    """
    make, secrets = _MAKERS[type(options)]
    given = {secret: _secret(name, secret, config, options) if speaking else _NO_SECRET for secret in secrets}
    try:
        return make(name=name, shop=config.shop_of(name), options=options, clock=clock, **given)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("bot"):
            raise
        kind = getattr(options, "type", "")
        raise ChannelUnusable(f"channels.{name}: {kind} needs `pip install 'huifang[{kind}]'`") from error
    except ValueError as error:
        raise ChannelUnusable(f"channels.{name}: {error}") from error


def _secret(name: str, secret: str, config: Config, options: AccountOptions) -> str:
    keys = ("channels", name, secret)
    found = config.secret(variable(keys).removeprefix("HUIFANG_").lower()) or ""
    needless = secret == "webhook_secret" and getattr(options, "mode", "") != "webhook"  # noqa: S105 - a name
    if not found and not needless:
        raise ChannelUnusable(
            f"channels.{name}: its {secret} is missing; set {variable(keys)} in the environment, or"
            f" {variable(keys)}_FILE to a file that holds it"
        )
    return found


def _telegram(**given: Any) -> Receiver:
    from bot.channels.telegram import Telegram

    return Telegram(**given)


def _wechaty(**given: Any) -> Receiver:
    from bot.channels.wechaty import Wechaty

    return Wechaty(**given)


def _wecom(**given: Any) -> Receiver:
    from bot.channels.wecom import Wecom

    return Wecom(**given)


def _webchat(**given: Any) -> Receiver:
    from bot.channels.webchat import Webchat

    return Webchat(**given)


_MAKERS: dict[type[AccountOptions], tuple[Callable[..., Receiver], tuple[str, ...]]] = {
    TelegramOptions: (_telegram, ("token", "webhook_secret")),
    WechatyOptions: (_wechaty, ("token",)),
    WecomOptions: (_wecom, ("secret", "token", "aes_key")),
    WebchatOptions: (_webchat, ()),
}
