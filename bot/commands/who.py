"""Who types a command: `--by`, the one place where it becomes one of the shop's people."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import mistake

if TYPE_CHECKING:
    from followup.desk.people import Person, Roster

Who = Annotated[
    str,
    typer.Option(
        "--by",
        help="Who did it, by id or name (default: the user of this computer).",
        default_factory=str,
        show_default=False,
    ),
]


def person(given: str, roster: Roster, about: str = "") -> str:
    """The id of who acts. Where people are listed, whoever is none of them ends the command with their names, and so
    does who does not work for the shop of what it is `about` (the shop, or an id that begins with it)."""
    who = given or _user()
    found = roster.named(who)
    if found is not None:
        shop = about.partition("/")[0]
        if shop and not found.works_for(shop):
            raise mistake(f"{_shown(found)} does not work for the shop {shop} (agents.people.{found.id}.shops)")
        return found.id
    listed = ", ".join(map(_shown, roster.people.values()))
    if given:
        raise mistake(f"--by: {given!r} is none of your people (agents.people): {listed}")
    raise mistake(f"--by is needed: one of {listed}")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "?"


def _shown(each: Person) -> str:
    return each.id if each.name in ("", each.id) else f"{each.id} ({each.name})"
