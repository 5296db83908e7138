"""A backup is whole or not there, it is private, it is proven, and what cannot be done is one sentence."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner

from bot.backup import archive, keeping
from bot.backup.job import backup_job, is_due
from bot.backup.making import check, make
from bot.backup.manifest import DATABASE, NAME, NoBackup, unpacked
from bot.backup.places import places
from bot.cli import app
from bot.config import Backup, Config, Evidence, Scripts
from followup.model import Cursor, Instant, Task
from followup.policy import Policy
from handlers.deps import Deps
from handlers.understand import understand
from scheduler.clock import FakeClock
from store.store import SqlStore
from tests.stories.shop import library

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    made = SqlStore(database_url)
    made.run(lambda tx: tx.save(Cursor("tg", "1")))
    yield made
    made.close()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Some words of the shop's own, and a photo."""
    wording, evidence = tmp_path / "scripts.json", tmp_path / "evidence"
    wording.write_text("{}", "utf-8")
    (evidence / "tea").mkdir(parents=True)
    (evidence / "tea" / "a.jpg").write_bytes(b"photo")
    return Config(scripts=Scripts(overrides=wording), evidence=Evidence(folder=evidence))


def held(path: Path) -> set[str]:
    with ZipFile(path) as packed:
        return set(packed.namelist())


class TestMade:
    def test_everything_is_in_it_but_secrets(self, store: SqlStore, config: Config, tmp_path: Path) -> None:
        """Database, wording, configuration and photos, each with its digest; a secret that somebody wrote into a
        comment is not."""
        file = tmp_path / "config.toml"
        file.write_text("# the token is s3cr3t-t0ken\n", "utf-8")
        folder = tmp_path / "backups"
        made = make(store, places(config, file), folder, NOW, secrets=("s3cr3t-t0ken",))
        assert {DATABASE, "scripts.json", "config.toml", "evidence/tea/a.jpg", NAME} == held(made.path)
        assert (0o600, 0o700) == (made.path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777)
        assert ("huifang-20260302T040000Z.zip", [made.path]) == (made.path.name, list(folder.iterdir()))
        with ZipFile(made.path) as packed:
            assert b"# the token is ***\n" == packed.read("config.toml")
            assert made.manifest == unpacked(packed.read(NAME))
        assert 1 == made.manifest.rows["cursors"].rows

    def test_without_evidence(self, store: SqlStore, config: Config, tmp_path: Path) -> None:
        """Photos may take longer than everything else."""
        made = make(store, places(config, None), tmp_path / "backups", NOW, evidence=False)
        assert {DATABASE, "scripts.json", NAME} == held(made.path)

    def test_while_others_write(self, store: SqlStore, config: Config, tmp_path: Path) -> None:
        """What it holds is of one moment: of two rows that are always written together, both or none."""
        stop, failed = threading.Event(), list[BaseException]()

        def write() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                store.run(lambda tx, n=number: [tx.save(Cursor(f"{side}/{n}", "x")) for side in ("a", "b")])  # type: ignore[misc]

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(3):
                made = make(store, places(config, None), tmp_path / "backups", NOW + timedelta(seconds=number))
                assert 1 == made.manifest.rows["cursors"].rows % 2
        finally:
            stop.set()
            writer.join(30)
        assert [] == failed

    def test_a_full_disk_leaves_no_half_backup(
        self, store: SqlStore, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whenever it is full: nothing of that name is there, and nothing else either."""

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        folder = tmp_path / "backups"
        monkeypatch.setattr(archive, "write", full)
        with pytest.raises(OSError, match="No space left"):
            make(store, places(config, None), folder, NOW)
        assert [] == list(folder.iterdir())

    def test_one_that_cannot_be_restored_gets_no_name(
        self, store: SqlStore, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The proof comes before the name."""
        folder = tmp_path / "backups"
        monkeypatch.setattr("bot.backup.making.backup.check", lambda _: ["row 7 missing from index"])
        with pytest.raises(NoBackup, match="row 7 missing"):
            make(store, places(config, None), folder, NOW)
        assert [] == list(folder.iterdir())

    @pytest.mark.parametrize(
        "spoil", [lambda b: b[: len(b) // 2], lambda b: b[:3000] + b"!!!!" + b[3004:], lambda _: b""]
    )
    def test_a_damaged_one_is_found(
        self, store: SqlStore, config: Config, tmp_path: Path, spoil: Callable[[bytes], bytes]
    ) -> None:
        """Cut short, with a spoilt byte, or empty."""
        path = make(store, places(config, None), tmp_path / "backups", NOW).path
        path.write_bytes(spoil(path.read_bytes()))
        with pytest.raises(NoBackup), archive.scratch(tmp_path) as work:
            check(path, work)

    @pytest.mark.parametrize(
        "name", ["evidence/../../etc/passwd", "evidence//etc/passwd", "evidence/c:\\x", "evidence/"]
    )
    def test_no_name_leads_out_of_its_folder(self, config: Config, name: str) -> None:
        """A backup may have been made by somebody else."""
        with pytest.raises(NoBackup, match="leads elsewhere"):
            places(config, None).at(name)


class TestKept:
    def test_the_newest_stay(self, tmp_path: Path) -> None:
        """So many, none that is too old, the newest whatever its age; other files are not ours."""
        for days in (0, 1, 2, 40):
            keeping.name_for(tmp_path, NOW - timedelta(days=days)).touch()
        (tmp_path / "mine.zip").touch()
        keeping.prune(tmp_path, 2, 30, NOW)
        assert ["huifang-20260302T040000Z.zip", "huifang-20260301T040000Z.zip"] == [
            each.path.name for each in keeping.kept(tmp_path)
        ]
        keeping.prune(tmp_path, 2, 30, NOW + timedelta(days=365))
        assert {"huifang-20260302T040000Z.zip", "mine.zip"} == {path.name for path in tmp_path.iterdir()}

    @pytest.mark.parametrize(
        ("made_at", "now", "expected"),
        [
            (None, NOW, True),
            (None, NOW - timedelta(hours=2), True),
            (NOW - timedelta(hours=24), NOW - timedelta(hours=2), False),
            (NOW - timedelta(hours=25), NOW - timedelta(hours=2), True),
            (NOW - timedelta(minutes=10), NOW, False),
            (NOW - timedelta(hours=24), NOW, True),
            (NOW - timedelta(days=9), NOW, True),
        ],
    )
    def test_a_stop_is_made_up_for(self, tmp_path: Path, made_at: Instant | None, now: Instant, expected: bool) -> None:
        """Due from half past three, UTC, if none was made since; so also where nothing runs at that hour."""
        if made_at:
            keeping.name_for(tmp_path, made_at).touch()
        assert expected == is_due(Backup(folder=tmp_path, daily_at=time(3, 30)), time(3, 30), UTC, now)


class TestJob:
    async def test_it_makes_the_backup_of_the_day(self, store: SqlStore, config: Config, tmp_path: Path) -> None:
        """Once."""
        own, deps = Backup(folder=tmp_path / "backups", daily_at=time(3, 30)), _deps()
        job = backup_job(store, deps, own, places(config, None), UTC, FakeClock(NOW))
        await job.run()
        await job.run()
        assert 1 == len(keeping.kept(own.folder))

    async def test_people_hear_when_it_fails(self, store: SqlStore, config: Config, tmp_path: Path) -> None:
        """A task that says why, one a day, however often it is tried."""
        own, deps = Backup(folder=tmp_path / "file", daily_at=time(3, 30)), _deps()
        own.folder.write_text("in the way", "utf-8")
        job = backup_job(store, deps, own, places(config, None), UTC, FakeClock(NOW))
        await job.run()
        await job.run()
        (task,) = store.run(lambda tx: tx.every_open_task())
        assert isinstance(task, Task)
        assert ("backup_failed", True) == (task.reason, "File exists" in task.text or "Not a directory" in task.text)


class TestTyped:
    def test_a_lost_database_is_not_begun_anew(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where backups are, the sentence names the newest and how to restore it; nothing is made."""
        monkeypatch.chdir(tmp_path)
        Path("var/backups").mkdir(parents=True)
        newest = keeping.name_for(Path("var/backups"), NOW)
        newest.touch()
        for command in ("run", "status", "backup"):
            found = CliRunner().invoke(app, [command])
            assert (2, False) == (found.exit_code, Path("var/huifang.db").exists()), command
            assert f"huifang restore {newest}" in found.output, command

    def test_a_damaged_database_names_the_newest_backup(
        self, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And is left as it is."""
        monkeypatch.chdir(tmp_path)
        Path("var/backups").mkdir(parents=True)
        newest = keeping.name_for(Path("var/backups"), NOW)
        newest.touch()
        file = Path(make_url(sqlite_url).database or "")
        spoilt = file.read_bytes()[:100] + b"\x00\xff" * 20000
        Path("var/huifang.db").write_bytes(spoilt)
        found = CliRunner().invoke(app, ["tasks"])
        assert (2, spoilt) == (found.exit_code, Path("var/huifang.db").read_bytes())
        assert f"the newest is `huifang restore {newest}`" in found.output

    def test_a_file_in_the_place_of_the_folder(self, sqlite_url: str, tmp_path: Path) -> None:
        """One sentence that says what to do, exit 2."""
        config = tmp_path / "config.toml"
        config.write_text(f'[database]\nurl = "{sqlite_url}"\n', "utf-8")
        found = CliRunner().invoke(app, ["backup", str(config), "-c", str(config)])
        assert (2, True) == (found.exit_code, "name another folder" in found.output), found.output

    def test_what_is_no_backup_changes_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """One sentence, exit 2."""
        monkeypatch.chdir(tmp_path)
        Path("photo.zip").write_bytes(b"PK\x03\x04 nothing")
        found = CliRunner().invoke(app, ["restore", "photo.zip"])
        assert (2, False) == (found.exit_code, Path("var/huifang.db").exists())
        assert "photo.zip: nothing was restored, for it is no backup of Huifang" in found.output


def _deps() -> Deps:
    return Deps(library(), {"shop": Policy("shop")}, understand)
