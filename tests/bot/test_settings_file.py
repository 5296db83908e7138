"""config.toml changed for people: nothing of it is lost, and nothing that cannot be used gets in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.config import ConfigError, load, loaded
from bot.settings_file import DEFAULT, KEPT, FileChanged, change, digest_of, planned
from bot.settings_written import Changed, differences
from tests.bot.config_files import write

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
SHOP = ("shops", "teahouse")
OPEN = {(*SHOP, "quiet_hours", "opens"): "10:00"}


def comments(text: str) -> list[str]:
    """The lines that are comments alone."""
    return [line for line in text.splitlines() if line.startswith("#")]


def set_in(table: dict[str, Any], changes: Mapping[tuple[str, ...], object]) -> dict[str, Any]:
    """The table that is meant, set by hand."""
    for keys, value in changes.items():
        inner = table
        for key in keys[:-1]:
            inner = (
                inner.get(key, {}) if value is None else inner.setdefault(key, {"day": {}} if key == "shifts" else {})
            )
        if value is None:
            inner.pop(keys[-1], None)
        else:
            inner[keys[-1]] = value
    return table


def with_something(table: Any) -> Any:
    """The same without tables that are empty: they mean what is there without them."""
    if not isinstance(table, dict):
        return table
    return {key: inner for key, value in table.items() if (inner := with_something(value)) != {}}


lengths = st.builds(lambda n, unit: f"{n}{unit}", st.integers(1, 40), st.sampled_from("hd"))
times = st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 11), st.integers(0, 59))
CHANGES: dict[tuple[str, ...], st.SearchStrategy[Any]] = {
    (*SHOP, "nudge_every"): lengths,
    (*SHOP, "currency"): st.sampled_from(["CNY", "EUR"]),
    (*SHOP, "quiet_hours", "opens"): times,
    (*SHOP, "pending_refund", "daily_most"): st.integers(0, 365),
    (*SHOP, "compensation", "share_of_price"): st.sampled_from([0.25, 0.5, 1]),
    (*SHOP, "address_check", "unserved"): st.lists(st.sampled_from(["西藏", "新疆", 'a "quoted" one']), unique=True),
    (*SHOP, "inquiry", "touch"): st.booleans(),
    (*SHOP, "shifts", "night"): st.just({"opens": "21:00", "closes": "09:00"}),
    (*SHOP, "hours", "holidays"): st.sampled_from(["", "CN"]),
    ("shops", "abroad", "platform"): st.just("independent"),
    ("agents", "people", "mei", "name"): st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=9),
    ("reports", "digest_on"): st.sampled_from(["", "mon", "mon-fri"]),
}
one = st.sampled_from(list(CHANGES)).flatmap(lambda keys: st.tuples(st.just(keys), st.none() | CHANGES[keys]))
FILES = {
    "example": EXAMPLE.read_text("utf-8"),
    "short": '# Ours.\r\n[shops.teahouse]  # the one\r\nlang = "en"  # abroad\r\n\r\n# The end.\r\n',
    "dotted": 'shops.teahouse.lang = "en"\n# Behind.\n[reports]\nkeep = "30d"\n',
    "inline": '[shops]\nteahouse = { lang = "en", quiet_hours = { opens = "08:00" } }\n# Behind.\n',
    "mixed": '[shops.teahouse.hours]\nholidays = "CN"\n[agents]\nlang = "en"\n# Us.\n[shops.teahouse]\nlang = "es"\n',
}


@pytest.mark.parametrize("name", FILES)
@example([{("shops", "abroad", "platform"): "independent"}, {("shops", "abroad", "platform"): None}])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(st.lists(one, min_size=1, max_size=4).map(dict), max_size=5))
def test_any_valid_changes_keep_all_else(tmp_path: Path, name: str, sequence: list[dict[Any, Any]]) -> None:
    """Whatever is set and taken out again: comments and other options stay, and the program reads what was meant."""
    path = write(tmp_path, "")
    path.write_bytes(FILES[name].encode())
    meant = tomllib.loads(FILES[name])
    for changes in sequence:
        set_in(meant, changes)
        config = change(path, changes)
        text = path.read_bytes().decode()
        assert with_something(meant) == with_something(tomllib.loads(text))
        assert config == load(path) == loaded(tomlkit.dumps(meant))
        assert comments(FILES[name]) == comments(text)


INVALID: list[tuple[dict[tuple[str, ...], object], str]] = [
    ({(*SHOP, "nudge_every"): "soon"}, "expected a duration"),
    ({(*SHOP, "nudge_every"): 5}, "expected a duration"),
    ({(*SHOP, "quiet_hours", "opens"): "21:00"}, "nothing could ever be sent"),
    ({(*SHOP, "channel"): "telegram"}, "forbids"),
    ({(*SHOP, "nudg_every"): "1d"}, "did you mean"),
    ({(*SHOP, "shifts", "day"): None}, "at least one"),
    ({("database", "password"): "x"}, "no place in this file"),
    ({("agents", "people", "li", "shops"): ["nowhere"]}, "there is no shop"),
    ({(*SHOP, "lang", "deeper"): "en"}, "edit it by hand"),
]


@pytest.mark.parametrize(("changes", "sentence"), INVALID)
def test_a_mistake_changes_no_byte(tmp_path: Path, changes: dict[tuple[str, ...], object], sentence: str) -> None:
    """The sentence is that of the configuration, and nothing else is written beside."""
    path = write(tmp_path, FILES["example"])
    with pytest.raises(ConfigError, match=sentence):
        change(path, {**OPEN, **changes})
    assert FILES["example"] == path.read_text("utf-8")
    assert {"config.toml", ".config.toml.lock"} == {each.name for each in tmp_path.iterdir()}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    keys=st.sampled_from([keys for keys in CHANGES if len(keys) > 2]),
    value=st.none() | st.integers() | st.text(max_size=8) | st.lists(st.integers(), max_size=2) | st.booleans(),
)
def test_whatever_somebody_types_is_kept_or_changes_no_byte(tmp_path: Path, keys: Any, value: object) -> None:
    """Either the program reads the file as meant, or it stays as it was to the last byte."""
    path = write(tmp_path, FILES["example"])
    try:
        change(path, {keys: value})
    except ConfigError:
        assert FILES["example"] == path.read_text("utf-8")
    else:
        assert set_in(tomllib.loads(FILES["example"]), {keys: value}) == tomllib.loads(path.read_text("utf-8"))


def test_a_comment_behind_a_value_stays(tmp_path: Path) -> None:
    """The option's own, where it stands."""
    path = write(tmp_path, 'shops.a.lang = "en"  # abroad\n')
    change(path, {("shops", "a", "lang"): "es"})
    assert 'shops.a.lang = "es"  # abroad\n' == path.read_text("utf-8")


def test_the_comment_above_the_next_table_stays(tmp_path: Path) -> None:
    """A table that is taken out takes nothing of its neighbour with it."""
    path = write(
        tmp_path, '[shops.a.shifts.day]\nopens = "08:00"\n\n# Hard.\n[shops.a.shifts.night]\nopens = "21:00"\n'
    )
    change(path, {("shops", "a", "shifts", "day"): None})
    assert '\n# Hard.\n[shops.a.shifts.night]\nopens = "21:00"\n' == path.read_text("utf-8")


def test_what_is_set_already_is_not_written_again(tmp_path: Path) -> None:
    """Nor is a copy kept of a file that stays the same."""
    path = write(tmp_path, "[shops.a]\nlink_tries = 0x05\n")
    change(path, {("shops", "a", "link_tries"): 5, ("shops", "a", "lang"): None})
    assert "[shops.a]\nlink_tries = 0x05\n" == path.read_text("utf-8")
    assert [] == list(tmp_path.glob("*.bak"))


def test_without_a_file_one_is_made_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For its owner alone to read."""
    monkeypatch.chdir(tmp_path)
    assert "" == digest_of(None)
    config = change(None, {("shops", "shop", "nudge_every"): "36h"}, "")
    assert config == load(DEFAULT)
    assert 0o600 == DEFAULT.stat().st_mode & 0o777


def test_a_second_shop_leaves_the_first_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is there without a file is written down, as is the shift that is."""
    monkeypatch.chdir(tmp_path)
    change(None, {("shops", "abroad", "platform"): "independent"})
    config = change(None, {("shops", "abroad", "shifts", "night", "opens"): "21:00"})
    assert ["shop", "abroad"] == list(config.shops)
    assert ["day", "night"] == list(config.shops["abroad"].shifts)


def test_of_two_who_save_at_once_the_second_is_told(tmp_path: Path) -> None:
    """What the first has saved stays."""
    path = write(tmp_path, FILES["short"])
    seen = digest_of(path)
    change(path, {(*SHOP, "zone"): "Europe/Madrid"}, seen)
    with pytest.raises(FileChanged, match="somebody else"):
        change(path, {(*SHOP, "zone"): "Europe/Paris"}, seen)
    assert "Europe/Madrid" == str(load(path).shops["teahouse"].zone)


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    """One of those who saw the same file saves, and who does not say what he saw changes what is there."""
    path = write(tmp_path, FILES["example"])
    seen = digest_of(path)

    def save(number: int) -> bool:
        try:
            change(path, {("agents", "people", f"p{number}", "rank"): "agent"}, seen)
        except FileChanged:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert 1 == sum(pool.map(save, range(4)))
        list(pool.map(lambda n: change(path, {("agents", "people", f"q{n}", "rank"): "agent"}), range(4)))
    assert 5 == len(load(path).agents.people)


def test_the_former_files_are_kept_the_last_ten(tmp_path: Path) -> None:
    """With their mode, each as it was."""
    path = write(tmp_path, FILES["short"])
    path.chmod(0o640)
    for number in range(1, KEPT + 4):
        change(path, {(*SHOP, "link_tries"): number})
    kept = sorted(tmp_path.glob("config.toml.*.bak"))
    assert [*range(3, KEPT + 3)] == [load(each).shops["teahouse"].link_tries for each in kept]
    assert {0o640} == {each.stat().st_mode & 0o777 for each in (path, *kept)}


def test_a_link_stays_one(tmp_path: Path) -> None:
    """What it leads to is changed."""
    path, link = write(tmp_path, FILES["short"]), tmp_path / "link.toml"
    link.symlink_to(path)
    change(link, {(*SHOP, "link_tries"): 7})
    assert (True, 7) == (link.is_symlink(), load(path).shops["teahouse"].link_tries)


PEOPLE = """\
[agents.people.li]
name = "Li"

[agents.people.chen]
rank = "owner"

[shops.shop]
platform = "independent"
"""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {("shops", "shop", "channel"): "nowhere"},
            "shops.shop.channel: there is no channel 'nowhere'; here are manual",
        ),
        ({("agents", "people", "chen", "rank"): "agent"}, "agents.people.chen.rank: nobody would be an owner any more"),
        ({("agents", "people", "chen"): None}, "agents.people.chen.rank: nobody would be an owner any more"),
    ],
)
def test_nobody_shuts_himself_out(tmp_path: Path, changes: dict[tuple[str, ...], object], sentence: str) -> None:
    """What would not start any more, or could not be changed back by anybody, is not saved."""
    file = write(tmp_path, PEOPLE)
    with pytest.raises(ConfigError, match=re.escape(sentence)):
        change(file, changes)
    assert PEOPLE == file.read_text("utf-8")


def test_one_owner_may_follow_another(tmp_path: Path) -> None:
    """Who makes somebody else owner may go himself."""
    file = write(tmp_path, PEOPLE)
    people = change(
        file, {("agents", "people", "li", "rank"): "owner", ("agents", "people", "chen"): None}
    ).agents.people
    assert {"li": "owner"} == {id_: each.rank for id_, each in people.items()}


def test_a_file_that_is_read_only_is_left_alone(tmp_path: Path) -> None:
    """Whoever has made it so does not want it changed."""
    file = write(tmp_path, PEOPLE)
    file.chmod(0o444)
    with pytest.raises(ConfigError, match="read-only"):
        change(file, {("agents", "people", "li", "rank"): "supervisor"})
    assert PEOPLE == file.read_text("utf-8")


@pytest.mark.parametrize("begins", [b"", b"\xef\xbb\xbf"])
def test_the_ends_of_lines_stay_as_they_are(tmp_path: Path, begins: bytes) -> None:
    """A file from Windows stays one, also where lines were added."""
    file = tmp_path / "shop.toml"
    file.write_bytes(begins + PEOPLE.replace("\n", "\r\n").encode())
    change(file, {("shops", "shop", "nudge_every"): "20h", ("agents", "people", "li"): None})
    found = file.read_bytes()
    assert found.count(b"\r\n") == found.count(b"\n") > 3
    assert b"20h" in found


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    """It says what the file would be, and what it would mean."""
    path = write(tmp_path, FILES["short"])
    text, config = planned(path, {(*SHOP, "nudge_every"): "36h"})
    assert FILES["short"].encode() == path.read_bytes() or FILES["short"] == path.read_text("utf-8")
    assert 'nudge_every = "36h"' in text
    changed = differences(load(path), config)
    assert [Changed((*SHOP, "nudge_every"), "1d", "1d12h")] == changed


def test_a_folder_that_cannot_be_written_to_is_a_sentence(tmp_path: Path) -> None:
    """No traceback, and no half of a file."""
    with pytest.raises(ConfigError, match="cannot be written"):
        change(write(tmp_path, "") / "config.toml", {(*SHOP, "lang"): "en"})


def test_a_file_that_is_no_toml_is_left_alone(tmp_path: Path) -> None:
    """Somebody edits it just now."""
    path = write(tmp_path, "[shops.a\n")
    with pytest.raises(ConfigError, match="this is not TOML"):
        change(path, {("shops", "a", "lang"): "en"})
    assert "[shops.a\n" == path.read_text("utf-8")
