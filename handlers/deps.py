"""What handlers need besides a transaction: words, figures, and how to understand a buyer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from followup.model import Instant
from followup.policy import Policy
from followup.ports import Scripts
from followup.understood import Understood

Understand = Callable[[str, Instant, ZoneInfo, str], Understood]


@dataclass(frozen=True)
class Deps:
    """`policies` by shop; `channels` is the channel by which a shop reaches a buyer it has no chat with;
    `windows` how long a channel stays open after a buyer's message; `agent_lang` what the agents read."""

    scripts: Scripts
    policies: Mapping[str, Policy]
    understand: Understand
    channels: Mapping[str, str] = field(default_factory=dict)
    windows: Mapping[str, timedelta | None] = field(default_factory=dict)
    idempotent: frozenset[str] = frozenset()
    agent_lang: str = "zh-CN"

    def policy(self, shop: str) -> Policy:
        """The figures of a shop; raises UnknownShop."""
        try:
            return self.policies[shop]
        except KeyError:
            raise UnknownShop(f"shop {shop!r} is not in the configuration") from None


class UnknownShop(LookupError):
    """An event names a shop that is not configured."""
