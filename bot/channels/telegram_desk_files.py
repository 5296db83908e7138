"""Files of the agents' group: what agents send is kept here; what Telegram has already it need not be given anew."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from bot.channels.telegram_send import KNOWN
from followup.attachments import received_by
from followup.desk.places import account_of
from followup.events import DeskSaid
from followup.model import Attachment, Media
from followup.ports import NotYet, Receiver, TooLarge, Unparseable
from scheduler.carrying import Carrier

LARGEST = 20 * 1024 * 1024
"""What Telegram gives out to a bot, in bytes."""
_WITHOUT_FILE = (Media.LOCATION, Media.CARD, Media.OTHER)
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}")
_ENDS = {Media.PHOTO: ".jpg", Media.VOICE: ".ogg", Media.VIDEO: ".mp4", Media.STICKER: ".webp"}


class DeskFiles:
    """Keeps what agents send in a folder, from which any channel can send it on.

    A file is fetched once, however often its message is read; a fetch goes on when nobody waits for it any more, so a
    large one is there at the next try.
    """

    def __init__(self, folder: Path, fetch: Callable[[Attachment], Awaitable[bytes]]) -> None:
        self._folder, self._fetch = folder, fetch
        self._at_work: dict[str, asyncio.Future[Attachment]] = {}

    async def kept(self, said: DeskSaid) -> DeskSaid:
        """The same with its files here; one that is too large, or gone, has no `ref`. Raises NotYet."""
        if not said.attachments:
            return said
        return replace(said, attachments=tuple([await self._kept(each) for each in said.attachments]))

    async def _kept(self, attachment: Attachment) -> Attachment:
        if attachment.media in _WITHOUT_FILE:
            return attachment
        if attachment.size > LARGEST:
            return replace(attachment, ref="")
        work = self._at_work.get(attachment.ref)
        if work is None:
            work = self._at_work[attachment.ref] = asyncio.ensure_future(self._had(attachment))
            work.add_done_callback(lambda _: self._at_work.pop(attachment.ref, None))
        return await asyncio.shield(work)

    async def _had(self, attachment: Attachment) -> Attachment:
        path = self._folder / (sha256(attachment.ref.encode()).hexdigest()[:32] + _ending(attachment))
        if not path.exists():
            try:
                content = await self._fetch(attachment)
            except (TooLarge, Unparseable):
                return replace(attachment, ref="")
            try:
                await asyncio.to_thread(_write, path, content)
            except OSError as error:
                raise NotYet(f"the file cannot be kept: {error.strerror}") from error
        return replace(attachment, ref=str(path), size=path.stat().st_size)

    async def close(self) -> None:
        """Stop fetching."""
        works = list(self._at_work.values())
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)

    def holds(self, ref: str) -> bool:
        """Whether that is the path of a file here."""
        return Path(ref).parent == self._folder

    @staticmethod
    async def read(ref: str) -> bytes:
        """The bytes of a file here. Raises Unparseable."""
        try:
            return await asyncio.to_thread(Path(ref).read_bytes)
        except OSError as error:
            raise Unparseable(f"the file cannot be read: {error.strerror}") from error


class DeskCarrier(Carrier):
    """Carries what buyers sent into a group: what the group's own bot received it shows by its id, and what cannot be
    had any more becomes an attachment without a `ref`, so that the words beside it go all the same."""

    def __init__(self, receivers: Mapping[str, Receiver], account: str) -> None:
        super().__init__(receivers)
        self._account = account

    async def _file(self, attachment: Attachment, place: Path) -> Attachment:
        channel, ref = received_by(attachment) or ("", "")
        if attachment.media in (Media.LOCATION, Media.CARD):
            return replace(attachment, ref="")
        if channel and account_of(channel) == self._account and attachment.media in (Media.PHOTO, Media.VOICE):
            return replace(attachment, ref=KNOWN + ref)
        try:
            return await super()._file(attachment, place)
        except Unparseable:
            return replace(attachment, ref="")


def _ending(attachment: Attachment) -> str:
    """How the file's name ends: as the agent's does where that is plain, else by what it is."""
    ending = Path(attachment.name).suffix
    if _ENDING.fullmatch(ending):
        return ending.lower()
    return mimetypes.guess_extension(attachment.mime) or _ENDS.get(attachment.media, "")


def _write(path: Path, content: bytes) -> None:
    """To a file beside it first, which takes its place once it is whole."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f".partial-{path.name}")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
