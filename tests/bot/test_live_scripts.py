"""The shop's own words take effect in the running program, whoever has changed the file."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from bot.live_scripts import LiveScripts
from bot.scripts_cli import scripts_app
from followup.model import Segment
from handlers.offering import label_of
from scripts_library.library import Library
from scripts_library.overrides import Overrides, OverridesDamaged

TEXT = "（我是店里的自动助手，不想收到提醒就回“退订”。）"


class Machine:
    """The machine's clock, in seconds, turned by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.at


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "scripts.json"


@pytest.fixture
def live(path: Path, machine: Machine) -> LiveScripts:
    return LiveScripts(path, monotonic=machine)


def said(scripts: LiveScripts) -> set[str]:
    """The hint about stopping as threads read it."""
    return {scripts.render("hint.stop", "zh-CN", {}, Segment.NEW, (), str(n)).text for n in range(20)}


def test_what_another_process_sets_is_said_within_a_second(live: LiveScripts, path: Path, machine: Machine) -> None:
    """`huifang scripts set` needs no restart."""
    words = ["set", "hint.stop", "--lang", "zh-CN", "--text", TEXT, "--overrides", str(path)]
    assert TEXT not in said(live)
    assert 0 == CliRunner().invoke(scripts_app, words).exit_code
    machine.at = 1.0
    assert TEXT in said(live)


def test_the_file_is_looked_at_once_a_second_at_most(live: LiveScripts, path: Path, machine: Machine) -> None:
    """Within the second the former words are said: what is said often costs next to nothing more."""
    Overrides(path).set("hint.stop", "zh-CN", TEXT, Segment.NEW, "li")
    machine.at = 0.9
    before = said(live)
    machine.at = 1.0
    assert (False, True) == (TEXT in before, TEXT in said(live))


def test_who_changed_it_here_need_not_wait(live: LiveScripts, path: Path) -> None:
    """`look` sees a change at once."""
    Overrides(path).set("hint.stop", "zh-CN", TEXT, Segment.NEW, "li")
    live.look()
    assert TEXT in said(live)


def test_a_file_that_stays_is_not_read_again(live: LiveScripts, machine: Machine) -> None:
    """The library stays the same one, with all that it has compiled."""
    library = live.library
    machine.at = 5.0
    assert library is live.library


def test_a_change_of_the_same_length_within_the_same_moment_is_seen(live: LiveScripts, path: Path) -> None:
    """Each change is a new file, whatever its time and length."""
    words = [TEXT, TEXT.replace("自动助手", "智能助手")]
    Overrides(path).set("hint.stop", "zh-CN", words[0], Segment.NEW, "li")
    live.look()
    found = path.stat()
    other = path.with_name("other.json")
    other.write_text(path.read_text("utf-8").replace(words[0], words[1]), "utf-8")
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    other.replace(path)
    live.look()
    assert (False, True) == (words[0] in said(live), words[1] in said(live))


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"_default": {"1": {"lang": "en"}}}'])
def test_a_damaged_file_leaves_the_former_words(live: LiveScripts, path: Path, machine: Machine, damage: str) -> None:
    """It is said once, in the log and to who asks, and mended as soon as the file is."""
    Overrides(path).set("hint.stop", "zh-CN", TEXT, Segment.NEW, "li")
    live.look()
    whole = path.read_text("utf-8")
    path.write_text(damage, "utf-8")
    with capture_logs() as logs:
        for machine.at in (1.0, 2.0, 3.0):
            assert TEXT in said(live)
    assert ["scripts_damaged"] == [each["event"] for each in logs]
    assert "damaged and was left alone" in live.damage
    path.write_text(whole, "utf-8")
    live.look()
    assert (True, "") == (TEXT in said(live), live.damage)


def test_a_file_that_is_damaged_from_the_beginning_stops_the_start(path: Path) -> None:
    """Nobody would know which words are meant."""
    path.write_text("{", "utf-8")
    with pytest.raises(OverridesDamaged):
        LiveScripts(path)


def test_without_the_file_the_built_in_words_stand(live: LiveScripts, path: Path) -> None:
    """Whoever deletes the file wants none of it."""
    Overrides(path).set("hint.stop", "zh-CN", TEXT, Segment.NEW, "li")
    live.look()
    path.unlink()
    live.look()
    assert TEXT not in said(live)


def test_who_comes_while_somebody_reads_goes_by_the_former_words(
    live: LiveScripts, path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One reads, and nobody waits for him."""
    reading, go_on = Event(), Event()
    read, count = LiveScripts._read, [0]

    def slowly(self: LiveScripts) -> Library:
        count[0] += 1
        reading.set()
        assert go_on.wait(20)
        return read(self)

    Overrides(path).set("hint.stop", "zh-CN", TEXT, Segment.NEW, "li")
    monkeypatch.setattr(LiveScripts, "_read", slowly)
    machine.at = 1.0
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(said, live)
        assert reading.wait(20)
        machine.at = 2.0
        assert TEXT not in said(live)
        go_on.set()
        assert TEXT in first.result(10)
    assert [1] == count


def test_a_button_says_what_it_says_now(live: LiveScripts, path: Path) -> None:
    """Labels are remembered for one library only."""
    from handlers.offering import _labelled

    before = _labelled(("later",), "en", Segment.NEW, live.library)[0].label
    Overrides(path).set("choice.later", "en", "Not today", Segment.NEW, "li")
    live.look()
    after = _labelled(("later",), "en", Segment.NEW, live.library)[0].label
    assert (before, "Not today") == ("I'll pay later", after)
    assert after == label_of("later", "en", Segment.NEW, live)
