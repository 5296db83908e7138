"""A backup that is a bomb is none: nothing of it becomes larger than it says, and nothing of it stays on the disk."""

from __future__ import annotations

import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from bot.backup import archive
from bot.backup.archive import opened, unpack
from bot.backup.forgotten import FILE, read
from bot.backup.manifest import DATABASE, NAME, Manifest, NoBackup, Part
from tests.bot.tea import NOON
from tests.hostile.bombs import lying

PART, BOMB = DATABASE, b"\0" * 20_000_000


def backup(path: Path, content: bytes, said: int, padding: int = 0) -> Path:
    """A backup of one file of which its manifest says that it has so many bytes."""
    part = Part(said, sha256(content[:said]).hexdigest())
    manifest = Manifest(NOON, "1", "0006", "sqlite", {}, {PART: part})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(PART, content)
        packed.writestr(NAME, manifest.packed() + b" " * padding)
    return path


def test_a_backup_is_what_it_says(tmp_path: Path) -> None:
    """Else nothing below would mean anything."""
    with opened(backup(tmp_path / "a.zip", b"photo", 5)) as (packed, manifest):
        unpack(packed, manifest, PART, tmp_path / "out/a.jpg")
    assert b"photo" == (tmp_path / "out/a.jpg").read_bytes()


def test_a_manifest_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the one thing that is read as a whole."""
    monkeypatch.setattr(archive, "MANIFEST_MOST", 1_000_000)
    with pytest.raises(NoBackup, match="manifest"), opened(backup(tmp_path / "a.zip", b"photo", 5, 2_000_000)):
        pass


def test_a_file_that_is_larger_than_it_says_is_not_unpacked(tmp_path: Path) -> None:
    """The archive tells so before a byte of it is read."""
    with pytest.raises(NoBackup, match="not what was packed"), opened(backup(tmp_path / "a.zip", BOMB, 10)):
        pass


def test_an_archive_that_lies_about_it_fills_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is written than it says, and that is taken away again."""
    written: list[int] = []
    part_of = archive._part_of

    def watched(*files: object) -> Part:
        part = part_of(*files)  # type: ignore[arg-type]
        written.append(part.size)
        return part

    monkeypatch.setattr(archive, "_part_of", watched)
    path = lying(backup(tmp_path / "a.zip", BOMB, 10), PART, 10)
    with pytest.raises(NoBackup, match=r"damaged|not what was packed"), opened(path) as (packed, manifest):
        unpack(packed, manifest, PART, tmp_path / "out/a.jpg")
    assert [] == list((tmp_path / "out").iterdir())
    assert all(size <= 10 for size in written)


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"key":"","forgotten":[1]}'])
def test_a_list_of_the_forgotten_that_is_none_stops_a_restore(tmp_path: Path, text: bytes) -> None:
    """Nobody who was forgotten comes back because the list cannot be read."""
    (tmp_path / FILE).write_bytes(text)
    with pytest.raises((ValueError, OSError)):
        read(tmp_path)
