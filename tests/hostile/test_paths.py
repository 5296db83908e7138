"""No name that somebody else chose leads anywhere but where its file belongs."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

import httpx
import pytest

from bot.backup.archive import inside, opened
from bot.backup.manifest import NoBackup, unpacked
from bot.channels.webchat.photos import Photos
from bot.console.simulating import Files
from bot.evidence.files import EvidenceFolder, safe
from bot.watch import Watch
from tests.bot.channels.webchat.served import PNG, a_key
from tests.bot.tea import NOON, an_order, write_jsonl
from tests.hostile.door import Door

NAMES = (
    *(
        "../x",
        "../../etc/passwd",
        "/etc/passwd",
        "a/../../x",
        "..",
        ".",
        "",
        "a/b",
        "a\\..\\b",
        "C:\\x",
        "CON",
        "nul.txt",
    ),
    *("x" * 5000, "a\0b", "\n", "~/x", "$HOME", "%2e%2e%2fx", "..%c0%af", "file:///x", "-rf", ".hidden", "é/../x"),
)
LEADS_OUT = tuple(name for name in NAMES if ".." in name.replace("\\", "/").split("/") or name.startswith("/"))


@pytest.mark.parametrize("name", NAMES)
def test_evidence_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    """Whatever shop, thread or id somebody makes up, the file lies below the folder, under letters of ours."""
    folder = EvidenceFolder(tmp_path / "evidence", 1000, 10)
    for of in (name, f"tea/{name}"):
        path = tmp_path / "evidence" / safe("tea") / safe(of)
        assert path.resolve().is_relative_to((tmp_path / "evidence").resolve())
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,80}", safe(of)), safe(of)
    try:
        found = folder.at(name)
    except ValueError:
        return
    assert found.is_relative_to((tmp_path / "evidence").resolve())


@pytest.mark.parametrize("name", NAMES)
def test_no_photo_is_found_by_a_path(tmp_path: Path, name: str) -> None:
    """A chat's photos are found by ids alone, and by nothing else."""
    photos = Photos(tmp_path / "photos", 1000)
    address = "w-" + "0" * 32
    (tmp_path / "photos" / address).mkdir(parents=True)
    (tmp_path / "photos" / address / "secret.txt").write_text("x")
    assert photos.find(address, name) is None
    assert photos.find(name, "b" + "0" * 31) is None
    with pytest.raises((FileNotFoundError, ValueError)):
        photos.read(f"{address}/{name}")


@pytest.mark.parametrize("name", [name for name in NAMES if "\0" not in name and "\n" not in name])
async def test_no_route_gives_out_another_file(door: Door, name: str) -> None:
    """Of the web chat and the console: what is asked for is a file of theirs, or nothing."""
    (door.app.config.evidence.folder / "kept.txt").write_text("kept")
    async with httpx.AsyncClient(base_url=door.url, timeout=30) as client:
        headers = {"authorization": f"Bearer {a_key()}"}
        put = await client.post("/chat/photo", content=PNG, headers=headers)
        assert 200 == put.status_code
        for path in (f"/chat/photo/{name}", f"/chat/chat/photo/{name}", f"/console/_nicegui/3.18.0/{name}"):
            try:
                answer = await client.get(path, headers=headers)
            except (httpx.InvalidURL, httpx.RemoteProtocolError):
                continue
            if answer.url.path in ("/chat/", "/chat", "/chat/chat", "/chat/chat/"):
                continue  # the page itself: no browser sends ".." as it is
            assert answer.status_code in (303, 307, 401, 403, 404, 405, 414, 431, 400), (path[:60], answer.status_code)
            assert "root:" not in answer.text


@pytest.mark.parametrize("shown", NAMES)
async def test_an_upload_has_a_name_of_ours(shown: str) -> None:
    """What somebody calls his file is shown, and is no part of where it lies."""
    files = Files()
    path = await files.next(shown, 10)
    try:
        assert "upload-1" == path.name
        assert files.shown[0].isprintable()
        assert len(files.shown[0]) <= 80
    finally:
        files.clear()


async def test_no_link_is_imported(door: Door, tmp_path: Path) -> None:
    """A link in the folder of orders leads to a file that whoever put it there may not be able to read himself."""
    folder = door.app.config.orders.folder / "tea"
    folder.mkdir(parents=True)
    outside = write_jsonl(tmp_path / "outside.jsonl", [an_order(1)])
    os.utime(outside, (NOON.timestamp() - 60, NOON.timestamp() - 60))
    (folder / "orders.jsonl").symlink_to(outside)
    os.mkfifo(folder / "pipe.csv")
    for _ in range(3):
        await Watch(door.app.config, door.store, door.app.deps, door.clock).look()
    with door.store.engine.connect() as connection:
        assert 0 == connection.exec_driver_sql("SELECT count(*) FROM orders").scalar_one()
    assert outside.exists()


@pytest.mark.parametrize("name", LEADS_OUT)
def test_no_backup_is_unpacked_elsewhere(tmp_path: Path, name: str) -> None:
    """A name in a backup that leads out of the folder makes it no backup."""
    with pytest.raises(NoBackup):
        inside(tmp_path, name)


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"format":1}', b'{"format":1,"rows":[],"files":3}']
)
def test_a_manifest_of_no_sense_is_no_backup(tmp_path: Path, text: bytes) -> None:
    """Nor is an archive that holds none, or is none."""
    with pytest.raises(NoBackup):
        unpacked(text)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("manifest.json", text)
    for path in (tmp_path / "a.zip", tmp_path / "b.zip"):
        path.touch()
        with pytest.raises(NoBackup), opened(path):
            pass


def test_every_piece_of_evidence_has_a_place_of_its_own() -> None:
    """Two of names that become the same letters do not share one."""
    assert len({safe(name) for name in NAMES}) == len(NAMES)
