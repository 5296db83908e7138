"""`huifang channels` as a shop's people type it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import app
from followup.model import ChannelState, Health, Raw, RawState
from store.store import SqlStore
from tests.bot.tea import NOON
from tests.store.makers import keep

CONFIG = """
[database]
url = "sqlite:///shop.db"
[shops.tea]
platform = "independent"
channel = "tg"
[channels.tg]
type = "telegram"
[channels.wx]
type = "wechaty"
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A shop with two channels, without their tokens; one event waits there and one was put aside."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    shutil.copy(migrated_file, tmp_path / "shop.db")
    store = SqlStore("sqlite:///shop.db")
    keep(store, ChannelState("tg", Health.UP, NOON), Raw("tg", "1", b"{}", NOON))
    keep(store, Raw("tg", "2", b'{"text": "\xff"}', NOON, RawState.PUT_ASIDE, "Unparseable: no"))
    store.close()


def typed(*words: str) -> Result:
    """What comes of a command."""
    return CliRunner().invoke(app, ["channels", *words])


def cells(result: Result) -> list[list[str]]:
    """The rows of the table that was printed."""
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in result.stdout.splitlines() if "│" in line]


def test_how_channels_stand() -> None:
    """Each with its health, since when in the shop's time, and what waits or was put aside there."""
    result = typed()
    assert (0, [["tg", "up", "2026-03-02 12:00", "1", "1"], ["wx", "never ran", "", "0", "0"]]) == (
        result.exit_code,
        cells(result),
    )


def test_what_was_put_aside() -> None:
    """Where, when and why; what a buyer wrote is shown only to who asks for it."""
    assert [["2", "tg", "2026-03-02 04:00 UTC", "Unparseable: no"]] == cells(typed("aside"))
    assert ("text" in typed("aside").stdout, '{"text": "' in typed("aside", "--show").stdout) == (False, True)


def test_it_is_tried_again() -> None:
    """Then it waits like any other, and nothing is put aside any more."""
    result = typed("retry", "2")
    assert (0, "2: waits to be handled again\n") == (result.exit_code, result.stdout)
    assert [["tg", "up", "2026-03-02 12:00", "2", "0"]] == cells(typed())[:1]
    assert "Nothing is put aside.\n" == typed("aside").stdout


@pytest.mark.parametrize("number", ["1", "9"])
def test_only_what_was_put_aside_is_tried_again(number: str) -> None:
    """Another number is a mistake, and the sentence says where numbers come from."""
    result = typed("retry", number)
    said = f"huifang: nothing of the number {number} is put aside; `huifang channels aside` lists what is\n"
    assert (2, said) == (result.exit_code, result.stderr)


def test_a_shop_without_channels(tmp_path: Path) -> None:
    """Its words are pasted by people; nothing listens."""
    (tmp_path / "config.toml").write_text('[database]\nurl = "sqlite:///empty.db"\n', encoding="utf-8")
    shutil.copy(tmp_path / "shop.db", tmp_path / "empty.db")
    store = SqlStore("sqlite:///empty.db")
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM raw_events")
        connection.exec_driver_sql("DELETE FROM channel_states")
    store.close()
    assert "There is no channel but manual.\n" == typed().stdout
