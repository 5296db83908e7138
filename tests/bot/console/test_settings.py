"""The settings of the console: fields, their meaning, what is applied at once, and what people may see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import settings_file
from bot.config import Config, load
from bot.console.desk import Desk
from bot.console.labels import labels
from bot.console.settings_form import _typed
from bot.console.settings_shops import BY_HAND, PROGRAM, choices, is_demo
from bot.settings_fields import Field, fields, tables
from bot.settings_meaning import EXAMPLE, _of_example, meaning, meanings, name, plain
from bot.settings_written import options
from tests.bot.config_files import write
from tests.bot.console.conftest import Served

SHOWN = {"type", "url", "host", "port", "on", "folder", "overrides"}


@pytest.fixture
def desk(serve: Callable[..., Served], tmp_path: Path) -> Iterator[Desk]:
    served = serve()
    yield served.desk
    served.app.close()


def every_field(config: Config) -> list[Field]:
    """Those of the page for the first shop, its shifts, its people and the program."""
    known, shop = choices(config), next(iter(config.shops))
    found = [(("shops", shop), config.shops[shop]), *tables(config.shops[shop], ("shops", shop))]
    found += [(("shops", shop, "shifts", id_), each) for id_, each in config.shops[shop].shifts.items()]
    found += [((each,), getattr(config, each)) for each in PROGRAM]
    return [field for at, table in found for field in fields(table, at, known)]


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_every_option_on_the_page_says_what_it_means(lang: str) -> None:
    """In the reader's language, with a name."""
    shown = [each for each in every_field(load(None)) if each.keys[0] == "shops" or each.keys[-1] not in BY_HAND]
    assert [] == [each.keys for each in shown if not meaning(each.keys, lang)]
    assert [] == [each.keys for each in shown if lang != "en" and plain(each.keys) not in meanings(lang)]
    assert "提醒间隔" == name(("shops", "tea", "nudge_every"), "zh-CN")


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_every_option_on_the_page_has_a_plain_name(lang: str) -> None:
    """Of its own in each language, not the word of the file."""
    shown = [each for each in every_field(load(None)) if each.keys[0] == "shops" or each.keys[-1] not in BY_HAND]
    assert [] == [each.keys for each in shown if not meanings(lang).get(plain(each.keys), ("",))[0]]
    assert "Buyers' language" == name(("shops", "tea", "lang"), "en")


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_what_an_option_means_is_said_to_people(lang: str) -> None:
    """Without code marks, files of the documentation or options by their keys; no written values beside names."""
    told = {each.keys: meaning(each.keys, lang) for each in every_field(load(None))}
    assert [] == [keys for keys, text in told.items() if re.search(r"`|docs/|\w_\w|\.\.\.|huifang|\(\)", text)]
    chosen = [each for each in every_field(load(None)) if each.kind == "choice"]
    assert [] == [each.keys for each in chosen if '"' in told[each.keys]]


def test_no_meaning_is_left_of_an_option_that_is_gone() -> None:
    """The other languages name nothing that the example has not."""
    assert set() == meanings("zh-CN").keys() - meanings("en").keys()
    assert set() == meanings("en").keys() - _of_example(EXAMPLE.read_text("utf-8")).keys()


def test_the_fields_hold_what_the_file_would_say() -> None:
    """Each option that a form shows, as it is written: what is not touched changes nothing."""
    config = load(None)
    written = options(config)
    for field in every_field(config):
        assert written[field.keys] == field.value, field.keys
        assert field.value == _typed(field, field.value if field.kind in ("switch", "many") else str(field.value))


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_every_group_has_a_name(lang: str) -> None:
    """Also one that is added."""
    names = {keys[-1] for keys, _ in tables(load(None).shops["shop"], ("shops", "shop"))} | set(PROGRAM)
    assert set() == names - labels("settings", lang).table["groups_of"].keys()


@pytest.mark.parametrize(
    ("kind", "typed", "written"),
    [
        ("whole", "7", 7),
        ("whole", "x", "x"),
        ("whole", "", ""),
        ("number", "0.5", 0.5),
        ("number", "2", 2),
        ("text", "20m", "20m"),
        ("many", ["b", "a"], ["a", "b"]),
        ("switch", True, True),
    ],
)
def test_what_is_typed_becomes_what_the_file_says(kind: str, typed: object, written: object) -> None:
    """What is no number stays as it was typed, so that it is refused with its words."""
    assert written == _typed(Field(("a",), kind, [] if kind == "many" else "", ""), typed)


def test_figures_hold_at_once_in_the_running_program(desk: Desk, tmp_path: Path) -> None:
    """The same objects that handlers read; what is read at the start only is named."""
    path = write(tmp_path, '[shops.tea]\nnudge_every = "36h"\ncurrency = "EUR"\n[agents.people.chen]\nrank = "owner"\n')
    config = load(path)
    later = settings_file.apply(desk, config)
    assert config.policies()["tea"] == desk.deps.policies["tea"]
    assert ["chen"] == list(desk.deps.roster.people)
    assert "shops.tea.currency" in {each.option for each in later}
    assert "shops.tea.nudge_every" not in {each.option for each in later}


def test_nobody_listed_is_not_taken_over_while_it_runs(desk: Desk) -> None:
    """Else whoever is there would be trusted with everything."""
    settings_file.apply(desk, load(None))
    assert {"li", "wang", "chen"} == set(desk.deps.roster.people)


def test_the_console_and_the_handlers_have_the_same_people(desk: Desk) -> None:
    """Who is dismissed is dismissed everywhere."""
    assert desk.config.agents.roster() is desk.deps.roster


def test_a_program_without_a_file_of_its_own_shop_saves_nothing(desk: Desk) -> None:
    """A demo would write a configuration that does not fit it."""
    assert is_demo(desk, load(None))
    assert not is_demo(desk, desk.config)


@pytest.mark.parametrize(("who", "parts"), [("li", {"you"}), ("wang", {"you", "shop", "people", "audit"})])
async def test_everybody_sees_his_part(served: Served, who: str, parts: set[str]) -> None:
    """An agent only what is about him."""
    browser = await served.logged_in(who)
    text = (await browser.get("/console/settings")).text
    for part in ("you", "shop", "people", "audit"):
        assert (part in parts) == (f"/console/settings?part={part}" in text)
