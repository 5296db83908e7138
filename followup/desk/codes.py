"""Short codes for tasks: five letters and digits that stand for a long id as long as the task is open."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is easily misread
LENGTH = 5


class Unclear(LookupError):
    """No open task is meant, or more than one."""


def code_of(id_: str) -> str:
    """The code of a task, always the same."""
    number = crc32(id_.encode())
    letters = []
    for _ in range(LENGTH):
        number, at = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[at])
    return "".join(letters)


def meant(given: str, ids: Iterable[str]) -> str:
    """The task that `given` means: its code, its id, or an end of its id that no other has. Raises Unclear."""
    known = list(ids)
    if given in known:
        return given
    found = [id_ for id_ in known if given and (code_of(id_) == given.lower() or id_.endswith(f"/{given}"))]
    if not found:
        raise Unclear(f"there is no open task {given!r}; `huifang tasks` lists them")
    if len(found) > 1:
        raise Unclear(f"{given!r} may be any of {', '.join(found)}: give more of the id")
    return found[0]
