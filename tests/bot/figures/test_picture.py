"""The picture of the day: it is a picture, it says what the day says, and it is legible with and without a Chinese
font."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

import bot.figures.canvas
import bot.figures.picture
from bot.config import Config, Reports
from bot.config_shop import Shop
from bot.figures import fonts
from bot.figures.daily import Daily, daily_pictures
from bot.figures.names import Names
from bot.figures.picture import NoPillow, draw
from followup.desk.places import Place
from scheduler.clock import FakeClock
from store.store import SqlStore
from tests.bot.figures.some import EN, ZH, a_week
from tests.bot.tea import some_deps
from tests.store.figures.ledger import WEEK
from tests.store.makers import DAY, NOON

MONDAY = replace(WEEK, until=WEEK.since + DAY, now=NOON + timedelta(hours=1))


class Written(bot.figures.canvas.Canvas):
    """A canvas that remembers its words."""

    words: list[str]

    def text(
        self, x: float, y: float, text: str, size: int, tone: str, most: float = 0, centred: bool = False
    ) -> float:
        self.words = [*getattr(self, "words", []), text]
        return super().text(x, y, text, size, tone, most, centred)


@pytest.fixture
def store(sqlite_url: str) -> SqlStore:
    """A shop's week."""
    store = SqlStore(sqlite_url)
    a_week(store)
    return store


def drawn(store: SqlStore, path: Path, names: Names) -> str:
    with store.engine.connect() as connection:
        return draw(path, connection, MONDAY, names)


def written(store: SqlStore, path: Path, names: Names, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words on the picture."""
    canvases: list[Written] = []

    def make(*size: object) -> Written:
        canvases.append(Written(*size))  # type: ignore[arg-type]
        return canvases[-1]

    monkeypatch.setattr(bot.figures.canvas, "Canvas", make)
    drawn(store, path, names)
    return canvases[0].words


@pytest.mark.parametrize("names", [EN, ZH], ids=["en", "zh-CN"])
def test_it_is_a_small_picture(store: SqlStore, tmp_path: Path, names: Names) -> None:
    """A PNG that a phone shows well, of less than 150 kB, for its owner alone."""
    path = tmp_path / "day.png"
    drawn(store, path, names)
    with Image.open(path) as picture:
        assert ("PNG", 1080) == (picture.format, picture.width)
        assert 900 < picture.height < 1300
    assert path.stat().st_size < 150_000
    assert "0o100600" == oct(path.stat().st_mode)


def test_it_says_what_the_day_says(store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two matters begun, one ended, the first reply after five minutes, one of two recovered, and a clock that runs."""
    words = written(store, tmp_path / "day.png", EN, monkeypatch)
    for expected in ("matters begun", "2", "5 min", "paid after a reminder", "of 2 reminded", "platform: refund"):
        assert expected in words


def test_the_line_under_it(store: SqlStore, tmp_path: Path) -> None:
    """One line, in the agents' language."""
    path = tmp_path / "day.png"
    assert "s 3月2日：新事项 2，了结 1；人工首次答复中位 5 分；提醒后付款 1 笔。" == drawn(store, path, ZH)
    told = "s Mar 2: 2 new matters, 1 ended; first reply by a person 5 min (median); 1 paid after a reminder."
    assert told == drawn(store, path, EN)


def test_without_a_chinese_font_its_labels_are_english(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Better English than empty boxes; the line under it stays Chinese, for that the chat can show."""
    monkeypatch.setattr(bot.figures.picture, "chinese", lambda: None)
    words = written(store, tmp_path / "day.png", ZH, monkeypatch)
    assert "matters begun" in words
    assert all(word.isascii() or set(word) <= {*"–·", *map(chr, range(128))} for word in words)
    assert "新事项" in drawn(store, tmp_path / "day.png", ZH)


def test_with_a_chinese_font_they_are_chinese(store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is a font that has them."""
    monkeypatch.setattr(bot.figures.picture, "chinese", lambda: (Path("font.ttc"), 2))
    monkeypatch.setattr(bot.figures.canvas, "load", lambda size, _with_chinese: fonts.font(size, False))
    bot.figures.canvas._font.cache_clear()
    assert "开始的事项" in written(store, tmp_path / "day.png", ZH, monkeypatch)
    bot.figures.canvas._font.cache_clear()


def test_without_pillow_it_says_what_to_install(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the extra."""
    monkeypatch.setitem(__import__("sys").modules, "bot.figures.canvas", None)  # type: ignore[arg-type]
    with pytest.raises(NoPillow, match=r"pip install 'huifang\[pictures\]'"):
        drawn(store, tmp_path / "day.png", EN)


class TestFonts:
    def test_a_font_without_chinese_is_not_taken(self, tmp_path: Path) -> None:
        """A file that has the name of a Chinese font but none of its characters is passed over; no font is no error."""
        latin = next(fonts._named(fonts.LATIN, fonts.FOLDERS), None)
        if latin is not None:
            (tmp_path / "NotoSansSC.ttf").write_bytes(latin.read_bytes())
        assert fonts.chinese((tmp_path,)) is None
        assert fonts.chinese((tmp_path / "nowhere",)) is None

    def test_the_face_that_was_found_writes_chinese(self) -> None:
        """Wherever this machine has one: its two characters differ from each other and from an empty box."""
        face = fonts.font(24, with_chinese=True)
        assert fonts._has_chinese(face) is (fonts.chinese() is not None)

    def test_without_any_font_there_is_pillows_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A machine without a single font draws all the same."""
        monkeypatch.setattr(fonts, "_named", lambda *_: iter(()))
        assert fonts.font(24, with_chinese=False).getlength("begun") > 0


class TestDaily:
    def test_it_draws_into_the_folder_of_the_shop(self, store: SqlStore, tmp_path: Path) -> None:
        """One file a shop and day, with its line."""
        config = Config(reports=Reports(folder=tmp_path / "reports"), shops={"s": Shop()})
        deps = some_deps(config, store, FakeClock(NOON))
        made = Daily(config, store, deps)("s", NOON + timedelta(hours=1))
        assert tmp_path / "reports/s/day-2026-03-02.png" == made.path
        assert made.path.exists()
        assert made.caption.startswith("s 3月2日：新事项 2")

    def test_jobs_for_shops_with_a_group(
        self, store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """None where nobody would see it, and none without Pillow."""
        config, clock = Config(reports=Reports(folder=tmp_path), shops={"s": Shop()}), FakeClock(NOON)
        deps = some_deps(config, store, clock)
        grouped = replace(deps, places={"s": Place("telegram.desk", "-100")})
        assert [] == list(daily_pictures(config, store, deps, clock))
        assert ["picture/s"] == [job.name for job in daily_pictures(config, store, grouped, clock)]
        monkeypatch.setattr("bot.figures.daily.find_spec", lambda _name: None)
        assert [] == list(daily_pictures(config, store, grouped, clock))
