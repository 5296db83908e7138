"""Mentions of the shop's people: "@li" in a text becomes his name, at which his telephone rings."""

from __future__ import annotations

import re
from typing import Any

from followup.desk.people import Person, Roster
from followup.ports import Measure
from followup.split import length

_MENTION = re.compile(r"(?<![\w@.])@([a-z0-9_-]+)")


def mentioned(text: str, roster: Roster) -> tuple[str, list[dict[str, Any]]]:
    """The text with the names of those it mentions by their ids, and the entities of Telegram that make them rings.

    Who is not listed stays as he is written; who has no Telegram is named.
    """
    parts, entities, end = list[str](), list[dict[str, Any]](), 0
    for found in _MENTION.finditer(text):
        id_ = found[1] if found[1] in roster.people else found[1].rstrip("-_")
        person = roster.people.get(id_)
        if person is None:
            continue
        parts.append(text[end : found.start()])
        end = found.start(1) + len(id_)
        if person.telegram:
            entities.append(_entity(person, utf16("".join(parts))))
            parts.append(person.name)
        else:
            parts.append(f"@{person.name}")
    return "".join((*parts, text[end:])), entities


def utf16(text: str) -> int:
    """The length of a text as Telegram counts."""
    return length(text, Measure.UTF16)


def _entity(person: Person, offset: int) -> dict[str, Any]:
    user = {"id": int(person.telegram), "is_bot": False, "first_name": person.name}
    return {"type": "text_mention", "offset": offset, "length": utf16(person.name), "user": user}
