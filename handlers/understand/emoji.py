"""What emoji say: nothing but them is a message too, and some are angry."""

from __future__ import annotations

from functools import cache

from followup.understood import Intent
from handlers.understand.phrase_lines import FOLDER

ANGRY = "angry"
_MOST = 200


@cache
def _meant() -> dict[str, str]:
    lines = (each.partition(": ") for each in (FOLDER / "emoji.txt").read_text("utf-8").splitlines())
    return {emoji: name for name, colon, all_of_them in lines if colon for emoji in all_of_them.split()}


def is_angry(text: str) -> bool:
    """Whether a text has an angry emoji in it."""
    return not text.isascii() and any(_meant().get(char) == ANGRY for char in text)


def only_emoji(text: str) -> Intent | None:
    """The intent of a message that is nothing but emoji: that of the first that is known."""
    if len(text) > _MOST or any(char.isalnum() for char in text):
        return None
    found = next((_meant()[char] for char in text if char in _meant()), "")
    return Intent.COMPLAINT if found == ANGRY else Intent(found) if found else None
