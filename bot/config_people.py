"""The shop's own people: `[agents]` and `[agents.people.<id>]`, and what does not go together where they are named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from bot.config_alerts import AlertService
from bot.config_errors import Keys
from bot.config_shop import Options, Shop
from bot.config_units import AgentLang, Name
from followup.desk.people import Person, Rank, Roster

Mistake = tuple[Keys, str]


class PersonOptions(Options):
    """One of the shop's people: `[agents.people.<id>]`."""

    name: str = ""
    rank: Literal["agent", "supervisor", "owner"] = "agent"
    telegram: Annotated[int, Field(ge=0)] = 0
    lang: AgentLang | Literal[""] = ""
    shops: Annotated[frozenset[str], Field(strict=False)] = frozenset()

    def person(self, id_: str) -> Person:
        """The same as the domain has it."""
        telegram = str(self.telegram) if self.telegram else ""
        return Person(id_, self.name or id_, Rank[self.rank.upper()], telegram, self.lang, self.shops)


class Agents(Options):
    lang: AgentLang = "zh-CN"
    supervisors: Annotated[frozenset[str], Field(strict=False)] = frozenset()
    people: dict[Name, PersonOptions] = Field(default_factory=dict)

    def roster(self) -> Roster:
        """The people as the domain has them; always the same object, which bot/settings_file.py brings up to date."""
        return self._roster

    @cached_property
    def _roster(self) -> Roster:
        return Roster({id_: each.person(id_) for id_, each in self.people.items()}, self.supervisors)


def mistakes_of_people(
    agents: Agents, shops: Mapping[str, Shop], alerts: Mapping[str, AlertService]
) -> Iterator[Mistake]:
    """What does not go together of people, shops and alerts: the option, and a sentence."""
    yield from _alike(agents.people)
    for at, named in _shops_named(agents, alerts):
        yield from ((at, f'there is no shop "{id_}"; here are {", ".join(shops)}') for id_ in sorted(named - {*shops}))
    if agents.people:
        yield from _strangers(agents, shops, alerts)


def _alike(people: Mapping[str, PersonOptions]) -> Iterator[Mistake]:
    """Two who would be taken for each other."""
    of_name = {id_: id_ for id_ in people}
    of_telegram: dict[int, str] = {}
    for id_, person in people.items():
        at = ("agents", "people", id_)
        if person.name and of_name.setdefault(person.name, id_) != id_:
            yield (*at, "name"), f'"{of_name[person.name]}" is called "{person.name}" too; give them different names'
        if person.telegram and of_telegram.setdefault(person.telegram, id_) != id_:
            other = of_telegram[person.telegram]
            yield (*at, "telegram"), f'"{other}" has this Telegram id too; only one person can have it'


def _shops_named(agents: Agents, alerts: Mapping[str, AlertService]) -> Iterator[tuple[Keys, frozenset[str]]]:
    for id_, person in agents.people.items():
        yield ("agents", "people", id_, "shops"), person.shops
    for name, service in alerts.items():
        yield ("alerts", name, "shops"), service.shops


def _strangers(agents: Agents, shops: Mapping[str, Shop], alerts: Mapping[str, AlertService]) -> Iterator[Mistake]:
    """Whoever is named somewhere and is none of the people, or does not work for the shop."""
    roster = agents.roster()
    unnamed = (name for name in agents.supervisors if roster.named(name) is None)
    yield from ((("agents", "supervisors"), _nobody(name, agents.people)) for name in sorted(unnamed))
    for name, service in alerts.items():
        yield from _missing(("alerts", name, "people"), service.people, agents.people)
    for id_, shop in shops.items():
        for at, named in _on_duty(id_, shop):
            yield from _missing(at, named, agents.people)
            elsewhere = (who for who in named if who in roster.people and not roster.people[who].works_for(id_))
            yield from ((at, f'"{who}" does not work for the shop "{id_}"') for who in sorted(elsewhere))


def _on_duty(id_: str, shop: Shop) -> Iterator[tuple[Keys, frozenset[str]]]:
    yield ("shops", id_, "hours", "on_call"), shop.hours.on_call
    for name, shift in shop.shifts.items():
        yield ("shops", id_, "shifts", name, "people"), shift.people


def _missing(at: Keys, named: frozenset[str], people: Iterable[str]) -> Iterator[Mistake]:
    return ((at, _nobody(who, people)) for who in sorted(named - {*people}))


def _nobody(who: str, people: Iterable[str]) -> str:
    return f'there is no "{who}" in agents.people; here are {", ".join(people)}'
