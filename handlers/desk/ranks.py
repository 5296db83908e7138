"""Who of the shop's people may do what: the one place that asks it (rules 10, 99)."""

from __future__ import annotations

from followup.desk.people import Person, Rank
from handlers.deps import Deps


def supervisors_of(shop: str, deps: Deps) -> frozenset[str]:
    """Who may grant what is above an agent's own limit (rule 10): those named in `agents.supervisors`, and of the
    people listed whoever has that rank or a higher one and works for the shop."""
    named = (deps.roster.named(who) for who in deps.supervisors) if deps.roster.people else ()
    listed = {each.id for each in named if each is not None}
    return frozenset((*deps.supervisors, *listed, *(each.id for each in deps.roster.of_rank(Rank.SUPERVISOR, shop))))


def owner(who: str, shop: str, deps: Deps) -> Person | None:
    """The person, if he owns the shop; where nobody is listed everybody does, but for supervisors being named."""
    person = deps.roster.named(who)
    return person if person and person.rank >= Rank.OWNER and person.works_for(shop) else None
