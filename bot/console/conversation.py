"""What was said between a shop and a buyer, as bubbles: who wrote, when, whether it arrived, what came with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from pathlib import Path
from urllib.parse import urlencode

from bot.desk import Words
from bot.evidence.telling import words as evidence_words
from followup.desk.people import Roster
from followup.desk.places import DESK_FILES
from followup.evidence import Evidence, EvidenceState, why_not
from followup.model import Attachment, Inbound, Instant, Media, Outgoing, OutgoingState
from followup.reach import PLATFORM
from handlers.promised import SAYS
from store.console.thread import ThreadPage

BUYER, BOT, AGENT = "buyer", "bot", "agent"
SHOWN = frozenset(("image/jpeg", "image/png", "image/gif", "image/webp"))
"""What every browser shows; anything else is only given out to be saved."""
TOOK_BACK = "took back: "
_AMISS = (OutgoingState.FAILED, OutgoingState.UNSURE, OutgoingState.EXPIRED, OutgoingState.CANCELLED)


@dataclass(frozen=True, slots=True)
class File:
    """A photo or file beside words: `url` is where it is served ("" while it is not here, and `note` tells why)."""

    name: str
    url: str = ""
    is_picture: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message. `by` is buyer, bot or agent, `who` what he is called ("" for nobody in particular), `state` how far
    it came, `is_amiss` whether somebody should look at that, `is_opening` whether only a chat was opened."""

    key: str
    at: Instant
    by: str
    who: str
    text: str
    channel: str
    state: str = ""
    is_amiss: bool = False
    files: tuple[File, ...] = ()
    choices: tuple[str, ...] = ()
    is_edited: bool = False
    is_taken_back: bool = False
    is_opening: bool = False


@dataclass(frozen=True)
class Conversation:
    """Tells what was said in the language of who looks, instants in the shop's zone."""

    page: ThreadPage
    words: Words
    zone: tzinfo
    roster: Roster

    def bubbles(self) -> tuple[Bubble, ...]:
        """All of it, oldest first; a message that changes another stands in its place."""
        heard = [self._heard(each) for each in self.page.heard if (each.source, each.edits) not in self._known]
        said = [self._said(each) for each in self.page.said if (each.text or each.attachments) and not each.edits]
        return tuple(sorted([*heard, *said], key=lambda bubble: (bubble.at, bubble.by != BUYER)))

    @cached_property
    def _known(self) -> frozenset[tuple[str, str]]:
        return frozenset((each.source, each.external_id) for each in self.page.heard)

    def _heard(self, first: Inbound) -> Bubble:
        edits = [each for each in self.page.heard if (each.source, each.edits) == (first.source, first.external_id)]
        last = edits[-1] if edits else first
        return Bubble(
            key=f"in/{first.source}/{first.external_id}",
            at=first.at,
            by=BUYER,
            who=self.page.called,
            text=last.text,
            channel=first.source.rpartition("/")[2],
            files=tuple(self._files_of_buyer(last, first)),
            is_edited=bool(edits or first.edits),
            is_taken_back=self._was_taken_back(last),
            is_opening=not (last.text or last.attachments),
        )

    def _was_taken_back(self, message: Inbound) -> bool:
        notes = (note for note in self.page.story.notes if note.who == BUYER and note.at >= message.at)
        return bool(message.text) and any(note.text == f"{TOOK_BACK}{message.text}" for note in notes)

    def _files_of_buyer(self, last: Inbound, first: Inbound) -> Iterator[File]:
        of = {first.external_id, last.external_id, last.edits}
        mine = {each.ref: each for each in self.page.evidence if each.chat == last.chat and each.message in of}
        for each in last.attachments:
            known = mine.get(each.ref)
            yield (
                file_of(known, self.words.lang) if known else File(each.name or media_name(each.media, self.words.lang))
            )

    def _said(self, message: Outgoing) -> Bubble:
        changes = [each for each in self.page.said if each.edits == message.id and each.state is OutgoingState.SENT]
        is_agents = message.step == SAYS
        return Bubble(
            key=f"out/{message.id}",
            at=message.created_at,
            by=AGENT if is_agents else BOT,
            who=self._author(message) if is_agents else "",
            text=changes[-1].text if changes else message.text,
            channel=message.channel,
            state=self._delivery(message),
            is_amiss=message.state in _AMISS,
            files=tuple(self._files_of_ours(message)),
            choices=tuple(choice.label for choice in message.choices),
            is_edited=bool(changes),
        )

    def _delivery(self, message: Outgoing) -> str:
        is_pasted = message.state is OutgoingState.SENT and message.channel == PLATFORM
        at = message.sent_at.astimezone(self.zone).strftime("%H:%M") if message.sent_at else ""
        told = self.words.name("delivery", "manual" if is_pasted else message.state.value).format(at=at)
        paste = next((task for task in self.page.story.tasks if task.outgoing == message.id), None)
        return told if paste is None else f"{told}{self.words('also')}{self.words.name('tasks', paste.state.value)}"

    def _author(self, message: Outgoing) -> str:
        """Who wrote it, by the note that was made in the same moment; the parts of a long message have one."""
        mine = (each for each in self.page.by_people if (each.thread, each.at) == (message.thread, message.created_at))
        note = next(mine, None)
        person = self.roster.people.get(note.who) if note else None
        return (person.name or person.id) if person else note.who if note else ""

    def _files_of_ours(self, message: Outgoing) -> Iterator[File]:
        for number, each in enumerate(message.attachments):
            url = sent_url(message.id, number) if is_ours(each) else ""
            name = each.name or media_name(each.media, self.words.lang)
            yield File(name, url, bool(url) and each.mime in SHOWN)


def file_of(evidence: Evidence, lang: str) -> File:
    """A buyer's file, or why it is not here."""
    name = evidence.name or media_name(evidence.media, lang)
    if evidence.state is EvidenceState.KEPT:
        return File(name, evidence_url(evidence.id), evidence.mime in SHOWN)
    said, why = evidence_words(lang), why_not(evidence)
    return File(name, note=said.name("whys", why.value) if why else said.name("states", evidence.state.value))


def media_name(media: Media, lang: str) -> str:
    """What a kind of file is called."""
    return str(evidence_words(lang).name("media", media.value))


def evidence_url(id_: str) -> str:
    """Where a buyer's file is served to who is logged in."""
    return f"/console/file?{urlencode({'evidence': id_})}"


def sent_url(message: str, number: int) -> str:
    """Where a file that the shop's people sent is served."""
    return f"/console/file?{urlencode({'message': message, 'number': number})}"


def is_ours(attachment: Attachment) -> bool:
    """Whether it is a file that stands in the folder of what the shop's people send."""
    return Path(attachment.ref).parent.name == DESK_FILES
