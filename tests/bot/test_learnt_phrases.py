"""What agents teach takes effect in a bot that is running."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.app import bootstrap
from bot.config import Config, Database, Scripts
from bot.config_shop import Shop
from bot.learnt_phrases import LearntPhrases, beside
from followup.understood import Intent
from scheduler.clock import FakeClock
from scripts_library.storage import OverridesDamaged
from tests.bot.tea import NOON

ZONE = ZoneInfo("Asia/Shanghai")
TEXT = "小蓝瓶老样子"


@pytest.fixture
def phrases(tmp_path: Path) -> LearntPhrases:
    """A shop's file, not there yet."""
    return LearntPhrases(tmp_path / "intents.json")


def test_a_running_bot_learns_and_forgets(tmp_path: Path, sqlite_url: str) -> None:
    """A lesson counts from the next message on, and no longer once it was taken back."""
    overrides = tmp_path / "scripts.json"
    config = Config(
        database=Database(url=sqlite_url), scripts=Scripts(overrides=overrides), shops={"tea": Shop(channel="manual")}
    )
    app, phrases = bootstrap(config, clock=FakeClock(NOON)), LearntPhrases(beside(overrides))
    heard = [app.deps.understand(TEXT, NOON, ZONE, "").intent]
    number = phrases.learn(TEXT, "product question", "Mei")
    heard.append(app.deps.understand(TEXT, NOON, ZONE, "").intent)
    phrases.unlearn(number)
    heard.append(app.deps.understand(TEXT, NOON, ZONE, "").intent)
    app.close()

    assert [Intent.OTHER, Intent.PRODUCT_QUESTION, Intent.OTHER] == heard


def test_an_unchanged_file_is_read_once(phrases: LearntPhrases, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message costs a look at the file's state, not a reading."""
    phrases.learn(TEXT, "thanks", "Mei")
    understanding = phrases.understanding()
    monkeypatch.setattr(phrases, "learnt", lambda: pytest.fail("read again"))

    assert [Intent.THANKS] * 2 == [understanding(TEXT, NOON, ZONE).intent for _ in range(2)]


def test_a_file_damaged_later_stops_nothing(phrases: LearntPhrases) -> None:
    """What was learnt goes on to count until the file can be read again."""
    phrases.learn(TEXT, "thanks", "Mei")
    understanding = phrases.understanding()
    phrases.path.write_text("not json")
    damaged = understanding(TEXT, NOON, ZONE).intent
    phrases.path.write_text(json.dumps({"_default": {}}))

    assert [Intent.THANKS, Intent.OTHER] == [damaged, understanding(TEXT, NOON, ZONE).intent]


def test_a_file_damaged_at_the_start_is_told(phrases: LearntPhrases) -> None:
    """Nobody starts with half a shop's lessons unawares."""
    phrases.path.write_text("not json")

    with pytest.raises(OverridesDamaged):
        phrases.understanding()
