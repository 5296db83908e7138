"""Photos over real services: heard, fetched, and kept under their thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from followup.evidence import Evidence
from followup.model import Attachment, Media
from scheduler.clock import SystemClock
from store import schema
from tests.bot.channels.live import Live, until
from tests.bot.channels.test_telegram_send import a_message
from tests.bot.evidence.samples import KEPT, PNG
from tests.peers.telegram import TelegramPeer
from tests.peers.wecom import WecomPeer


def rows(live: Live) -> list[Evidence]:
    """All evidence."""
    return live.rows(Evidence, schema.evidence)


async def ended(live: Live, count: int) -> dict[str, str]:
    """What became of so many files, once all of that is known."""
    await until(lambda: [row.state.value != "wanted" for row in rows(live)] == [True] * count)
    return {row.ref: row.state.value for row in rows(live)}


async def test_a_photo_on_telegram(tmp_path: Path) -> None:
    """What Telegram gives out is on disk as it was; what it has no more is lost, and a person hears."""
    peer = TelegramPeer(tmp_path / "peer", extended=True)
    await peer.start()
    try:
        async with Live(tmp_path / "bot", peer.channel(SystemClock())) as live:
            (tmp_path / "cup.png").write_bytes(PNG)
            given = Attachment(Media.PHOTO, str(tmp_path / "cup.png"))
            await live.receiver.send(a_message(address="501", attachments=(given,)))
            await peer.says("501", "你好")
            await until(lambda: live.said() == 1)
            live.learn("501")
            for ref in ("fixture-photo-1", "nowhere"):
                await peer.deliver(peer.message("501", None, photo=[_size(ref)]))
            assert {"fixture-photo-1": "kept", "nowhere": "lost"} == await ended(live, 2)
            kept = next(row for row in rows(live) if row.state.value == "kept")
            assert PNG == (live.config.evidence.folder / kept.path).read_bytes()
            assert (live.thread().id, "image/png") == (kept.thread, kept.mime)
            assert "evidence_lost" in [task.reason for task in live.tasks()]
    finally:
        await peer.stop()


async def test_files_on_wecom(tmp_path: Path) -> None:
    """A picture is kept, a program that calls itself one is refused, and messages go on meanwhile."""
    peer = WecomPeer(tmp_path / "peer")
    await peer.start()
    try:
        channel: Any = peer.channel(SystemClock())
        async with Live(tmp_path / "bot", channel) as live:
            await until(lambda: live.health() == "up")
            photo = await channel._client.upload("image", "a.jpg", KEPT["jpg"])
            program = await channel._client.upload("file", "b.jpg", b"MZ\x90\0" + bytes(300))
            buyer = peer.buyer(1)
            await peer.says_so(buyer, msgtype="image", image={"media_id": photo})
            await peer.says_so(buyer, msgtype="file", file={"media_id": program})
            await peer.says(buyer, "看到了吗")
            assert {photo: "kept", program: "refused"} == await ended(live, 2)
            await until(lambda: "看到了吗" in live.said_by(buyer))
            assert "evidence_wrong_type" in [task.reason for task in live.tasks()]
    finally:
        await peer.stop()


def _size(ref: str) -> dict[str, Any]:
    return {"file_id": ref, "file_unique_id": ref, "width": 2, "height": 2}
