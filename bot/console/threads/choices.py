"""What the list of threads can be narrowed down to, each choice by its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.console.desk import Desk, Visit
from bot.console.threads.element import Option
from bot.console.threads.views import ALL, MINE, NOBODY, OPEN, OVER, UNFINISHED
from bot.routine.names import names
from followup.causes import Cause
from followup.desk.flags import Flag
from followup.kinds import KINDS
from followup.model import State

CHOICES = ("kind", "state", "flag", "agent", "cause", "shop")
_BY_ITSELF = (State.WITH_AGENT, State.SOLVED, State.SETTLED, State.GIVEN_UP, State.CLOSED)


def choices(desk: Desk, visit: Visit) -> list[tuple[str, str, Sequence[Option]]]:
    """Each select with its label and what it may be set to; there is none of the shop for who has one only."""
    say = visit.labels("threads")
    options = {name: list(_options(name, desk, visit)) for name in CHOICES}
    if len(options["shop"]) < 2:
        del options["shop"]
    anything = ("", say("any"))
    for name in ("state", "cause"):
        options[name] = [(value, label[:1].upper() + label[1:]) for value, label in options[name]]
    more = {name: made if name == "state" else [anything, *made] for name, made in options.items()}
    return [(name, say(f"asks.{name}"), made) for name, made in more.items()]


def _options(name: str, desk: Desk, visit: Visit) -> Iterator[Option]:
    """All but "any"."""
    say, words, own = visit.labels("threads"), visit.names, names(visit.lang)
    shops = [shop for shop in desk.deps.policies if visit.sees(shop)]
    match name:
        case "kind":
            yield from ((kind, words.name("kinds", kind)) for kind in KINDS)
        case "state":
            yield from ((each, say(f"states.{each}")) for each in (OPEN, OVER, ALL))
            yield UNFINISHED, words.name("states", State.OPEN.value)
            yield from ((state.value, words.name("states", state.value)) for state in _BY_ITSELF)
        case "flag":
            yield from ((flag.value, own.of("flags", flag.value)) for flag in Flag if flag)
        case "agent":
            yield from ((MINE, say("me")), (NOBODY, say("nobody")))
            people = desk.deps.roster.people.values()
            yield from ((each.id, each.name or each.id) for each in people if any(map(each.works_for, shops)))
        case "cause":
            yield from ((cause.value, own.of("causes", cause.value)) for cause in Cause if cause)
        case "shop":
            yield from ((shop, shop) for shop in shops)
