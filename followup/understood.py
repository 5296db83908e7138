"""What a buyer's message was understood to say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from followup.model import Instant


class Intent(StrEnum):
    """What a buyer's message asks for, as far as the bot acts on it alone."""

    STOP = "stop"
    HUMAN = "human"
    PAID = "paid"
    DECLINED = "declined"
    LATER = "later"
    CONFIRMED = "confirmed"
    CHOSE = "chose"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Understood:
    """The intent, the time it names if any, the language it is in, whether that is sure, and why it was taken so.

    `choice` is the id of the offered answer, with CHOSE only.
    """

    intent: Intent
    named_at: Instant | None = None
    lang: str = ""
    sure: bool = True
    why: str = ""
    choice: str = ""
