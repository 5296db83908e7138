"""Answering from the console: of two who answer at once one is told, and what nobody may say is not said."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.console.answering import AnsweredMeanwhile, say, send, sentence
from bot.console.sessions import written
from handlers.agent_says import NotSayable, SaidAMomentAgo
from store.console.thread import said_by_people
from tests.bot.console.matters import Matters


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Matters]:
    made = Matters.made(tmp_path)
    yield made
    made.app.close()


def words(shop: Matters, thread: str) -> list[str]:
    """What people said to the buyer, and who."""
    with shop.app.store.engine.connect() as connection:
        notes = said_by_people(connection, [thread], shop.clock.now() - timedelta(days=1))
    return [f"{note.who}: {note.text}" for note in notes]


async def test_two_answer_at_once(shop: Matters) -> None:
    """One goes; the other is told who was quicker and with which words, and may still send."""
    thread = shop.ordered()
    both = [say(shop.desk, shop.visit(who), thread, f"{who} here, one moment.") for who in ("li", "wang")]
    first, second = await asyncio.gather(*both, return_exceptions=True)
    told = first if isinstance(first, AnsweredMeanwhile) else second
    assert isinstance(told, AnsweredMeanwhile)
    assert 1 == len(words(shop, thread))
    assert told.text in words(shop, thread)[0]
    slower = "wang" if told.who == "Li" else "li"
    assert (await say(shop.desk, shop.visit(slower), thread, "And me.", all_the_same=True)).went
    assert 2 == len(words(shop, thread))
    await written()


async def test_what_was_said_long_ago_is_no_reason(shop: Matters) -> None:
    """Nor what somebody said himself."""
    thread = shop.ordered()
    await say(shop.desk, shop.visit("li"), thread, "One moment please.")
    await say(shop.desk, shop.visit("li"), thread, "Here it is.")
    shop.clock.move_to(shop.clock.now() + timedelta(minutes=3))
    assert (await say(shop.desk, shop.visit("wang"), thread, "Anything else?")).went
    await written()


async def test_a_script_is_an_answer_too(shop: Matters) -> None:
    """Whoever taps a script while another writes is told."""
    thread = shop.ordered()
    await say(shop.desk, shop.visit("li"), thread, "One moment please.")
    with pytest.raises(AnsweredMeanwhile, match="just answered"):
        await send(shop.desk, shop.visit("wang"), thread, "desk.closing")
    assert (await send(shop.desk, shop.visit("wang"), thread, "desk.closing", all_the_same=True)).done
    await written()


async def test_the_same_words_again(shop: Matters) -> None:
    """Within a minute only who means it."""
    thread = shop.ordered()
    await say(shop.desk, shop.visit(), thread, "One moment please.")
    with pytest.raises(SaidAMomentAgo):
        await say(shop.desk, shop.visit(), thread, "One moment please.")
    assert (await say(shop.desk, shop.visit(), thread, "One moment please.", again=True)).went
    await written()


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
async def test_what_nobody_may_say(shop: Matters, lang: str) -> None:
    """It is not said, and the sentence names the rule and the words."""
    thread = shop.ordered()
    with pytest.raises(NotSayable) as refused:
        await say(shop.desk, shop.visit(), thread, "Give us five stars and get 5 yuan back")
    told = [sentence(each, shop.desk, shop.visit(lang=lang)) for each in refused.value.findings]
    assert all(told)
    assert any("“" in each for each in told)
    assert [] == words(shop, thread)
