"""The folder in which evidence stands."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.files import EvidenceFolder, place_of, safe
from followup.evidence import Evidence, EvidenceState, NotKept, Why
from followup.model import Media
from tests.bot.evidence.samples import KEPT, PNG

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PHOTO = Evidence("s/fake/m1/0", "s/1001/after_sales", "s", "s/fake/lin", "fake", "m1", NOON, Media.PHOTO, "F1")
HOSTILE = st.text(min_size=1) | st.sampled_from(
    [
        "../../etc/passwd",
        "..",
        ".",
        "/etc/passwd",
        "a/../../b",
        "C:\\x",
        "\0",
        "~",
        "CON",
        "%2e%2e/",
        "a\n",
        "\u202egnp",
    ]
)


@pytest.fixture
def folder(tmp_path: Path) -> EvidenceFolder:
    """A folder that takes files of up to a thousand bytes."""
    return EvidenceFolder(tmp_path / "evidence", largest=1000, most=3)


def test_a_photo_is_kept_under_its_thread(folder: EvidenceFolder) -> None:
    """Under a name of ours, with the digest of its bytes; the same again takes the same place."""
    stored = folder.keep(replace(PHOTO, name="IMG.EXE"), PNG)
    assert stored == folder.keep(PHOTO, PNG)
    shop, thread, name = Path(stored.path).parts
    assert ("s", True) == (shop, thread.startswith("1001_after_sales-"))
    assert (True, True) == (name.startswith("20260302-040000-"), name.endswith(".png"))
    assert (sha256(PNG).hexdigest(), len(PNG), "image/png") == (stored.sha256, stored.size, stored.mime)
    assert PNG == folder.at(stored.path).read_bytes()
    assert [name] == [path.name for path in folder.root.rglob("*") if path.is_file()]


@pytest.mark.skipif(os.name != "posix", reason="rights of files as POSIX has them")
def test_nobody_else_reads_it(folder: EvidenceFolder) -> None:
    """Files are 0600, folders 0700."""
    folder.keep(PHOTO, PNG)
    rights = {stat.S_IMODE(path.stat().st_mode) for path in folder.root.rglob("*") if path.is_dir()}
    assert {0o700} == rights
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in folder.root.rglob("*") if path.is_file()}


def test_what_is_too_large_or_of_a_wrong_type_is_not_kept(folder: EvidenceFolder) -> None:
    """Nothing of it stays on disk."""
    for content, why in ((KEPT["txt"] * 100, Why.TOO_LARGE), (b"MZ\x90\0", Why.WRONG_TYPE)):
        with pytest.raises(NotKept) as told:
            folder.keep(PHOTO, content)
        assert why is told.value.why
    assert [] == list(folder.root.rglob("*"))


@given(shop=HOSTILE, thread=HOSTILE | st.just(""), chat=HOSTILE, id_=HOSTILE)
def test_no_name_leads_out_of_the_folder(shop: str, thread: str, chat: str, id_: str) -> None:
    """Whatever shops, orders, chats and messages are called, each part of the path is one plain name."""
    path = place_of(replace(PHOTO, shop=shop, thread=thread, chat=chat, id=id_), "jpg")
    assert 3 == len(path.parts)
    for part in path.parts:
        assert part.replace(".jpg", "").replace("-", "").replace("_", "").isalnum()
        assert part.isascii()


@given(HOSTILE, HOSTILE)
def test_no_two_share_a_folder(one: str, other: str) -> None:
    """What is called differently stands apart, though its odd signs are left out."""
    assert (one == other) == (safe(one) == safe(other))


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "s/../../x", ""])
def test_a_path_out_of_the_folder_is_not_followed(folder: EvidenceFolder, path: str) -> None:
    """Even if the database should say so."""
    with pytest.raises(ValueError, match="not in the folder"):
        folder.at(path)


def test_what_became_of_a_file_is_seen(folder: EvidenceFolder) -> None:
    """Intact, altered, or gone."""
    stored = folder.keep(PHOTO, PNG)
    kept = replace(PHOTO, state=EvidenceState.KEPT, path=stored.path, sha256=stored.sha256)
    assert "intact" == folder.state_of(kept)
    folder.at(stored.path).write_bytes(PNG + b"x")
    assert "altered" == folder.state_of(kept)
    folder.drop(stored)
    assert "missing" == folder.state_of(kept)


def test_what_a_crash_left_half_written_is_swept(folder: EvidenceFolder) -> None:
    """After an hour, for somebody may be at it just now; what is whole stays."""
    stored = folder.keep(PHOTO, PNG)
    (folder.at(stored.path).parent / ".partial-abc").write_bytes(b"half")
    now = datetime.now(UTC)
    assert 0 == folder.sweep(now)
    assert 1 == folder.sweep(now + timedelta(hours=2))
    assert "intact" == folder.state_of(replace(PHOTO, path=stored.path, sha256=stored.sha256))


def test_a_disk_that_fails_leaves_nothing(folder: EvidenceFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written is told, and no half of it stays."""

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        folder.keep(PHOTO, PNG)
    assert [] == [path for path in folder.root.rglob("*") if path.is_file()]


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_link_out_of_the_folder_is_not_followed(folder: EvidenceFolder, tmp_path: Path) -> None:
    """Whoever puts one in the place of a file gets nothing else packed: the file counts as missing."""
    stored = folder.keep(PHOTO, PNG)
    secret = tmp_path / "secret"
    secret.write_bytes(PNG)
    place = folder.root / stored.path
    place.unlink()
    place.symlink_to(secret)
    assert "missing" == folder.state_of(replace(PHOTO, path=stored.path, sha256=stored.sha256))
