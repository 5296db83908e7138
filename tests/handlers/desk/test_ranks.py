"""Who of the shop's people may do what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from followup.desk.people import Person, Rank, Roster
from followup.policy import Policy
from handlers.deps import Deps
from handlers.desk.ranks import owner, supervisors_of

LI, WANG = Person("li", "小李"), Person("wang", "王姐", Rank.SUPERVISOR, shops=frozenset("a"))
CHEN = Person("chen", "老陈", Rank.OWNER)
PEOPLE = {each.id: each for each in (LI, WANG, CHEN)}


def deps(roster: Roster, *supervisors: str) -> Any:
    """What handlers need, with these people."""
    empty = Deps(None, {"a": Policy("a")}, None)  # type: ignore[arg-type]
    named = frozenset(supervisors)
    return replace(empty, roster=replace(roster, supervisors=named), supervisors=named)


@pytest.mark.parametrize(("shop", "who"), [("a", {"wang", "chen"}), ("b", {"chen"})])
def test_supervisors_by_rank(shop: str, who: set[str]) -> None:
    """Whoever has that rank or a higher one, and works for the shop (rule 10)."""
    assert who == supervisors_of(shop, deps(Roster(PEOPLE)))


def test_supervisors_by_name() -> None:
    """Those of `agents.supervisors` too, by the ids under which they act; alone where nobody is listed."""
    assert {"小李", "li", "wang", "chen"} == supervisors_of("a", deps(Roster(PEOPLE), "小李"))
    assert {"Bob"} == supervisors_of("a", deps(Roster(), "Bob"))


def test_owners() -> None:
    """Nobody of a lower rank, no stranger; where nobody is listed, whoever stands above all others."""
    listed = deps(Roster(PEOPLE))
    assert [CHEN, None, None, None] == [owner(who, "a", listed) for who in ("chen", "wang", "li", "Bob")]
    assert (True, True) == (bool(owner("Bob", "a", deps(Roster()))), owner("Bob", "a", deps(Roster(), "Wu")) is None)
