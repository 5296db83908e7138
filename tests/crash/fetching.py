"""The program that gets killed while it fetches: every file takes a moment, and each is told to the parent."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.evidence.files import EvidenceFolder
from followup.model import Attachment
from scheduler.clock import FakeClock
from scheduler.evidence import Fetching
from store.store import SqlStore
from tests.crash.shop import NOW, a_deps
from tests.scheduler.receivers import FakeReceiver

SIZE = 200_000
LARGEST, MOST = 1_000_000, 1000


def content_of(ref: str) -> bytes:
    """A photo of its own for every file."""
    return b"\xff\xd8\xff\xe0\0\x10JFIF\0" + ref.encode() * (SIZE // len(ref))


class Told(FakeReceiver):
    """Tells of each file that is asked for."""

    async def fetch(self, attachment: Attachment) -> bytes:
        os.write(1, b"asked\n")
        return content_of(attachment.ref)


async def main(url: str, folder: str) -> None:
    """Fetch all that waits, unless killed."""
    store, clock = SqlStore(url), FakeClock(NOW)
    files = EvidenceFolder(Path(folder), LARGEST, MOST)
    os.write(1, b"started\n")
    files.sweep(datetime.now(UTC))
    await Fetching([Told(clock)], files, store, a_deps(), clock).fetch_all()
    store.close()
    os.write(1, b"done\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
