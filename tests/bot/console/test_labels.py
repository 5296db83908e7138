"""The words of the console itself: the same in every language, and nothing without a name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import bot.console.labels
from bot.console.acts import act_in_words
from bot.console.frame import PAGES
from bot.console.head import KEYS, PLACES
from bot.console.labels import labels
from bot.console.passwords import fault_of
from bot.console.serving import import_pages
from followup.desk.people import Person, Rank
from followup.desk.verbs import Verb

FOLDER = Path(bot.console.labels.__file__).parent
FILES = sorted(path.stem for path in FOLDER.glob("*.toml"))
LANGUAGES = ("zh-CN", "en")
FIGURE = re.compile(r"{(\w*)")


def leaves(table: dict[str, Any], keys: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Every label with its words."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, (*keys, key))
        else:
            yield ".".join((*keys, key)), str(value)


def table_of(file: str) -> dict[str, dict[str, str]]:
    """The labels of a file by language."""
    return {lang: dict(leaves(table)) for lang, table in tomllib.loads((FOLDER / f"{file}.toml").read_text()).items()}


@pytest.mark.parametrize("file", FILES)
def test_every_language_has_the_same(file: str) -> None:
    """No label is missing in one of them, and none is empty."""
    table = table_of(file)
    assert sorted(LANGUAGES) == sorted(table)
    assert set(table["en"]) == set(table["zh-CN"])
    assert [] == [name for lang in LANGUAGES for name, words in table[lang].items() if not words.strip()]


@pytest.mark.parametrize("file", FILES)
def test_they_take_the_same_figures(file: str) -> None:
    """What is filled in is filled in everywhere."""
    table = table_of(file)
    zh, en = ({name: set(FIGURE.findall(words)) for name, words in table[lang].items()} for lang in LANGUAGES)
    assert zh == en


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_has_a_name(lang: str) -> None:
    """In the title, in the navigation, and in the list of what people saw."""
    import_pages()
    say = labels("frame", lang)
    assert {page.name for page in PAGES} >= set(PLACES)
    assert all(say(f"pages.{name}") for name in {page.name for page in PAGES} | set(PLACES))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_act_has_a_name(lang: str) -> None:
    """All commands that can be given are told in words."""
    named = table_of("acts")[lang]
    assert [] == [verb.value for verb in Verb if f"acts.{verb.value}" not in named]
    assert all(labels("frame", lang)(f"ranks.{rank.name.lower()}") for rank in Rank)


def test_an_act_in_words() -> None:
    """A page by its name, an act by what is done; one without a name by what the program calls it."""
    told = [act_in_words(what, "en") for what in ("saw.threads", "did.take", "did.something_new")]
    assert ["saw: Threads", "did: take it over", "did: something new"] == told


def test_each_place_has_a_key_of_its_own() -> None:
    """ "g" and a letter lead to every place of the navigation."""
    assert (set(PLACES), len(PLACES)) == (set(KEYS), len(set(KEYS.values())))


def test_every_fault_of_a_password_has_words() -> None:
    """Whatever is wrong with it is said."""
    faults = {fault_of(given, Person("li")) for given in ("", "x" * 300, "a" * 20)}
    assert faults <= set(table_of("login")["en"])
