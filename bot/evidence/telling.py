"""A matter told to people, line by line, in the language and the zone of the shop."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path

from bot import why
from bot.desk import Words
from bot.desk import words as desk_words
from followup.after_sales.model import Grant
from followup.evidence import Evidence, EvidenceState, why_not
from followup.model import EPOCH, Inbound, Instant, Money, Outgoing, OutgoingState
from followup.promises import Promise
from handlers.evidence import SEALED
from scripts_library.localise import money
from store.evidence_views import Matter
from store.views import Story

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class File:
    """A file as it stands in the pack, under `name` ("" if it was not kept); `state` is intact, altered or missing."""

    evidence: Evidence
    name: str = ""
    state: str = "intact"

    @property
    def is_picture(self) -> bool:
        """Whether a page can show it."""
        return bool(self.name) and self.evidence.mime.startswith("image/")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: when (None: at no time of its own), who, what, in small print what else, and the files with it."""

    at: Instant | None
    who: str
    text: str
    details: tuple[str, ...] = ()
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: tuple[Line, ...]
    hint: str = ""


@cache
def words(lang: str) -> Words:
    """The words of packs in a language that agents read."""
    tables = tomllib.loads((HERE / "words.toml").read_text("utf-8"))
    return Words(lang, tables[lang])


def size_of(count: int) -> str:
    """A number of bytes as people read it."""
    return f"{count} B" if count < 1000 else f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1e6:.1f} MB"


@dataclass(frozen=True)
class Telling:
    """Tells a matter; `files` are those that go with it."""

    matter: Matter
    files: Sequence[File]
    zone: tzinfo
    lang: str

    @property
    def words(self) -> Words:
        """The words of packs in its language."""
        return words(self.lang)

    def heads(self) -> list[str]:
        """What stands above everything."""
        zone = getattr(self.zone, "key", str(self.zone))
        told = self.words
        return [told("shop", shop=self.matter.shop), told("times", zone=zone), told("contents")]

    def sections(self) -> list[Section]:
        """All sections, in the order in which they are read."""
        told, matter = self.words, self.matter
        talk = sorted([*map(self._heard, matter.heard), *self._said()], key=lambda line: (line.at, line.who, line.text))
        return [
            Section(told("facts"), tuple(sorted(self._facts(), key=lambda line: line.at or EPOCH))),
            Section(told("talk"), tuple(talk), told("talk_hint")),
            *map(self._thread, matter.stories),
            Section(told("compensations"), tuple(map(self._grant, matter.grants))),
            Section(told("promises"), tuple(map(self._promise, matter.promises))),
            Section(told("files"), tuple(map(self._file, self.files))),
        ]

    def local(self, at: Instant) -> str:
        """An instant in the shop's zone."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"

    def shown(self, file: File) -> str:
        """What stands for a file in plain text."""
        media = self.words.name("media", file.evidence.media.value)
        if file.name:
            return self.words("file", media=media, path=file.name)
        return self.words("file_not_kept", media=media, why=self.why(file))

    def why(self, file: File) -> str:
        """Why a file is not in the pack."""
        if file.state != "intact":
            return self.words(file.state)
        reason = why_not(file.evidence)
        return self.words.name("whys", reason.value if reason else EvidenceState.WANTED.value)

    def _heard(self, message: Inbound) -> Line:
        channel = message.source.rpartition("/")[2]
        notes = [self.words("on", channel=channel), *([self.words("edited")] if message.edits else [])]
        notes += [self.words("put_aside")] if message.state != "handled" else []
        shown = [f"[{self.words.name('media', each.media.value)}]" for each in message.attachments if not message.text]
        mine = tuple(self._files_of(message))
        text = message.text or " ".join(shown)
        return Line(message.at, self.words("buyer"), text, (" · ".join(notes),), mine)

    def _files_of(self, message: Inbound) -> Iterator[File]:
        """The files of a message, in its order; those of an edit stand with the message it replaces."""
        of = {file.evidence.ref: file for file in self.files if file.evidence.message == message.external_id}
        found = (of.get(each.ref) for each in message.attachments)
        return (file for file in found if file is not None and file.evidence.chat == message.chat)

    def _said(self) -> Iterator[Line]:
        for message in self.matter.said:
            if message.text:
                yield Line(_when(message), self.words("we"), message.text, (self._how(message),))

    def _how(self, message: Outgoing) -> str:
        how = [self.words("on", channel=message.channel), desk_words(self.lang).step(message.step)]
        how += [self.words("edited")] if message.edits else []
        if message.state is not OutgoingState.SENT:
            state = desk_words(self.lang).name("delivery", message.state.value)
            how.append(self.words("not_delivered", state=state))
        return " · ".join(how)

    def _thread(self, story: Story) -> Section:
        desk = desk_words(self.lang)
        told = why.tell(unsealed(story), self.zone, desk)
        kind = desk.name("kinds", story.thread.kind)
        lines = tuple(Line(line.at, "", line.text, line.details) for line in told)
        return Section(f"{self.words('threads')} · {self.words('took_place', kind=kind, id=story.thread.id)}", lines)

    def _facts(self) -> Iterator[Line]:
        facts = self.matter.facts
        if facts is None:
            return
        order, names = facts.order, self.words.table["statuses"]
        status = names[order.status.value]
        ordered = self.words("ordered", amount=self._money(order.total), status=status)
        yield Line(order.created_at, "", " · ".join(filter(None, (ordered, order.goods, order.buyer_name))))
        for name, at in (("paid", order.paid_at), ("shipped", order.shipped_at), ("closed", order.closed_at)):
            if at is not None:
                yield Line(at, "", self.words(name))
        for refund in facts.refunds:
            said = self.words(
                "refund", id=refund.id, amount=self._money(refund.amount), status=names[refund.status.value]
            )
            yield Line(refund.requested_at, "", said, (refund.reason,) if refund.reason else ())
        for review in facts.reviews:
            said = self.words("review", id=review.id, rating=names[review.rating.value])
            yield Line(review.created_at, "", said, tuple(review.text.splitlines()))
        for parcel in facts.parcels:
            said = self.words("parcel", id=parcel.id, courier=parcel.courier, status=names[parcel.status.value])
            yield Line(parcel.shipped_at, "", said, (parcel.place,) if parcel.place else ())

    def _grant(self, grant: Grant) -> Line:
        said = self.words(
            "grant",
            remedy=self.words.name("remedies", grant.remedy.value),
            amount=self._money(grant.amount),
            loss=self.words.name("losses", grant.loss.value),
            state=self.words.name("grants", grant.state.value),
            asked_by=grant.asked_by,
        )
        said += self.words("granted_by", by=grant.answered_by) if grant.answered_by else ""
        return Line(grant.asked_at, "", said, (grant.text,) if grant.text else ())

    def _promise(self, promise: Promise) -> Line:
        state = self.words.name("promises_are", promise.state.value)
        said = self.words("promise", by=self._who(promise.said_by), due=self.local(promise.due_at), state=state)
        return Line(promise.made_at, "", said, tuple(promise.text.splitlines()))

    def _who(self, name: str) -> str:
        return desk_words(self.lang)(name) if name in ("huifang", "buyer") else name

    def _file(self, file: File) -> Line:
        each = file.evidence
        if not file.name:
            return Line(each.at, "", self.shown(file))
        said = self.words("file_line", path=file.name, size=size_of(each.size), mime=each.mime, sha256=each.sha256)
        return Line(each.at, "", said, () if file.state == "intact" else (self.words(file.state),), (file,))

    def _money(self, amount: Money) -> str:
        return money(amount, self.lang)


def unsealed(story: Story) -> Story:
    """The story without the notes of earlier packs, so that the same matter makes the same pack."""
    return replace(story, notes=[note for note in story.notes if not note.text.startswith(SEALED)])


def utc(at: Instant) -> str:
    """An instant in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"


def _when(message: Outgoing) -> Instant:
    return message.sent_at or message.created_at
