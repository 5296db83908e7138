"""A small, precise understanding of what a buyer writes: what is wanted, and for when. Unsure is OTHER."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from followup.understood import Intent, Understood
from handlers.understand.intents import READINGS, whole_intent
from handlers.understand.languages import languages_in, tell_language
from handlers.understand.named_time import find_time, named_time
from handlers.understand.normalise import letters_only, normalise

__all__ = ["Intent", "Understood", "named_time", "understand"]


_COMMAND = re.compile(r"\s*/\w+\s*", re.ASCII)


def understand(text: str, now: datetime, zone: ZoneInfo, lang_hint: str = "") -> Understood:
    """What the buyer wants: the first sure intent by the precedence of `READINGS`; never raises.

    `now` is aware UTC, `zone` is where the buyer lives. `lang` is told from the text, else (and for a command such as
    /stop) it is `lang_hint`; `named_at` is only there with LATER. `sure` is False when words of an intent were there,
    but in a question, a negation or a look-alike; the intent is then OTHER, and `why` names it (`paid? 付款了吗`).
    """
    folded = normalise(text)
    langs = languages_in(folded)
    lang = lang_hint if _COMMAND.fullmatch(text) else tell_language(folded, langs, lang_hint)
    if whole := whole_intent(letters_only(folded)):
        return Understood(whole, None, lang, True, f"{whole}: {folded}")
    doubt = ""
    for reading in READINGS:
        named_at, seen = find_time(folded, langs, now, zone) if reading.intent is Intent.LATER else (None, folded)
        sure, words = reading.find(seen, langs)
        if sure:
            return Understood(reading.intent, named_at, lang, True, f"{reading.intent}: {words}")
        doubt = doubt or (words and f"{reading.intent}? {words}")
    return Understood(Intent.OTHER, None, lang, not doubt, doubt)
