"""Verifying: whatever was done to a pack is named, and no archive does harm."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.pack import FORMAT, MANIFEST
from bot.evidence.verify import NotAPack, verify

PARTS = {"transcript.txt": b"what was said", "files/001-a.png": b"\x89PNG" * 50}


def manifest(parts: dict[str, bytes]) -> bytes:
    sealed = {name: {"sha256": sha256(each).hexdigest(), "bytes": len(each)} for name, each in parts.items()}
    return json.dumps({"format": FORMAT, "shop": "tea", "order": "1001", "threads": [], "parts": sealed}).encode()


def zipped(parts: dict[str, bytes], compression: int = 0) -> bytes:
    into = io.BytesIO()
    with ZipFile(into, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return into.getvalue()


@pytest.fixture
def at(tmp_path: Path) -> Callable[[bytes], Path]:
    """Puts bytes into a file."""

    def put(content: bytes) -> Path:
        path = tmp_path / "p.zip"
        path.write_bytes(content)
        return path

    return put


def test_what_was_not_touched_is_intact(at: Callable[[bytes], Path]) -> None:
    """Packed again by another program too: what counts are the parts."""
    for compression in (0, ZIP_DEFLATED):
        content = zipped({**PARTS, MANIFEST: manifest(PARTS)}, compression)
        checked = verify(at(content))
        assert (True, 2, "1001") == (checked.intact, checked.parts, checked.order)
        assert sha256(content).hexdigest() == checked.digest


def test_what_was_done_is_named(at: Callable[[bytes], Path]) -> None:
    """Altered with and without its length, missing, added, all at once."""
    sealed = {**PARTS, "b.txt": b"1234", "c.txt": b"gone"}
    touched = {**PARTS, "transcript.txt": b"what was sAid", "b.txt": b"12345", "files/more.png": b"new"}
    checked = verify(at(zipped({**touched, MANIFEST: manifest(sealed)})))
    assert ("transcript.txt", "b.txt") == checked.altered
    assert (("c.txt",), ("files/more.png",)) == (checked.missing, checked.added)
    assert not checked.intact


def test_a_part_whose_bytes_were_changed_in_place(at: Callable[[bytes], Path]) -> None:
    """Without mending the archive's own checksum."""
    content = zipped({**PARTS, MANIFEST: manifest(PARTS)}).replace(b"what was said", b"what was kept")
    assert ("transcript.txt",) == verify(at(content)).altered


GOOD = zipped({**PARTS, MANIFEST: manifest(PARTS)})
PRESSED = zipped({**PARTS, MANIFEST: manifest(PARTS)}, ZIP_DEFLATED)
FLIPS = st.sampled_from((GOOD, PRESSED)).flatmap(
    lambda good: st.tuples(st.just(good), st.integers(0, len(good) - 1), st.integers(1, 255))
)


@given(FLIPS)
def test_no_changed_byte_passes_for_the_same(
    tmp_path_factory: pytest.TempPathFactory, flip: tuple[bytes, int, int]
) -> None:
    """Any one byte: named, refused, or in the archive's own bookkeeping; the pack's digest differs in any case."""
    good, at, by = flip
    content = bytearray(good)
    content[at] ^= by
    path = tmp_path_factory.getbasetemp() / "one-byte.zip"
    path.write_bytes(content)
    try:
        checked = verify(path)
    except NotAPack:
        return
    assert sha256(good).hexdigest() != checked.digest


def bomb() -> bytes:
    """A hundred megabytes of nothing in a hundred kilobytes."""
    return zipped({"transcript.txt": bytes(100_000_000), MANIFEST: manifest({})}, ZIP_DEFLATED)


def overlapping() -> bytes:
    """Entries that share the same bytes, as in a bomb that does not need to nest."""
    size = 10_000_000
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(bytes(size)) + packer.flush()
    figures = (0, 8, 0, 0, zlib.crc32(bytes(size)), len(data), size)
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, *figures, 1, 0)
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, *figures, 4, 0, 0, 0, 0, 0, 0)
    central = b"".join(entry + f"{number:04}".encode() for number in range(1000))
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1000, 1000, len(central), len(local) + 1 + len(data), 0)
    return local + b"a" + data + central + end


def twice() -> bytes:
    """Two entries of one name: which of them counts depends on who reads it."""
    return zipped({MANIFEST: manifest({}), "nanifest.json": b"{}"}).replace(b"nanifest.json", MANIFEST.encode())


ODD: dict[str, tuple[Callable[[], bytes], str]] = {
    "a photo": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "zip archive"),
    "nothing": (lambda: b"", "zip archive"),
    "cut off": (lambda: GOOD[: len(GOOD) // 2], "zip archive"),
    "no manifest": (lambda: zipped(PARTS), "no manifest.json"),
    "a manifest of something else": (lambda: zipped({MANIFEST: b'{"name": "app", "parts": {}}'}), "of this kind"),
    "a manifest that is no JSON": (lambda: zipped({MANIFEST: b"\xff{"}), "cannot be read"),
    "a manifest of odd parts": (lambda: zipped({MANIFEST: b'{"parts": {"a": 1}}'}), "cannot be read"),
    "a list for a manifest": (lambda: zipped({MANIFEST: b"[]"}), "cannot be read"),
    "a bomb": (bomb, "swell"),
    "an overlapping bomb": (overlapping, "swell"),
    "the same name twice": (twice, "several entries"),
    "far too many entries": (lambda: zipped({str(n): b"" for n in range(20_001)}), "entries"),
}


@pytest.mark.parametrize("what", ODD)
def test_what_is_no_pack_is_refused(what: str, at: Callable[[bytes], Path]) -> None:
    """With one sentence that says why, at once, and nothing is unpacked."""
    make, why = ODD[what]
    path = at(make())
    with pytest.raises(NotAPack, match=why):
        verify(path)
    assert [path] == list(path.parent.iterdir())


def test_names_that_lead_elsewhere_are_only_names(at: Callable[[bytes], Path]) -> None:
    """Nothing is ever written; they are shown as added."""
    hostile = "../../etc/cron.d/x"
    checked = verify(at(zipped({**PARTS, hostile: b"* * * * *", MANIFEST: manifest(PARTS)})))
    assert (hostile,) == checked.added
