"""Making a service of its options: `[alerts.<name>]` with its secrets. What is not used is not imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.config import Config
from bot.config_secrets import PREFIX, variable
from followup.ports import Channel, Clock

URL, SIGN = "secret_url", "sign_secret"
SIGNED = ("dingtalk", "feishu")
EXTRA = "alerts"


class ServiceUnusable(ValueError):
    """A service cannot be made of its configuration: the sentence says what is missing."""


def make_service(name: str, config: Config, clock: Clock, speaking: bool = True) -> Channel:
    """The service of that name. Raises ServiceUnusable if the extra is missing, or a secret.

    One that is not to speak needs no secrets: it only tells what it can do.
    """
    kind = config.alerts[name].type
    given = {"url": _secret(name, URL, config) or ""}
    if speaking and not given["url"]:
        wanted = variable(("alerts", name, URL))
        raise ServiceUnusable(
            f"alerts.{name}: its address is missing; set {wanted} in the environment, or {wanted}_FILE to a file that"
            " holds it"
        )
    if kind in SIGNED:
        given["sign"] = _secret(name, SIGN, config) or ""
    try:
        return _MAKERS[kind](name=f"alerts.{name}", clock=clock, **given)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("bot"):
            raise
        raise ServiceUnusable(f"alerts.{name}: {kind} needs `pip install 'huifang[{EXTRA}]'`") from error
    except ValueError as error:
        raise ServiceUnusable(f"alerts.{name}: {error}") from error


def _secret(name: str, secret: str, config: Config) -> str | None:
    return config.secret(variable(("alerts", name, secret)).removeprefix(PREFIX).lower())


def _apprise(**given: Any) -> Channel:
    from bot.alerts.apprise_service import AppriseService

    return AppriseService(**given)


def _wecom(**given: Any) -> Channel:
    from bot.alerts.wecom_robot import wecom_robot

    return wecom_robot(**given)


def _dingtalk(**given: Any) -> Channel:
    from bot.alerts.dingtalk import dingtalk

    return dingtalk(**given)


def _feishu(**given: Any) -> Channel:
    from bot.alerts.feishu import feishu

    return feishu(**given)


_MAKERS: dict[str, Callable[..., Channel]] = {
    "apprise": _apprise,
    "wecom_robot": _wecom,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
}
