"""Where the shop's people are told of things: their own group, and services beside it."""

from __future__ import annotations

from dataclasses import dataclass

DESK = ".desk"
DESK_FILES = "desk"
"""The folder, below that of evidence, of what the shop's people send from their group."""


def account_of(channel: str) -> str:
    """The account that hears what is said on a channel: that of a group's channel is the bot that sits in the group."""
    return channel.removesuffix(DESK)


@dataclass(frozen=True, slots=True)
class Place:
    """The agents' group of a shop: the name of its channel (such as "telegram.desk") and its address there."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service that carries alerts, by the name of its channel ("alerts.phone"): for `people` and `shops` (empty:
    all), of everything or only of what is `escalated`."""

    channel: str
    people: frozenset[str] = frozenset()
    shops: frozenset[str] = frozenset()
    escalated_only: bool = False

    def carries(self, person: str, shop: str, escalated: bool) -> bool:
        """Whether an alert for a person ("": for all who are there) goes by it."""
        reaches = not self.people or not person or person in self.people
        return reaches and (not self.shops or shop in self.shops) and (escalated or not self.escalated_only)
