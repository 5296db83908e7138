"""What buyers send beside words: photos and files, kept under the thread they belong to (rules 51, 54)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from followup.model import Attachment, Instant, Media


class EvidenceState(StrEnum):
    """WANTED: not fetched yet. REFUSED: too large or of a type that is not kept. LOST: the channel no longer has it."""

    WANTED = "wanted"
    KEPT = "kept"
    REFUSED = "refused"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One attachment of one message; `thread` is "" if nothing was being followed up. `path` is where its bytes stand,
    below the folder of evidence, `size` how many they are and `sha256` what they hash to."""

    id: str
    thread: str
    shop: str
    chat: str
    channel: str
    message: str
    at: Instant
    media: Media
    ref: str
    name: str = ""
    mime: str = ""
    told_size: int = 0
    state: EvidenceState = EvidenceState.WANTED
    path: str = ""
    sha256: str = ""
    size: int = 0
    error: str = ""
    tries: int = 0
    retry_at: Instant | None = None

    @property
    def attachment(self) -> Attachment:
        """What the channel is asked for."""
        return Attachment(self.media, self.ref, self.name, self.mime, self.told_size)


MEDIA = frozenset((Media.PHOTO, Media.FILE, Media.VIDEO, Media.VOICE))
"""What is kept; a sticker or a place on the map proves nothing."""
_MINUTES = (0.2, 0.5, 2, 10, 30, 60, 180, 360, 720, *[1440] * 6)
PAUSES = tuple(timedelta(minutes=each) for each in _MINUTES)
"""Between two tries to fetch a file: a week in all."""


class Why(StrEnum):
    """Why a file is not kept."""

    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    TOO_MANY = "too_many"
    GONE = "gone"
    NO_ANSWER = "no_answer"


class NotKept(Exception):
    """A file may not be kept; `why` says what is wrong with it."""

    def __init__(self, why: Why, error: str) -> None:
        super().__init__(error)
        self.why = why


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as it stands on disk: `path` is below the folder of evidence."""

    path: str
    sha256: str
    size: int
    mime: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one try to fetch a file: `stored`, or `why` it never will be; neither: it is tried again."""

    evidence: str
    at: Instant
    stored: Stored | None = None
    why: Why | None = None
    error: str = ""


def after(evidence: Evidence, tried: Tried) -> Evidence:
    """The evidence after one more try; one that failed for a week is lost."""
    one = replace(evidence, tries=evidence.tries + 1, retry_at=None, error=tried.error)
    if tried.stored is not None:
        found = tried.stored
        kept = replace(one, path=found.path, sha256=found.sha256, size=found.size, mime=found.mime)
        return replace(kept, state=EvidenceState.KEPT, error="")
    if tried.why is not None:
        lost = tried.why in (Why.GONE, Why.NO_ANSWER)
        state = EvidenceState.LOST if lost else EvidenceState.REFUSED
        return replace(one, state=state, error=_told(tried.why, tried.error))
    if one.tries > len(PAUSES):
        return replace(one, state=EvidenceState.LOST, error=_told(Why.NO_ANSWER, tried.error))
    return replace(one, retry_at=tried.at + PAUSES[one.tries - 1])


def why_not(evidence: Evidence) -> Why | None:
    """Why a file was refused or is lost; None while it may still be kept."""
    if evidence.state not in (EvidenceState.REFUSED, EvidenceState.LOST):
        return None
    return Why(evidence.error.partition(": ")[0])


def _told(why: Why, error: str) -> str:
    return f"{why.value}: {error}" if error else why.value
