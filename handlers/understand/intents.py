"""The table of intents, and how the words of one are told from their negation, question or look-alike."""

from __future__ import annotations

import re
from dataclasses import dataclass

from followup.understood import Intent
from handlers.understand.phrases import LANGUAGES, hints_of, whole_messages, words_of

_BEFORE = re.compile("|".join(each["asked_before"] for each in LANGUAGES.values()))
_AFTER = re.compile("|".join(each["asked_after"] for each in LANGUAGES.values()))
_MARK = re.compile(r"[,.?]")


@dataclass(frozen=True, slots=True)
class Reading:
    """How an intent is read. Its words are a table of the phrases.

    `hints` sort out most messages; `leave` blanks look-alikes before `take` is searched.
    Where `asked` is true a question is a request ("can you stop texting me?"), elsewhere it is doubt.
    """

    intent: Intent
    asked: bool

    def find(self, text: str, langs: tuple[str, ...]) -> tuple[bool, str]:
        """Whether the intent is surely there, and the words that say so; the words alone when in doubt."""
        doubt = ""
        if hints_of(langs, self.intent).search(text):
            for lang in langs:
                sure, words = self._read(text, lang)
                if sure:
                    return True, words
                doubt = doubt or words
        return False, doubt

    def _read(self, text: str, lang: str) -> tuple[bool, str]:
        if not hints_of((lang,), self.intent).search(text):
            return False, ""
        leave, take = words_of(lang, self.intent, "leave"), words_of(lang, self.intent, "take")
        look_alike = leave.search(text)
        rest = leave.sub("#", text) if look_alike else text
        for match in take.finditer(rest):
            if self.asked or not _is_asked(rest, match):
                return True, match[0]
            look_alike = look_alike or match
        return False, look_alike[0] if look_alike else ""


def _is_asked(text: str, match: re.Match[str]) -> bool:
    """Whether the clause around the match is a question or a condition."""
    start = max(text.rfind(mark, 0, match.start()) for mark in ",.?") + 1
    mark = _MARK.search(text, max(match.start() + 1, match.end() - 1))
    before, after = text[start : match.end()].lstrip(), text[match.end() : mark.end() if mark else None]
    return bool(_BEFORE.search(before) or _AFTER.search(after))


# In order of precedence: of the intents that are sure, the first is taken.
READINGS = (
    Reading(Intent.STOP, asked=True),
    Reading(Intent.HUMAN, asked=True),
    Reading(Intent.PAID, asked=False),
    Reading(Intent.DECLINED, asked=False),
    Reading(Intent.LATER, asked=False),
    Reading(Intent.CONFIRMED, asked=False),
)
_WHOLE = whole_messages(each.intent for each in READINGS)
_LONGEST_WHOLE = 60


def whole_intent(letters: str) -> Intent | None:
    """The intent of a message that says nothing else, such as `T D !!` (given as its letters only)."""
    match = _WHOLE.fullmatch(letters) if len(letters) <= _LONGEST_WHOLE else None
    return Intent(match.lastgroup) if match and match.lastgroup else None
