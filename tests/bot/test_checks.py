"""What `huifang check` finds, part by part."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from bot.backup.keeping import name_for
from bot.checks import Row, run_checks
from bot.config import Backup, Config, Database, Orders, Scripts
from bot.config_shop import Shop
from bot.standing import scannable
from followup.model import ChannelState, Health, Raw, RawState
from scheduler.standing import STOPPED
from store.store import SqlStore
from tests.bot.tea import NOON
from tests.store.held import held
from tests.store.makers import a_message, keep

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(autouse=True)
def quick_words(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linting all words takes a second; only the tests of that part wait for it."""
    if "words" not in request.node.name and "fresh" not in request.node.name:
        monkeypatch.setattr("scripts_library.check.check", lambda _library: [])


def checked(folder: Path, **more: Any) -> dict[str, Row]:
    """The rows by part, for a shop in `folder`."""
    tables: dict[str, Any] = {
        "database": Database(url=f"sqlite:///{folder}/var/huifang.db"),
        "orders": Orders(folder=folder / "var" / "orders"),
        "scripts": Scripts(overrides=folder / "scripts.json"),
        **more,
    }
    return {row.part: row for row in run_checks(Config(**tables))}


def test_a_fresh_shop_is_well_and_stays_untouched(tmp_path: Path) -> None:
    """Every part is in order, and looking made no file and no folder."""
    rows = checked(tmp_path)
    parts = ["configuration", "words", "database", "engine", "orders folder", "channels", "people", "alerts", "console"]
    assert list(rows) == parts
    assert [row for row in rows.values() if not row.ok] == []
    assert "is made at the first start" in rows["database"].what
    assert list(tmp_path.iterdir()) == []


def test_a_database_is_counted(tmp_path: Path, migrated_file: Path) -> None:
    """One that is there says what it holds."""
    shutil.copy(migrated_file, tmp_path / "shop.db")
    row = checked(tmp_path, database=Database(url=f"sqlite:///{tmp_path}/shop.db"))["database"]
    assert (row.ok, row.what.endswith("shop.db: 0 orders, 0 threads, 0 messages")) == (True, True)


def test_an_empty_database_is_not_filled(tmp_path: Path) -> None:
    """Tables are made when the program starts, not when it is looked at."""
    (tmp_path / "shop.db").touch()
    row = checked(tmp_path, database=Database(url=f"sqlite:///{tmp_path}/shop.db"))["database"]
    assert (row.ok, "first start" in row.what) == (True, True)
    assert (tmp_path / "shop.db").stat().st_size == 0


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    """Another file under that name needs care, and does not hide the other parts."""
    (tmp_path / "shop.db").write_text("my notes", encoding="utf-8")
    rows = checked(tmp_path, database=Database(url=f"sqlite:///{tmp_path}/shop.db"))
    assert [part for part, row in rows.items() if not row.ok] == ["database"]
    assert "is not a SQLite database" in rows["database"].what


def test_a_damaged_database_names_the_newest_backup(tmp_path: Path) -> None:
    """As every command does."""
    (tmp_path / "shop.db").write_text("my notes", encoding="utf-8")
    newest = name_for(tmp_path, NOON)
    newest.touch()
    found = checked(tmp_path, database=Database(url=f"sqlite:///{tmp_path}/shop.db"), backup=Backup(folder=tmp_path))
    assert found["database"].what.endswith(f"the newest is `huifang restore {newest}`")


def test_damaged_words_are_told(tmp_path: Path) -> None:
    """A file of the shop's own words that cannot be read needs care, and is left alone."""
    (tmp_path / "scripts.json").write_text('{"a": ', encoding="utf-8")
    rows = checked(tmp_path)
    assert [part for part, row in rows.items() if not row.ok] == ["words"]
    assert (tmp_path / "scripts.json").read_text(encoding="utf-8") == '{"a": '


def test_a_folder_of_orders_that_is_none_is_told(tmp_path: Path) -> None:
    """Exports could not be moved to done/ there."""
    (tmp_path / "var").touch()
    row = checked(tmp_path)["orders folder"]
    assert (row.ok, f"{tmp_path}/var must be a folder" in row.what) == (False, True)


def test_a_channel_that_is_not_there_is_told(tmp_path: Path) -> None:
    """For each shop that could not be served."""
    shops = {"tea": Shop(), "cups": Shop(platform="independent", channel="pigeon")}
    row = checked(tmp_path, shops=shops)["channels"]
    assert (row.ok, row.what) == (False, "shops.cups.channel: there is no channel 'pigeon'; here are manual")


class TestAccounts:
    """A row for each channel of the configuration."""

    accounts: dict[str, Any] = {"tg": {"type": "telegram"}}  # noqa: RUF012

    def row(self, folder: Path, *states: ChannelState) -> Row:
        """The row of the channel after it reported these states."""
        url = f"sqlite:///{folder}/shop.db"
        store = SqlStore(url)
        keep(store, *states)
        store.close()
        shops = {"tea": Shop(platform="independent", channel="tg")}
        more = {"channels": self.accounts, "database": Database(url=url)}
        return checked(folder, shops=shops, **more)["channel tg"]

    @pytest.fixture(autouse=True)
    def _shop(self, tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        shutil.copy(migrated_file, tmp_path / "shop.db")
        monkeypatch.setenv("HUIFANG_CHANNELS_TG_TOKEN", "12345678:" + "a" * 35)

    def test_one_that_never_ran(self, tmp_path: Path) -> None:
        """Is ready, with nothing to say."""
        assert self.row(tmp_path) == Row("channel tg", True, "ready; it has never run")

    def test_one_that_is_up(self, tmp_path: Path) -> None:
        """Since when, in the shop's time."""
        row = self.row(tmp_path, ChannelState("tg", Health.UP, NOON))
        assert row == Row("channel tg", True, "up since 2026-03-02 12:00")

    def test_one_that_was_stopped(self, tmp_path: Path) -> None:
        """A program that does not run is no fault of the channel."""
        row = self.row(tmp_path, ChannelState("tg", Health.DOWN, NOON, STOPPED))
        assert row == Row("channel tg", True, "ready; it was stopped 2026-03-02 12:00")

    @pytest.mark.parametrize("runs", [True, False])
    def test_one_that_was_up_when_the_program_was_killed(self, tmp_path: Path, runs: bool) -> None:
        """The lock tells whether anybody runs: what the dead left behind is not said to be so now."""
        (tmp_path / "shop.db.lock").touch()
        with held(tmp_path / "shop.db") if runs else nullcontext():
            row = self.row(tmp_path, ChannelState("tg", Health.UP, NOON))
        killed = "huifang does not run; it ended without being stopped, after it was up since 2026-03-02 12:00"
        assert row == Row("channel tg", runs, "up since 2026-03-02 12:00" if runs else killed)
        assert killed.partition(", after")[0] in (DOCS / "channels/telegram.md").read_text("utf-8")

    def test_one_that_is_down(self, tmp_path: Path) -> None:
        """Needs care, with the reason."""
        row = self.row(tmp_path, ChannelState("tg", Health.REFUSED, NOON, "Unauthorized"))
        assert row == Row("channel tg", False, "refused since 2026-03-02 12:00: Unauthorized")

    def test_one_that_wants_a_login(self, tmp_path: Path) -> None:
        """Comes with what to scan."""
        row = self.row(tmp_path, ChannelState("tg", Health.LOGIN, NOON, "https://login.example/abc"))
        assert (row.ok, row.code) == (False, "https://login.example/abc")
        assert "scan the code" in row.what

    def test_a_missing_secret(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Needs care, and the other parts are still looked at."""
        monkeypatch.delenv("HUIFANG_CHANNELS_TG_TOKEN")
        row = self.row(tmp_path)
        assert (row.ok, "HUIFANG_CHANNELS_TG_TOKEN" in row.what) == (False, True)


def test_what_a_dropped_channel_left_behind_is_told(tmp_path: Path, migrated_file: Path) -> None:
    """Its messages would wait for ever; what was put aside there, or is done, is no matter."""
    shutil.copy(migrated_file, tmp_path / "shop.db")
    url = f"sqlite:///{tmp_path}/shop.db"
    store = SqlStore(url)
    keep(store, a_message("m1", channel="old"), a_message("m2"))
    keep(store, Raw("old", "1", b"{}", NOON), Raw("gone", "1", b"{}", NOON, RawState.HANDLED))
    store.close()
    row = checked(tmp_path, database=Database(url=url))["database"]
    left = "channels.old: 1 messages wait to be sent and 1 events to be handled"
    assert (row.ok, row.what) == (
        False,
        f"{left}, but there is no such channel any more; configure it again to have it done",
    )


def test_a_code_to_scan_can_be_scanned() -> None:
    """The picture has the corners of a QR code and the link below; a link that is too long is shown as it is."""
    *picture, empty, link = scannable("https://login.example/abc").split("\n")
    assert ("", "https://login.example/abc", {len(picture[0])}) == (empty, link, {len(line) for line in picture})
    assert len(picture) >= 15
    assert "\n" + "x" * 5000 == scannable("x" * 5000)


def test_whatever_breaks_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error without a sentence shows its type."""

    def broken(*_: object) -> list[str]:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.app.unserved", broken)
    assert checked(tmp_path)["channels"] == Row("channels", False, "ZeroDivisionError")


def test_the_code_of_an_error_is_nothing_to_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors of the database library have one too."""

    def broken(*_: object) -> list[str]:
        raise DBAPIError("SELECT", {}, Exception("away"), code="e3q8")

    monkeypatch.setattr("bot.app.unserved", broken)
    assert "" == checked(tmp_path)["channels"].code
