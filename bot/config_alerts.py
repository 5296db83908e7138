"""Services that tell the shop's people of alerts beside the agents' group: `[alerts.<name>]`. Addresses that hold a key
stand in the environment: HUIFANG_ALERTS_<NAME>_SECRET_URL, and …_SIGN_SECRET where a robot signs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.config_shop import Options
from followup.desk.places import Service


class AlertService(Options):
    """`people` are those it reaches and `shops` those it tells of (empty: all); with `only` = "escalated" it tells of
    nothing but what has run out of time."""

    type: Literal["apprise", "wecom_robot", "dingtalk", "feishu"]
    people: Annotated[frozenset[str], Field(strict=False)] = frozenset()
    shops: Annotated[frozenset[str], Field(strict=False)] = frozenset()
    only: Literal["all", "escalated"] = "all"

    def service(self, name: str) -> Service:
        """The same as the domain has it; its channel is called "alerts.<name>"."""
        return Service(f"alerts.{name}", self.people, self.shops, self.only == "escalated")
