"""A shift handed over: what the day leaves, what the night clears, and what the morning reads (rule 104)."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Self

import pytest

from bot.routine.paper import Paper
from followup.desk.hours import Hours, Shift
from followup.desk.people import Person, Rank, Roster
from followup.desk.places import Place
from followup.desk.records import Handover
from followup.desk.verbs import Verb
from followup.events import AgentSpoke, Commanded, thread_id
from followup.model import OutgoingState
from handlers import agent_says
from handlers.desk.commanded import commanded, wanted
from scheduler.routine import hand_over_if_due
from tests.stories.databases import SqliteStories
from tests.stories.shop import POLICY, SHOP, Shop

DAY = Shift("白", opens=time(9), closes=time(18))
NIGHT = Shift("晚", opens=time(18), closes=time(23, 30))
HOURS = Hours((DAY, NIGHT))
PEOPLE = Roster({"li": Person("li", "小李"), "wang": Person("wang", "王姐", Rank.SUPERVISOR)})
DESK = Place("telegram.desk", "-100")


class TwoShifts(Shop):
    """A shop with a day shift and a night shift, on a database, with a group for its people and a folder for papers."""

    def __init__(self, url: str, folder: Path, now: str = "2026-03-02 14:00") -> None:
        super().__init__(now, replace(POLICY, hours=HOURS))
        self.store: Any = SqliteStories(url)
        self.deps = replace(self.deps, roster=PEOPLE, places={SHOP: DESK})
        self.folder = folder

    def looks(self) -> Self:
        """The routine has a look."""
        paper = Paper(self.folder, self.deps)
        asyncio.run(hand_over_if_due(SHOP, self.store.store, self.deps, self.clock, paper))
        self.store.run(lambda _: None)
        return self

    def somebody(self, verb: Verb, kind: str, order: str = "1001", who: str = "wang", **more: Any) -> Self:
        """One of the people commands something."""
        thread = thread_id(SHOP, order, kind)
        event = Commanded(verb, who, self.clock.now(), f"{who}{self.clock.now()}", thread, **more)
        told = self.store.run(lambda tx: commanded(event, tx, self.deps), wanted(event))
        assert told.done, told
        return self

    def says(self, text: str, kind: str, who: str = "li", order: str = "1001") -> Self:
        """One of the people writes to a buyer."""
        event = AgentSpoke(who, self.clock.now(), text, thread_id(SHOP, order, kind))
        self.store.run(lambda tx: agent_says.agent_says(event, tx, self.deps), agent_says.wanted(event))
        return self._settle()

    def papers(self) -> dict[str, str]:
        """The files so far, by name."""
        return {path.name: path.read_text("utf-8") for path in sorted((self.folder / SHOP).glob("*.md"))}

    def notices(self) -> list[str]:
        """What was posted to the group as a report."""
        return [message.text for message in self.outbox() if message.step == "notice"]

    def handovers(self) -> list[Handover]:
        """Those that are kept."""
        return self._all(Handover)


@pytest.fixture
def shop(sqlite_url: str, tmp_path: Path) -> Iterator[TwoShifts]:
    made = TwoShifts(sqlite_url, tmp_path / "reports")
    yield made
    made.store.store.close()


def section(paper: str, name: str) -> str:
    """The part of a document under a heading."""
    _, _, rest = paper.partition(f"## {name}")
    return rest.partition("\n## ")[0]


def two_matters(shop: TwoShifts) -> TwoShifts:
    """One buyer waits for an answer that was promised for the evening, another for anybody at all."""
    shop.order("1001").order("1002", "chen").after("20m")
    shop.buyer_says("这条围巾会起球吗").does_task("buyer_message").buyer_says("我要找人工", buyer="chen")
    return shop.says("我问一下仓库，今晚八点前回您", "unpaid_order")


class TestTheDayEnds:
    def test_the_document_tells_all_that_the_next_shift_has_to_know(self, shop: TwoShifts) -> None:
        """Last words of both, the promise, who has it, the next step with its time; in its group of urgency."""
        two_matters(shop).until("2026-03-02 18:01").looks()
        ((name, paper),) = shop.papers().items()
        assert "handover-2026-03-02-1800-白.md" == name
        promised = section(paper, "下一班内要兑现的承诺")
        assert [True] * 5 == [
            words in promised
            for words in (
                "**1001**",
                "小李",
                "买家 03-02 14:20：这条围巾会起球吗",
                "今晚八点前",
                "03-02 20:00 前给消息",
            )
        ]
        assert "**1002**" in section(paper, "已超时")

    def test_it_is_posted_once_and_private(self, shop: TwoShifts) -> None:
        """Looking again posts nothing; the file is for its owner alone; the group reads no marks of Markdown."""
        two_matters(shop).until("2026-03-02 18:01").looks().after("10m").looks()
        (posted,) = shop.notices()
        assert ("交接：shop" in posted, "#" in posted, "**" in posted) == (True, False, False)
        (file,) = (shop.folder / SHOP).glob("*.md")
        assert 0o600 == stat.S_IMODE(file.stat().st_mode)

    def test_it_waits_in_the_outbox_of_the_group(self, shop: TwoShifts) -> None:
        """Like every other message it is tried until it arrives."""
        two_matters(shop).until("2026-03-02 18:01").looks()
        (message,) = [each for each in shop.outbox() if each.step == "notice"]
        assert ("telegram.desk", "", OutgoingState.DUE) == (message.channel, message.about, message.state)

    def test_a_shop_without_a_group_has_the_file(self, shop: TwoShifts) -> None:
        """Nobody has to use Telegram."""
        shop.deps = replace(shop.deps, places={})
        two_matters(shop).until("2026-03-02 18:01").looks()
        assert ([], 1) == (shop.notices(), len(shop.papers()))

    def test_nothing_open_is_good_news(self, shop: TwoShifts) -> None:
        """The next shift is told so, and what the bot looks after by itself."""
        shop.order("1001").until("2026-03-02 18:01").looks()
        (paper,) = shop.papers().values()
        assert ("没有要人接的事" in paper, "另有 1 件由机器人自己跟着" in paper) == (True, True)
        assert shop.handovers()[0].cleared_at is not None

    def test_a_shop_that_never_followed_anything_is_left_in_peace(self, shop: TwoShifts) -> None:
        """The first start of the program makes up for no shift before it, whatever came in since; the next is told."""
        shop.until("2026-03-02 18:01").order("1001").looks()
        assert ([], [], {}) == (shop.notices(), shop.handovers(), shop.papers())
        shop.until("2026-03-02 23:31").looks()
        assert ["handover-2026-03-02-2330-晚.md"] == list(shop.papers())


class TestTheNightClears:
    def test_what_was_closed_and_taken_is_told_in_the_next_document(self, shop: TwoShifts) -> None:
        """Of two one was closed and one was taken: nothing is left."""
        two_matters(shop).until("2026-03-02 18:01").looks().after("1h")
        shop.somebody(Verb.TAKE, "unpaid_order", "1002").agent("close", "unpaid_order", "1001")
        (first,) = shop.handovers()
        shop.looks()
        assert (None, True) == (first.cleared_at, shop.handovers()[0].cleared_at is not None)
        shop.until("2026-03-02 23:31").looks()
        paper = shop.papers()["handover-2026-03-02-2330-晚.md"]
        assert "上一班（03-02 18:00）交下 2 件：了结 1，有人接手 1，还没动 0。" in paper
        (line,) = [line for line in paper.splitlines() if "**1002**" in line]
        assert ("王姐" in line, "**1001**" in paper) == (True, False)

    def test_solved_is_closed_and_what_somebody_did_anything_about_is_taken(self, shop: TwoShifts) -> None:
        """A matter solved with its cause waits for nobody, nor does one whose task was put off."""
        two_matters(shop).until("2026-03-02 18:01").looks().after("1h")
        shop.somebody(Verb.RESOLVE, "unpaid_order", "1001", word="buyer")
        until = shop.clock.now() + timedelta(hours=12)
        shop.somebody(Verb.SNOOZE, "unpaid_order", "1002", until=until)
        shop.until("2026-03-02 23:31").looks()
        paper = shop.papers()["handover-2026-03-02-2330-晚.md"]
        assert "交下 2 件：了结 1，有人接手 1，还没动 0。" in paper

    def test_who_answered_the_buyer_has_touched_it(self, shop: TwoShifts) -> None:
        """The answer is what the buyer waited for, even if nobody took the matter first."""
        two_matters(shop).until("2026-03-02 18:01").looks().after("1h")
        shop.says("您好，我在的，请讲", "unpaid_order", order="1002")
        shop.until("2026-03-02 23:31").looks()
        assert "有人接手 1，还没动 1（1001）" in shop.papers()["handover-2026-03-02-2330-晚.md"]

    def test_what_nobody_touched_is_named(self, shop: TwoShifts) -> None:
        """The morning sees what the night left lying."""
        two_matters(shop).until("2026-03-02 18:01").looks().until("2026-03-02 23:31").looks()
        paper = shop.papers()["handover-2026-03-02-2330-晚.md"]
        assert ("还没动 2（" in paper, "1001" in paper.partition("还没动")[2][:20]) == (True, True)
        assert [None, None] == [each.cleared_at for each in shop.handovers()]

    def test_a_broken_promise_leads(self, shop: TwoShifts) -> None:
        """At the end of the night the word for eight o'clock is late."""
        two_matters(shop).does_task("buyer_message").says("收到，晚点回您", "unpaid_order", order="1002")
        shop.until("2026-03-02 18:01").looks().until("2026-03-02 23:31").looks()
        day, night = shop.papers().values()
        assert ("" == section(day, "已超时"), "**1001**" in section(night, "已超时")) == (True, True)


class TestTheProgramWasDown:
    def test_a_missed_handover_is_made_up_for_once(self, shop: TwoShifts) -> None:
        """Back in the morning, the last shift's end is told of, with how things stand now; the ones before are not."""
        two_matters(shop).until("2026-03-03 08:00").looks().looks()
        assert ["handover-2026-03-02-2330-晚.md"] == list(shop.papers())
        assert "这份是 03-03 08:00 补的" in shop.papers()["handover-2026-03-02-2330-晚.md"]
        assert 1 == len(shop.notices())

    def test_english_agents_read_english(self, shop: TwoShifts) -> None:
        """The language is that of `[agents] lang`."""
        shop.deps = replace(shop.deps, agent_lang="en")
        two_matters(shop).until("2026-03-02 18:01").looks()
        (paper,) = shop.papers().values()
        assert ("# Handover: shop" in paper, "Promised within the next shift" in paper) == (True, True)
