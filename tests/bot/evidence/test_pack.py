"""Packs: everything is in them, escaped, sealed, and the same for the same matter."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile
from zoneinfo import ZoneInfo

import pytest

from bot.evidence.files import EvidenceFolder
from bot.evidence.pack import InTheWay, Packed, pack
from bot.evidence.verify import verify
from handlers.evidence import sealed
from store import schema
from store.store import SqlStore
from store.wanted import Wanted
from tests.bot.evidence.matter import MINUTE, NOON, THREAD, a_folder, fill, read
from tests.bot.evidence.samples import PNG

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def store(sqlite_url: str) -> Iterator[SqlStore]:
    """A database with one matter."""
    store = SqlStore(sqlite_url)
    schema.metadata.create_all(store.engine)
    yield store
    store.close()


@pytest.fixture
def folder(store: SqlStore, tmp_path: Path) -> EvidenceFolder:
    """Its folder of evidence."""
    folder = a_folder(tmp_path / "evidence")
    fill(store, folder)
    return folder


def packed(store: SqlStore, folder: EvidenceFolder, path: Path, lang: str = "zh-CN") -> Packed:
    return pack(read(store), folder, path, SHANGHAI, lang)


def parts(path: Path) -> dict[str, bytes]:
    """All parts of a pack."""
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_everything_is_in_it(store: SqlStore, folder: EvidenceFolder, tmp_path: Path) -> None:
    """Words in and out with both times, notes, tasks, compensations, promises, the files, and what is not there."""
    found = parts(packed(store, folder, tmp_path / "p.zip").path)
    (photo,) = [name for name in found if name.startswith("files/")]
    assert {"transcript.html", "transcript.txt", "matter.json", "manifest.json", photo} == set(found)
    assert PNG == found[photo]
    text = found["transcript.txt"].decode()
    for told in (
        "2026-03-02 12:01:00 (2026-03-02 04:01:00Z)  买家  <script>alert('x')</script>",
        "2026-03-02 12:02:00 (2026-03-02 04:02:00Z)  店铺  收到您的退款申请",
        "没有送到",
        "小美：记录： 已联系仓库",
        "红包，¥2.00，因为瑕疵：已同意，小美 提出，主管 答复",
        "小美 答应 2026-03-03 12:00:00 前给消息：还没到时间",
        "退款拖太久",
        f"[照片 {photo}]",
        "[照片：不是接收的类型，没有保存]",
        "[照片：还没有取回]",
        sha256(PNG).hexdigest(),
        "退款 R1：¥89.00，已申请",
        "包裹 SF1（顺丰）：已签收",
    ):
        assert told in text, told
    assert "long before" not in text


def test_nothing_that_was_said_runs_or_is_fetched(store: SqlStore, folder: EvidenceFolder, tmp_path: Path) -> None:
    """The page holds no scripts, no handlers, no address but those of the files beside it."""
    page = parts(packed(store, folder, tmp_path / "p.zip").path)["transcript.html"].decode()
    seen = _Tags()
    seen.feed(page)
    assert set() == seen.tags & {"script", "iframe", "object", "b"}
    assert set() == {name for name in seen.attributes if name.startswith("on")}
    assert {"data:,"} == {link for link in seen.links if not link.startswith("files/")}
    assert "&lt;script&gt;alert(" in page


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_programs_read_the_same(store: SqlStore, folder: EvidenceFolder, tmp_path: Path, lang: str) -> None:
    """As JSON, without codes and the digits that prove an order."""
    found = parts(packed(store, folder, tmp_path / "p.zip", lang).path)
    data = json.loads(found["matter.json"])
    assert ("1001", "89.00") == (data["order"], data["facts"]["order"]["total"]["amount"])
    assert [["old"], ["m1", "m2"]][1] == [each["external_id"] for each in data["heard"]]
    assert ["intact"] * 3 == [each["on_disk"] for each in data["evidence"]]
    everything = b"".join(found.values())
    assert b"secret-code" not in everything
    assert b"4321" not in everything


def test_the_same_matter_makes_the_same_bytes(store: SqlStore, folder: EvidenceFolder, tmp_path: Path) -> None:
    """Also after it was sealed; a new word makes another pack."""
    first = packed(store, folder, tmp_path / "1.zip")
    store.run(lambda tx: sealed([THREAD], first.digest, "小美", tx, NOON), Wanted(threads=(THREAD,)))
    again = packed(store, folder, tmp_path / "2.zip")
    assert first.path.read_bytes() == again.path.read_bytes()
    assert first.digest == again.digest == sha256(again.path.read_bytes()).hexdigest()
    with store.engine.begin() as connection:
        connection.execute(schema.notes.insert().values(thread=THREAD, at=1, who="小美", text="note 又来电"))
    assert first.digest != packed(store, folder, tmp_path / "3.zip").digest


def test_a_pack_is_plain_and_nobody_elses(store: SqlStore, folder: EvidenceFolder, tmp_path: Path) -> None:
    """Stored, not compressed, without times; readable by its owner alone; no half of it stays about."""
    path = packed(store, folder, tmp_path / "p.zip").path
    with ZipFile(path) as archive:
        assert {(ZIP_STORED, (1980, 1, 1, 0, 0, 0))} == {
            (each.compress_type, each.date_time) for each in archive.infolist()
        }
    if os.name == "posix":
        assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert ["evidence", "p.zip"] == sorted(each.name for each in tmp_path.iterdir() if ".db" not in each.name)


def test_another_pack_is_never_overwritten(store: SqlStore, folder: EvidenceFolder, tmp_path: Path) -> None:
    """One with the same contents is left as it is."""
    path = tmp_path / "p.zip"
    assert packed(store, folder, path).is_new
    assert not packed(store, folder, path).is_new
    path.write_bytes(b"an earlier one")
    with pytest.raises(InTheWay):
        packed(store, folder, path)
    assert b"an earlier one" == path.read_bytes()


def test_a_file_that_was_touched_is_told(store: SqlStore, folder: EvidenceFolder, tmp_path: Path) -> None:
    """Altered: it is in the pack, with a word about it; gone: the word alone. The pack itself is intact."""
    (row,) = [each for each in read(store).evidence if each.path]
    folder.at(row.path).write_bytes(PNG + b"!")
    altered = packed(store, folder, tmp_path / "1.zip")
    assert "文件已不是当初保存的内容" in parts(altered.path)["transcript.txt"].decode()
    folder.at(row.path).unlink()
    gone = packed(store, folder, tmp_path / "2.zip")
    assert "文件已不在" in parts(gone.path)["transcript.txt"].decode()
    assert ["altered", "missing"] == [next(f.state for f in each.files if f.evidence.path) for each in (altered, gone)]
    assert verify(altered.path).intact
    assert verify(gone.path).intact


def test_a_closed_matter_ends_a_day_after_it_closed(store: SqlStore, folder: EvidenceFolder) -> None:
    """What the buyer writes next month is no part of it."""
    late = NOON + 40 * 24 * 60 * MINUTE
    micros = int(late.timestamp() * 1_000_000)
    with store.engine.begin() as connection:
        connection.execute(schema.inbox.update().where(schema.inbox.c.external_id == "m2").values(at=micros))
        assert ["m1", "m2"] == [each.external_id for each in read(store).heard]
        closed = {"state": "closed", "closed_at": int(NOON.timestamp() * 1_000_000)}
        connection.execute(schema.threads.update().values(closed))
    assert ["m1"] == [each.external_id for each in read(store).heard]
