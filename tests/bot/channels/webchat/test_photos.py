"""Photos: by content, only for whoever has the key, kept with their message, gone with their buyer."""

from __future__ import annotations

import asyncio
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.webchat.photos import MOST_OF_A_CHAT, NotTaken, Photos
from bot.evidence.files import EvidenceFolder
from bot.web_chats import buyers_files
from followup.evidence import Evidence
from followup.model import Attachment, Media
from followup.ports import Unparseable
from scheduler.erasing import erase_buyer
from store import schema
from tests.bot.channels.live import until
from tests.bot.channels.test_contract import a_message
from tests.bot.channels.webchat.served import PNG, ChatShop, a_key, address
from tests.bot.channels.webchat.test_conversation import answered, ours, say
from tests.bot.evidence.samples import KEPT
from tests.scheduler.shop import NOON
from tests.store.test_erasing_webchat import everything_of

ADDRESS = "w-" + "a" * 32
DAY = timedelta(days=1)


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    """An empty folder."""
    return Photos(tmp_path / "webchat" / "chat", 1000)


async def test_a_photo_goes_with_a_message(shop: ChatShop) -> None:
    """It is in every window of the chat, in the evidence, and shown to nobody else."""
    key = a_key()
    window, other = await shop.window(key), await shop.window(key)
    photo = await shop.photo(key)
    said = await window.said("look at this", photos=[photo])
    await other.until(lambda: said in other.messages)
    assert [{"id": photo, "name": "", "mime": "image/png"}] == other.messages[said]["photos"]
    answer = await shop.asked("GET", f"/photo/{photo}", key)
    assert (200, PNG, "image/png") == (answer.status_code, answer.content, answer.headers["content-type"])
    assert ("nosniff", "private, no-store") == (
        answer.headers["x-content-type-options"],
        answer.headers["cache-control"],
    )
    await until(lambda: [each.state.value for each in shop.rows(Evidence, schema.evidence)] == ["kept"])
    reloaded = await shop.window(key)
    assert other.messages[said]["photos"] == reloaded.messages[said]["photos"]


async def test_foreign_and_forged_ids_are_refused(shop: ChatShop) -> None:
    """A photo of another chat is as little there as one that was never uploaded, to see and to send."""
    key, thief = a_key(), a_key()
    photo = await shop.photo(key)
    window = await shop.window(thief)
    for id_ in (photo, "b" + "0" * 31, "..%2f..%2fshop.db", f"{address(key)}%2f{photo}", "x"):
        assert 404 == (await shop.asked("GET", f"/photo/{id_}", thief)).status_code
    assert 401 == (await shop.asked("GET", f"/photo/{photo}")).status_code
    window.says("mine", photos=[photo])
    await window.until(lambda: window.refused != [])
    assert "bad_photo" == window.refused[0]["why"]


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4 x", b"MZ" + bytes(300)]
)
async def test_what_is_no_photo_is_not_taken(shop: ChatShop, content: bytes) -> None:
    """Whatever it calls itself."""
    answer = await shop.asked("POST", "/photo", a_key(), content=content, headers={"content-type": "image/png"})
    assert (415, "bad_photo") == (answer.status_code, answer.json()["why"])
    assert [] == shop.photos()


async def test_a_photo_may_be_larger_than_other_requests(tmp_path: Path) -> None:
    """As large as the account says, and no larger."""
    async with ChatShop(tmp_path / "bot", largest_photo_mb=2) as shop:
        assert await shop.photo(a_key(), PNG + bytes(1_900_000))
        answer = await shop.asked("POST", "/photo", a_key(), content=PNG + bytes(2_100_000))
        assert (413, 1) == (answer.status_code, len(shop.photos()))


async def test_six_photos_a_minute(shop: ChatShop) -> None:
    """The seventh is told to wait; another chat is not."""
    key = a_key()
    for _ in range(6):
        await shop.photo(key)
    answer = await shop.asked("POST", "/photo", key, content=PNG)
    assert (429, "too_many", True) == (answer.status_code, answer.json()["why"], 0 < answer.json()["wait"] <= 60)
    await shop.photo(a_key())


@pytest.mark.parametrize("kind", ["jpg", "png", "gif", "webp", "heic"])
def test_kinds_of_photos(photos: Photos, kind: str) -> None:
    """Each is kept under a name of our own, for nobody else to read, and found again."""
    id_ = photos.take(ADDRESS, KEPT[kind], NOON)
    file = photos.find(ADDRESS, id_)
    assert file is not None
    assert (f"{id_}.{kind}", 0o600) == (file.name, stat.S_IMODE(file.stat().st_mode))
    assert 0o700 == stat.S_IMODE(file.parent.stat().st_mode)
    shown = photos.shown(ADDRESS, id_)
    assert shown is not None
    assert (f"{ADDRESS}/{file.name}", KEPT[kind]) == (shown.ref, photos.read(shown.ref))
    assert None is photos.find("w-" + "b" * 32, id_)


def test_a_chat_keeps_so_many(photos: Photos) -> None:
    """One browser cannot fill the disk."""
    for _ in range(MOST_OF_A_CHAT):
        photos.take(ADDRESS, PNG, NOON)
    with pytest.raises(NotTaken, match="too_many"):
        photos.take(ADDRESS, PNG, NOON)


async def test_a_disk_that_is_nearly_full(shop: ChatShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Photos are not taken for the time being, so that the database can still be written to."""
    monkeypatch.setattr("bot.channels.webchat.photos.LEAST_FREE", 1 << 60)
    answer = await shop.asked("POST", "/photo", a_key(), content=PNG)
    assert (503, {"why": "busy"}, []) == (answer.status_code, answer.json(), shop.photos())


async def test_what_nobody_sent_is_deleted_after_a_day(shop: ChatShop) -> None:
    """By the shop's clock; what belongs to a message stays, also while that is not handled yet."""
    key = a_key()
    window = await shop.window(key)
    kept, unused, fresh = await shop.photo(key), await shop.photo(key), await shop.photo(key)
    await window.said("", photos=[kept])
    await until(lambda: shop.said() == 1)
    account = shop.account
    for id_ in (kept, unused):
        file = account.photos.find(address(key), id_)
        assert file
        _age(file, shop)
    assert 1 == await shop.receiver.tidy()  # type: ignore[attr-defined]
    assert sorted((kept, fresh)) == sorted(file.stem for file in shop.photos())


def _age(file: Path, shop: ChatShop) -> None:
    before = (shop.clock.now() - DAY - DAY).timestamp()
    os.utime(file, (before, before))


async def test_files_of_the_shop(shop: ChatShop, tmp_path: Path) -> None:
    """A photo is shown and a document can be fetched, by this chat alone, also when the file itself is gone; a repeat
    takes the same place."""
    key = a_key()
    window = await shop.window(key)
    await answered(window)
    (tmp_path / "label.pdf").write_bytes(KEPT["pdf"])
    (tmp_path / "cup.png").write_bytes(PNG)
    files = (
        Attachment(Media.PHOTO, str(tmp_path / "cup.png"), mime="image/png"),
        Attachment(Media.FILE, str(tmp_path / "label.pdf"), "label.pdf", "application/pdf"),
        Attachment(Media.FILE, "https://shop.example/help", "Help"),
    )
    message = ours(shop, window, 1, attachments=files)
    await say(shop, message)
    await window.until(lambda: any(each.get("photos") for each in window.messages.values()))
    shown = next(each for each in window.messages.values() if each.get("photos"))
    assert ["image/png", "application/pdf"] == [each["mime"] for each in shown["photos"]]
    assert "word 1\nHelp\nhttps://shop.example/help" == shown["text"]
    (tmp_path / "cup.png").unlink()
    (tmp_path / "label.pdf").unlink()
    photo, label = (each["id"] for each in shown["photos"])
    assert PNG == (await shop.asked("GET", f"/photo/{photo}", key)).content
    answer = await shop.asked("GET", f"/photo/{label}", key)
    assert KEPT["pdf"] == answer.content
    assert answer.headers["content-disposition"].startswith("attachment")
    assert 404 == (await shop.asked("GET", f"/photo/{photo}", a_key())).status_code
    assert shown["photos"] == (await shop.window(key)).messages[shown["id"]]["photos"]
    assert 2 == len(shop.photos())


async def test_a_file_that_cannot_be_read(shop: ChatShop) -> None:
    """Is refused, so that a person hears of it."""
    result = await shop.receiver.send(
        a_message(address=ADDRESS, channel="chat", attachments=(Attachment(Media.PHOTO, "/nowhere/1.jpg"),))
    )
    assert ("refused", "content") == (result.outcome.value, result.refusal.value)


async def test_a_photo_that_is_gone_cannot_be_fetched(shop: ChatShop) -> None:
    """And never will be."""
    for ref in (f"{ADDRESS}/b{'0' * 31}.png", "../../../etc/passwd", ""):
        with pytest.raises(Unparseable):
            await shop.receiver.fetch(Attachment(Media.PHOTO, ref))


async def test_erasing_a_buyer_deletes_his_photos(shop: ChatShop) -> None:
    """Nothing of the chat is left, on disk or in the database; his old window finds an empty conversation, and what
    others showed stays."""
    key, other = a_key(), a_key()
    window, hers = await shop.window(key), await shop.window(other)
    await window.said("my leaking cup", photos=[await shop.photo(key)])
    await shop.photo(key)
    await hers.said("mine is fine", photos=[await shop.photo(other)])
    await until(lambda: shop.said() == 2)
    await until(lambda: all(row.state.value == "sent" for row in shop.outgoing()))
    await until(lambda: [e.state.value for e in shop.rows(Evidence, schema.evidence)] == ["kept"] * 2)
    chat = shop.chat(window.address)
    assert chat
    await window.close()
    await shop.stop()
    shop.wire()
    evidence = EvidenceFolder(shop.config.evidence.folder, 10**6, 10)
    files = buyers_files(shop.config, evidence)
    now = shop.clock.now()
    await asyncio.to_thread(erase_buyer, "tea", chat.buyer, "chen", shop.app.store, shop.app.deps, now, files)
    assert {address(other)} == {file.parent.name for file in shop.photos()}
    assert [] == everything_of(shop.app.store, window.address)
    assert [] == everything_of(shop.app.store, "leaking")
    shop.app.close()
    await shop.start()
    old = await shop.window(key)
    assert {} == old.messages
    assert chat.address == old.address
