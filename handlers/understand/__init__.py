"""What a buyer writes: what is wanted, and for when. What is not sure is OTHER, the likeliest intents beside it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from followup.understood import Intent, Understood
from handlers.understand.learnt import Learnt
from handlers.understand.named_time import named_time
from handlers.understand.reading import prepare, read

__all__ = ["Intent", "Learnt", "Understanding", "Understood", "named_time", "prepare", "understand"]


class Understanding:
    """Understands buyers of one shop, with what its agents taught. Call it like `understand`."""

    def __init__(self, learnt: Learnt | None = None) -> None:
        self.learnt = learnt or Learnt()

    def __call__(self, text: str, now: datetime, zone: ZoneInfo, lang_hint: str = "") -> Understood:
        """See `understand`."""
        return read(text, now, zone, lang_hint, self.learnt)


def understand(text: str, now: datetime, zone: ZoneInfo, lang_hint: str = "") -> Understood:
    """What the buyer wants; never raises and never waits.

    `now` is aware UTC, `zone` is where the buyer lives. `lang` is told from the text, else (and for a command such as
    /stop) it is `lang_hint`. `intent` is only what may be acted on alone. With the extra `intents`, call
    `prepare(text)` in a worker thread beforehand: what the words leave open is then told by the meaning too.
    `named_at` is only there with LATER. `why` says what decided; a word that nearly meant something is marked so:
    `paid? 付款了吗`.
    """
    return read(text, now, zone, lang_hint, Learnt())
