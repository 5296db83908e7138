"""An agency: three shops, two agents with one shop each, an owner of all; the page that says how is tried."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import loaded
from followup.events import OrderChanged
from tests.bot.tea import a_refund, an_order, write_jsonl
from tests.bot.test_cli import NOW, Huifang, huifang

__all__ = ["huifang"]
PAGE = (Path(__file__).parents[2] / "docs" / "shops.md").read_text("utf-8")
CONFIG = "".join(re.findall(r"```toml\n(.*?)```", PAGE, re.S))
SHOPS = ("tea", "silk", "lamps")


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the database of the three shops is kept, for the import takes longer than most tests."""
    return tmp_path_factory.mktemp("agency") / "huifang.db"


@pytest.fixture
def agency(huifang: Huifang, migrated_file: Path, made_once: Path) -> Huifang:
    """Three shops with the same order numbers and buyers."""
    Path("config.toml").write_text(f'{CONFIG}\n[agents]\nlang = "en"\n', encoding="utf-8")
    Path("var").mkdir()
    if not made_once.exists():
        shutil.copy(migrated_file, "var/huifang.db")
        import_all(huifang)
        shutil.copy("var/huifang.db", made_once)
    shutil.copy(made_once, "var/huifang.db")
    return huifang


def import_all(huifang: Huifang) -> None:
    for shop in SHOPS:
        two = a_refund(an_order(2, NOW))
        refunds = tuple(replace(each, shop=shop) for each in two.refunds)
        told = [OrderChanged(replace(two.order, shop=shop), refunds)]
        write_jsonl(Path(f"{shop}.jsonl"), [*told, OrderChanged(replace(an_order(1, NOW), shop=shop))])
        assert 0 == huifang("import", "--shop", shop, f"{shop}.jsonl").code


def test_the_page_is_a_configuration() -> None:
    """What docs/shops.md shows can be loaded as it stands."""
    config = loaded(CONFIG)
    assert SHOPS == tuple(config.shops)
    assert ["", "tea", "silk"] == [" ".join(each.shops) for each in config.agents.people.values()]


@pytest.mark.parametrize(
    "words",
    [
        ("note", "silk/o2/pending_refund", "hi"),
        ("take", "silk/o2/pending_refund"),
        ("act", "silk/o2/pending_refund", "note", "--text", "hi"),
        ("say", "silk/o2/pending_refund", "hello"),
        ("vip", "add", "b2", "--shop", "silk"),
        ("case", "open", "o2", "quality", "--shop", "silk"),
        ("evidence", "pack", "silk/o2/pending_refund"),
        ("move", "silk/o2/pending_refund", "2h"),
        ("forget", "silk/o2/pending_refund", "--shop", "silk", "--yes"),
    ],
    ids=lambda words: words[0],
)
def test_an_agent_acts_in_his_shop_alone(agency: Huifang, words: tuple[str, ...]) -> None:
    """In another shop's matters his name does not count: exit code 2, and nothing is changed."""
    before = agency("why", "silk/o2/pending_refund").out
    assert 2 == agency(*words, "--by", "li").code
    assert before == agency("why", "silk/o2/pending_refund").out


def test_his_own_and_the_owner(agency: Huifang) -> None:
    """Each acts where he works; nothing is handed to who does not work there."""
    assert 0 == agency("note", "tea/o2/pending_refund", "hi", "--by", "li").code
    assert 0 == agency("take", "silk/o2/pending_refund", "--by", "chen").code
    assert 2 == agency("give", "silk/o2/pending_refund", "li", "--by", "chen").code
    assert 0 == agency("give", "silk/o2/pending_refund", "ana", "--by", "chen").code


@pytest.mark.parametrize("words", [("note", "o2", "hi", "--by", "chen"), ("review", "o2"), ("link", "o2")])
def test_a_number_of_several_shops(agency: Huifang, words: tuple[str, ...]) -> None:
    """Which one is meant is asked, and never guessed."""
    typed = agency(*words)
    assert 2 == typed.code
    assert all(shop in typed.err for shop in SHOPS)


def test_words_with_the_facts_of_one(agency: Huifang) -> None:
    """A script is shown with the facts of the order that was named with its shop."""
    assert "which, as in" in agency("scripts", "preview", "unpaid.help", "--order", "o1").err
    assert 0 == agency("scripts", "preview", "unpaid.help", "--order", "silk/o1").code
