"""What was read in a review's text, and what is known of the one who wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from followup.causes import Cause


class FollowUp(StrEnum):
    """What a follow-up review is (rule 91); NONE for a first review."""

    NONE = ""
    GENUINE = "genuine"
    OFF_TOPIC = "off_topic"
    REBATE_ADVERT = "rebate_advert"
    SELF_PROMOTION = "self_promotion"


class Malice(StrEnum):
    """The malicious kinds of rule 89."""

    EXTORTION = "extortion"
    HAGGLING = "haggling"
    HABITUAL = "habitual"
    COMPETITOR = "competitor"


@dataclass(frozen=True, slots=True)
class Found:
    """A cause that the text speaks of, and the words that say so."""

    cause: Cause
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What the words of a review speak of: causes, the likeliest first, and hints at bad intent by their words."""

    causes: tuple[Found, ...] = ()
    hints: tuple[tuple[Malice, str], ...] = ()
    follow_up: FollowUp = FollowUp.NONE


@dataclass(frozen=True, slots=True)
class Said:
    """What the buyer wrote to us in chat: how much, and which of it hints at bad intent."""

    messages: int = 0
    hints: tuple[tuple[Malice, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What the shop knows of the buyer: paid orders, reviews and how many of them are bad, his words in chat."""

    paid: int
    reviews: int
    bad: int
    said: Said = Said()
