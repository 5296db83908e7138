"""Answers offered under a message: buttons where the channel has them, else numbers to type (rule 2)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from followup.events import MessageReceived
from followup.model import Chat, Choice
from followup.understood import Intent, Understood

_MARKS = re.compile(r"[\s.,:;!、。()\[\]【】'\"“”‘’#*~\ufe0f\u20e3]+")
_NUMBERS = (
    re.compile(r"(?:我?选择?第?|扣)?(\d{1,2}|[一二三四五六七八九])吧?"),
    re.compile(r"(?:我?选择?第?|第)(\d{1,2}|[一二三四五六七八九])(?:个|项|号|条|种)?吧?"),
    re.compile(
        r"(?:option|opt|number|choice|opcion|numero|la|el|the|ichoose|ipick|elijo|escojo)*(\d{1,2})"
        r"(?:please|pls|thanks|porfavor|gracias|谢谢)?"
    ),
)
_HAN = {han: at for at, han in enumerate("一二三四五六七八九", 1)}
_LONGEST = 60


def chosen(event: MessageReceived, chat: Chat) -> Choice | None:
    """The answer that the buyer tapped, or wrote the number or the label of and nothing else.

    A tap counts even when the offer is no longer kept, for only what was offered can be tapped.
    """
    if event.choice:
        known = (choice for choice in chat.offered if choice.id == event.choice)
        return next(known, Choice(event.choice, event.text))
    said = _plain(event.text)
    for number, choice in enumerate(chat.offered, 1):
        label = _plain(choice.label)
        if said in (label, f"{number}{label}") or _number(said) == number:
            return choice
    return None


def can_be_tapped(choices: Sequence[Choice], buttons: int) -> bool:
    """Whether a channel with so many buttons can show all of these as buttons."""
    return len(choices) <= buttons


def numbered(choices: Sequence[Choice]) -> str:
    """A line for each choice, the first being 1."""
    return "\n".join(f"{number}. {choice.label}" for number, choice in enumerate(choices, 1))


def meant(choice: Choice | None, heard: Understood) -> Understood:
    """What a buyer said, if he chose an answer: that answer, unless his words say stop."""
    if choice is None or heard.intent is Intent.STOP:
        return heard
    return Understood(Intent.CHOSE, why=f"chose: {choice.id}", choice=choice.id)


def _number(said: str) -> int:
    """The number that is all that was said, 0 if there is none."""
    match = next(filter(None, (number.fullmatch(said) for number in _NUMBERS)), None)
    return (_HAN.get(match[1]) or int(match[1])) if match else 0


def _plain(text: str) -> str:
    """One spelling: half-width lower-case letters and digits without accents, spaces and plain marks."""
    if len(text) > _LONGEST:
        return text
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return _MARKS.sub("", "".join(char for char in folded if not unicodedata.combining(char)))
