"""What buyers send beside words: photos and files, kept under the thread they belong to (rules 51, 54)."""

from __future__ import annotations

from dataclasses import dataclass
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
