"""A restore is done whole or not at all, and a backup that somebody else made can do no harm."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url
from typer.testing import CliRunner

from bot.backup import archive, forgotten
from bot.backup.manifest import DATABASE, NAME, NoBackup
from bot.cli import app
from followup.model import Cursor
from store import backup
from store.engine import DatabaseError
from store.store import SqlStore

ROOT = Path(__file__).parents[3]
TABLE = {"format": 1, "made_at": "2026-03-02T04:00:00+00:00", "program": "1", "version": "0006", "kind": "sqlite"}
FILES = {DATABASE: b"no database at all" * 50, "scripts.json": b"{}"}


def packed(path: Path, of: Mapping[str, bytes] = FILES, how: int = ZIP_DEFLATED, **table: Any) -> Path:
    """A backup as somebody else may have made it, with whatever manifest."""
    parts = {name: {"size": len(held), "sha256": sha256(held).hexdigest()} for name, held in of.items()}
    with ZipFile(path, "w", how) as into:
        for name, held in of.items():
            into.writestr(name, held)
        into.writestr(NAME, orjson.dumps({**TABLE, "rows": {}, "files": parts, **table}))
    return path


def read_all(path: Path) -> dict[str, bytes]:
    """Everything that a backup holds, proven."""
    with archive.opened(path) as (found, manifest):
        for name in manifest.files:
            archive.prove(found, manifest, name)
        return {name: found.read(name) for name in manifest.files}


@pytest.fixture
def shop(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop's folder with a backup b.zip, since which everything has changed; its last writes stand in the journal."""
    home = tmp_path / "home"
    (home / "var").mkdir(parents=True)
    shutil.move(make_url(sqlite_url).database or "", home / "var/huifang.db")
    monkeypatch.chdir(home)
    _write("backup")
    made = CliRunner().invoke(app, ["backup"]).output.partition(": ")[0]
    shutil.move(made, tmp_path / "b.zip")
    _write("now")
    return home


def _write(value: str) -> None:
    Path("scripts.json").write_text(json.dumps({}) + " " * len(value), "utf-8")
    store = SqlStore("sqlite:///var/huifang.db")
    store.run(lambda tx: tx.save(Cursor("tg", value)))
    store.close()


class TestWhole:
    @pytest.mark.skipif(not hasattr(os, "fork"), reason="kills itself in a fork")
    def test_killed_at_any_step(self, shop: Path, tmp_path: Path) -> None:
        """The database is the old one with all it held, journal and all, or the backup with its gap; said once more,
        the restore gets through."""
        store = SqlStore("sqlite:///var/huifang.db")
        store.run(lambda tx: tx.save(Cursor("tg", "in the journal")))
        shutil.copytree(shop, tmp_path / "left")
        store.close()
        command = [sys.executable, "-m", "tests.bot.backup.killed", str(tmp_path / "left"), str(tmp_path / "b.zip")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
        assert (0, "") == (done.returncode, done.stderr[-3000:])
        steps = [json.loads(line) for line in done.stdout.splitlines()]
        assert {"in the journal, 0 restores", "backup, 1 restores"} == {step["holds"] for step in steps}
        assert [False] == [step["killed"] for step in steps if not step["killed"]]

    def test_what_fails_at_the_end_puts_everything_back(self, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Words of the shop too."""

        def refused(*_: object) -> str:
            raise DatabaseError("database: no")

        monkeypatch.setattr(backup, "put_in_place", refused)
        before = contents(shop)
        found = CliRunner().invoke(app, ["restore", "../b.zip"])
        assert (2, "; the database is as it was" in found.output) == (found.exit_code, True)
        assert before == contents(shop)

    def test_who_still_reads_the_old_file_is_not_robbed_of_it(self, shop: Path) -> None:
        """Another program is at the database: one sentence, and nothing is changed."""
        with closing(sqlite3.connect("var/huifang.db", timeout=0)) as other:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM orders").fetchall()
            before = contents(shop)
            with pytest.raises(DatabaseError, match="is locked by another program"):
                backup._settle(Path("var/huifang.db"), patience=0)
            assert before == contents(shop)


class TestStrangers:
    @settings(max_examples=150, deadline=None)
    @given(at=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=3))
    def test_whatever_bytes(self, tmp_path_factory: pytest.TempPathFactory, at: list[tuple[float, int]]) -> None:
        """It is refused as no backup, or gives what was packed."""
        path = packed(tmp_path_factory.mktemp("b") / "b.zip")
        held = bytearray(path.read_bytes())
        for where, byte in at:
            held[int(where * len(held))] = byte
        path.write_bytes(held)
        try:
            found = read_all(path)
        except NoBackup:
            return
        assert found[DATABASE] == FILES[DATABASE]

    @pytest.mark.parametrize(
        "make",
        [
            lambda path: packed(path, how=ZIP_BZIP2),
            lambda path: packed(path, version=6),
            lambda path: packed(path, made_at="2026-03-02T04:00:00"),
            lambda path: packed(path, made_at="soon"),
            lambda path: packed(path, rows=[]),
            lambda path: packed(path, files={"scripts.json": {"size": 2, "sha256": sha256(b"{}").hexdigest()}}),
            lambda path: packed(path, files={DATABASE: {"size": 10**15, "sha256": "0"}}),
            lambda path: packed(path, {**FILES, "evidence/a\0b": b""}),
            lambda path: packed(path, {**FILES, "evidence/../../a": b""}),
            packed,
        ],
    )
    def test_no_manifest_is_believed(self, shop: Path, make: Callable[[Path], Path]) -> None:
        """Other packing, other types, no zone, no database, other sizes, names that lead elsewhere, no database in it:
        one sentence each, and nothing is changed."""
        make(Path("../strange.zip"))
        before = contents(shop)
        found = CliRunner().invoke(app, ["restore", "../strange.zip"])
        assert (2, True) == (found.exit_code, "../strange.zip: nothing was restored, for" in found.output), found.output
        assert before == contents(shop)

    def test_nothing_is_unpacked_for_which_there_is_no_room(self, tmp_path: Path) -> None:
        """It would fill the disk for everybody before it fails."""
        archive.see_room(tmp_path, 1)
        with pytest.raises(OSError, match="No space left"):
            archive.see_room(tmp_path, 1 << 60)

    def test_a_damaged_list_of_the_forgotten_is_told(self, shop: Path) -> None:
        """Who goes on without it would bring back those on it."""
        Path("../forgotten.json").write_text('{"key": 1}', "utf-8")
        found = CliRunner().invoke(app, ["restore", "../b.zip"])
        assert (2, True) == (found.exit_code, "forgotten.json is damaged" in found.output)

    def test_whom_the_list_cannot_take_stops_the_restore(self, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A list that cannot be written is no reason to forget who was forgotten."""

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(forgotten, "add", full)
        before = contents(shop)
        found = CliRunner().invoke(app, ["restore", "../b.zip"])
        assert (2, True, before) == (found.exit_code, "the disk is full" in found.output, contents(shop))


def test_what_a_killed_backup_left_goes_the_next_day(tmp_path: Path) -> None:
    """It holds a whole database; one that may be at work stays."""
    for name, days in (("old", 2), ("new", 0)):
        (tmp_path / f".partial-{name}").mkdir()
        (tmp_path / f".partial-{name}" / DATABASE).touch()
        then = datetime.now(UTC).timestamp() - timedelta(days=days).total_seconds()
        os.utime(tmp_path / f".partial-{name}", (then, then))
    with archive.scratch(tmp_path):
        pass
    assert [".partial-new"] == [path.name for path in tmp_path.iterdir()]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of the shop, but what a reader of the database leaves beside it."""
    passing = ("-wal", "-shm", ".lock")
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.endswith(passing))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
