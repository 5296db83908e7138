"""Who works for the shop, and what each may do (rules 10, 99)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Rank(IntEnum):
    """What somebody may do: each all that those before may."""

    AGENT = 1
    SUPERVISOR = 2
    OWNER = 3


@dataclass(frozen=True, slots=True)
class Person:
    """One of the shop's people: `id` is his name in config.toml, `name` what the others call him.

    `telegram` is his user id on Telegram ("" if he has none), `lang` what he reads ("": what all read), `shops` those
    he works for (empty: all).
    """

    id: str
    name: str = ""
    rank: Rank = Rank.AGENT
    telegram: str = ""
    lang: str = ""
    shops: frozenset[str] = frozenset()

    def works_for(self, shop: str) -> bool:
        """Whether the matters of a shop are his."""
        return not self.shops or shop in self.shops


@dataclass(frozen=True)
class Roster:
    """All people of the installation by their ids. Where nobody is listed, everybody is trusted by the name he gives,
    and only who stands in `supervisors` has more to say than an agent."""

    people: Mapping[str, Person] = field(default_factory=dict)
    supervisors: frozenset[str] = frozenset()

    def named(self, who: str) -> Person | None:
        """The person of that id or name; of nobody listed, whoever it is. None for a stranger."""
        if not self.people:
            return Person(who, who, Rank.OWNER if who in self.supervisors or not self.supervisors else Rank.AGENT)
        found = self.people.get(who)
        return found or next((each for each in self.people.values() if who and who == each.name), None)

    def on_telegram(self, user: str) -> Person | None:
        """The person with that user id on Telegram."""
        return next((each for each in self.people.values() if user and each.telegram == user), None)

    def of_rank(self, rank: Rank, shop: str) -> Iterator[Person]:
        """The people of a shop who have at least this rank."""
        return (each for each in self.people.values() if each.rank >= rank and each.works_for(shop))
