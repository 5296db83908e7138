"""Carrying what one channel received to another: fetched into a folder that is gone once the message is sent."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from followup.attachments import received_by
from followup.desk.places import account_of
from followup.model import Attachment, Media, Outgoing
from followup.ports import NotYet, Receiver, Unparseable

PATIENCE = 60.0
_ENDS = {Media.PHOTO: ".jpg", Media.VOICE: ".ogg", Media.VIDEO: ".mp4", Media.STICKER: ".webp"}


class Carrier:
    """Fetches from the channels that hear something, by their names."""

    def __init__(self, receivers: Mapping[str, Receiver]) -> None:
        self._receivers = receivers

    @asynccontextmanager
    async def carried(self, message: Outgoing) -> AsyncIterator[Outgoing]:
        """The message with files in the place of what another channel received. Raises NotYet and Unparseable."""
        if not any(received_by(each) for each in message.attachments):
            yield message
            return
        with TemporaryDirectory(prefix="huifang-", ignore_cleanup_errors=True) as folder:
            files = [await self._file(each, Path(folder, str(at))) for at, each in enumerate(message.attachments)]
            yield replace(message, attachments=tuple(files))

    async def _file(self, attachment: Attachment, place: Path) -> Attachment:
        channel, ref = received_by(attachment) or ("", "")
        if not channel:
            return attachment
        receiver = self._receivers.get(account_of(channel))
        if receiver is None:
            raise Unparseable(f"the channel {channel} that received it is not running")
        try:
            async with asyncio.timeout(PATIENCE):
                content = await receiver.fetch(replace(attachment, ref=ref))
        except TimeoutError:
            raise NotYet(f"{channel} does not give the file") from None
        name = attachment.name or place.name + (mimetypes.guess_extension(attachment.mime) or _end(attachment))
        await asyncio.to_thread(place.write_bytes, content)
        return replace(attachment, ref=str(place), name=name, size=len(content))


def _end(attachment: Attachment) -> str:
    return _ENDS.get(attachment.media, "")
