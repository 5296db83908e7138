"""The web chat's page and script, without a browser: their words, their size and what the server fills in."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

import pytest

import bot.channels
from handlers.understand import Intent, understand
from scripts_library.lint import lint_text, means_stop

PAGE = Path(bot.channels.__file__).parent / "webchat_page"
WORDS = tomllib.loads((PAGE / "words.toml").read_text(encoding="utf-8"))
LANGUAGES = ["zh-CN", "en", "es"]
NOW, ZONE = datetime(2026, 3, 11, 6, tzinfo=UTC), ZoneInfo("Asia/Shanghai")


def read(name: str) -> str:
    """A file of the page."""
    return (PAGE / name).read_text(encoding="utf-8")


def facts(words: dict) -> dict[str, object]:
    """The words by key, each as the facts it names."""
    return {k: facts(v) if isinstance(v, dict) else sorted(re.findall(r"\{\w+\}", v)) for k, v in words.items()}


def test_each_language_has_the_same_words() -> None:
    """Every language has the same keys, with the same facts in them, and no empty words."""
    assert LANGUAGES == list(WORDS)
    assert facts(WORDS["en"]) == facts(WORDS["zh-CN"]) == facts(WORDS["es"])
    assert all(text for words in WORDS.values() for text in words.values())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_stop_and_person_are_understood_surely(lang: str) -> None:
    """What the two buttons say means just that to the bot."""
    stop, person = WORDS[lang]["stop_says"], WORDS[lang]["person_says"]

    assert means_stop(stop, lang)
    assert Intent.STOP == understand(stop, NOW, ZONE, lang).intent
    assert Intent.HUMAN == understand(person, NOW, ZONE, lang).intent


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_pass_the_linter(lang: str) -> None:
    """No promise, pressure or benefit stands around a conversation either."""
    texts = [text for text in WORDS[lang].values() if isinstance(text, str)]
    assert [] == [finding for text in texts for finding in lint_text(text, lang)]


def test_each_word_is_used() -> None:
    """No word is left over, and the page asks for none that is not there."""
    source = read("chat.js") + read("chat.html")
    marked = set(re.findall(r'data-(?:word|label|hint)="(\w+)"', source))
    named = set(re.findall(r"\bwords\.(?!toml)(\w+)", source)) | set(re.findall(r'\bword\("(\w+)"', source)) | marked

    assert set() == named - set(WORDS["en"])
    assert [] == [
        name
        for name in WORDS["en"]
        if name != "widget"
        and not re.search(rf"\b{name}\b", source)
        and name not in ("too_long", "too_large", "bad_photo", "empty")
        and name not in ("photo_bad_photo", "photo_failed", "photo_too_large", "photo_too_many")
    ]


def test_the_widget_has_the_words_of_words_toml() -> None:
    """The table in widget.js, which waits for nothing, says what words.toml says."""
    table = re.search(r"const WORDS = \{\n(.*?)\n  \};", read("widget.js"), re.S)
    assert table is not None
    lines = re.findall(r'^ +"?([\w-]+)"?: \{ (.*) \},$', table[1], re.M)
    found = {lang: dict(re.findall(r'(\w+): "([^"]*)"', line)) for lang, line in lines}

    assert {lang: WORDS[lang]["widget"] for lang in LANGUAGES} == found


def test_our_own_script_is_small() -> None:
    """chat.js and widget.js are under 30 KB together, as they are written."""
    assert sum((PAGE / name).stat().st_size for name in ("chat.js", "widget.js")) < 30_000


def test_the_page_has_five_placeholders() -> None:
    """The server fills in these and nothing else."""
    assert ["base", "color", "lang", "title", "words"] == sorted(Template(read("chat.html")).get_identifiers())


def test_nothing_is_ever_html() -> None:
    """No script of ours can turn words into markup or code, or loads anything from elsewhere."""
    source = read("chat.js") + read("widget.js")
    unsafe = (
        r"innerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|setHTML|createContextualFragment"
    )

    assert [] == re.findall(unsafe, source)
    assert [] == re.findall(
        r'<script(?! type="module" src="\$base)|\son\w+=|\sstyle=|https?://(?!www\.w3\.org/2000/svg)', read("chat.html")
    )
