"""What handlers need besides a transaction: words, figures, and how to understand a buyer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from followup.desk.people import Roster
from followup.desk.places import Place, Service
from followup.model import Instant
from followup.policy import Policy
from followup.ports import Capabilities, Scripts
from followup.reach import ANY_CHANNEL
from followup.understood import Understood

Understand = Callable[[str, Instant, ZoneInfo, str], Understood]


@dataclass(frozen=True)
class Deps:
    """`policies` by shop; `channels` is the channel by which a shop reaches a buyer it has no chat with;
    `capabilities` by the name of a channel; `agent_lang` what the agents read;
    `prepare` looks at a text, for longer than a transaction may, before it is understood; `supervisors` are the
    people who may grant what is above an agent's own limit (rule 10). `roster` are the shop's people, `places` their
    groups by shop, `services` what carries alerts beside them, `reasons` what tasks are called, by the language,
    `outcomes` how threads end."""

    scripts: Scripts
    policies: Mapping[str, Policy]
    understand: Understand
    channels: Mapping[str, str] = field(default_factory=dict)
    capabilities: Mapping[str, Capabilities] = field(default_factory=dict)
    agent_lang: str = "zh-CN"
    prepare: Callable[[str], None] | None = None
    supervisors: frozenset[str] = frozenset()
    roster: Roster = field(default_factory=Roster)
    places: Mapping[str, Place] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    reasons: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    outcomes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def policy(self, shop: str) -> Policy:
        """The figures of a shop; raises UnknownShop."""
        try:
            return self.policies[shop]
        except KeyError:
            raise UnknownShop(f"shop {shop!r} is not in the configuration") from None

    def can(self, channel: str) -> Capabilities:
        """What a channel can do; for one that is not running, what any channel can."""
        return self.capabilities.get(channel, ANY_CHANNEL)

    @property
    def idempotent(self) -> frozenset[str]:
        """The channels on which a repeated send reaches the buyer once."""
        return frozenset(name for name, can in self.capabilities.items() if can.idempotent)


class UnknownShop(LookupError):
    """An event names a shop that is not configured."""
