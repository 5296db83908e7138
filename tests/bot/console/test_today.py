from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from bot.config import Agents
from bot.config_people import PersonOptions
from bot.config_shop import Shop
from bot.console.desk import Desk, Visit
from bot.console.reasons import why
from bot.console.scope import address, scope_of, thread_path
from bot.console.today_rows import Told
from bot.console.today_times import times_to_choose
from bot.desk import words
from followup.desk.people import Person, Roster
from followup.model import Decision, Reason, Task, Verdict
from followup.policy import Policy
from store.console.today import Waits
from tests.bot.console.conftest import PEOPLE, Served
from tests.store.makers import DAY, HOUR, MINUTE, NOON, a_buyer, a_task, a_thread, keep

SHANGHAI = ZoneInfo("Asia/Shanghai")
LI, WANG = Person("li", "Li"), Person("wang", "Wang", shops=frozenset({"toys"}))


def a_desk(*shops: str) -> Desk:
    """As much of a desk as the words of the page need."""
    policies = {shop: Policy(shop) for shop in shops or ("s",)}
    deps = SimpleNamespace(policies=policies, roster=Roster({"li": LI, "wang": WANG}))
    return cast(Desk, SimpleNamespace(deps=deps))


def told(task: Task, lang: str = "en", after: timedelta = timedelta(), *shops: str) -> Told:
    desk, visit = a_desk(*shops), Visit(LI, lang)
    waits = Waits(task, "unpaid_order", "1001", "Lin")
    return Told(waits, desk, visit, scope_of(desk, visit, ""), NOON + after)


class TestTold:
    def test_who_and_which_matter(self) -> None:
        """In the language of who looks; of several shops the shop too."""
        assert "Lin · Unpaid order · order 1001" == told(a_task()).title
        assert "Lin · 未付款订单 · 订单 1001" == told(a_task(), "zh-CN").title
        assert told(a_task(), "en", timedelta(), "s", "toys").title.endswith(" · s")

    def test_a_chat_without_a_matter_says_so(self) -> None:
        """There is no kind and no order."""
        one = told(a_task())
        assert "Lin · Chat without a matter" == replace(one, waits=Waits(a_task(), "", "", "Lin")).title

    @pytest.mark.parametrize(
        ("given", "whose"),
        [
            ({}, "Nobody has it"),
            ({"assignee": "li", "taken_at": NOON}, "Yours"),
            ({"assignee": "wang", "taken_at": NOON}, "Wang has it"),
            ({"assignee": "wang"}, "Given to Wang"),
            ({"assignee": "gone", "taken_at": NOON}, "gone has it"),
        ],
    )
    def test_whose_it_is(self, given: dict[str, Any], whose: str) -> None:
        """By the names that the others use."""
        assert whose == told(a_task(**given)).whose

    @pytest.mark.parametrize(
        ("minutes", "words"),
        [
            (0, "1 hour left (by 13:00)"),
            (50, "At risk: 10 minutes left"),
            (75, "Late by 15 minutes"),
        ],
    )
    def test_its_time_in_words(self, minutes: int, words: str) -> None:
        """Not by colour alone."""
        assert words == told(a_task(due_at=NOON + HOUR), "en", minutes * MINUTE).time_left

    def test_words_that_came_too_late_are_not_shown(self) -> None:
        """So that nobody pastes them."""
        task = a_task(expires_at=NOON + HOUR)
        before, after = told(task), told(task, "en", HOUR)
        assert ("Look at this", "") == (before.words, after.words)
        assert "Too late, do not send" == after.time_left

    def test_how_long_it_waits(self) -> None:
        """By the largest whole unit."""
        assert ["just now", "waiting 1 minute", "waiting 3 hours"] == [
            told(a_task(), "en", after).waited for after in (timedelta(seconds=59), MINUTE, 3 * HOUR)
        ]


class TestTimes:
    def test_a_while_or_tomorrow_when_the_shop_opens(self) -> None:
        """Each is still to come."""
        found = times_to_choose(Policy("s"), SHANGHAI, Visit(LI, "en"), NOON)
        assert [15 * MINUTE, HOUR, 3 * HOUR, 21 * HOUR] == [until - NOON for _, until in found]
        assert "Tomorrow 09:00" == found[-1][0]

    def test_of_a_shop_that_is_not_there_any_more(self) -> None:
        """Nobody knows when it opens."""
        assert 3 == len(times_to_choose(None, SHANGHAI, Visit(LI, "zh-CN"), NOON))


class TestScope:
    def test_a_visit_sees_only_the_shops_its_person_works_for(self) -> None:
        """Neither by choosing nor by typing an address."""
        desk = a_desk("tea", "toys")
        assert [("toys",)] * 3 == [scope_of(desk, Visit(WANG, "en"), shop).shops for shop in ("", "toys", "tea")]
        assert [None, ("tea",), None] == [scope_of(desk, Visit(LI, "en"), shop).shops for shop in ("", "tea", "x")]

    def test_addresses(self) -> None:
        """What is empty is left out, and ids are quoted."""
        assert "/console/today?shop=a%26b" == address("/console/today", shop="a&b", whose="")
        assert "/console/thread/s/%3Fb/%E5%94%AE" == thread_path("s/?b/售", "b")
        assert "" == thread_path("s/cluster", "")


def test_a_reason_names_a_step_and_no_id() -> None:
    """The cap tells which message it counts from."""
    facts = (("last_nudge", "2026-03-02T04:00:00+00:00"), ("by", "s/1001/unpaid_order/unpaid.help"))
    decision = Decision(Verdict.CAPPED, (Reason(Verdict.CAPPED, False, facts, NOON + DAY),), NOON + DAY)
    said = why(decision, SHANGHAI, words("zh-CN"))
    assert ("下单后帮忙" in said, "unpaid.help" in said) == (True, False)


class TestServed:
    async def test_it_is_the_first_page(self, served: Served) -> None:
        """With what needs somebody."""
        thread = a_thread(shop="tea", id="tea/o1/unpaid_order")
        task = a_task(shop="tea", thread=thread.id, text="Please answer Lin")
        await _kept(served, thread, a_buyer(shop="tea", name="Lin <b>"), task)
        browser = await served.logged_in()
        first = await browser.get("/console/", follow_redirects=True)
        assert ("/console/today", 200) == (first.url.path, first.status_code)
        assert "Please answer Lin" in first.text
        assert "Lin <b>" not in first.text  # as text, quoted

    async def test_of_another_shop_nothing_is_shown(self, serve: Any) -> None:
        """Whatever stands in the address."""
        people = {**PEOPLE, "li": PersonOptions(name="Li", shops=frozenset({"toys"}))}
        served = serve(agents=Agents(lang="en", people=people), shops={"tea": Shop(), "toys": Shop()})
        await served.start()
        await _kept(served, a_task(shop="tea", text="a secret of tea"), a_task("t2", shop="toys", text="for the toys"))
        browser = await served.logged_in()
        pages = [(await browser.get(f"/console/today{query}")).text for query in ("", "?shop=tea", "?whose=nobodys")]
        await served.stop()
        served.app.close()
        assert [(False, True)] * 3 == [("a secret of tea" in page, "for the toys" in page) for page in pages]


async def _kept(served: Served, *items: object) -> None:
    await asyncio.to_thread(keep, served.app.store, *items)
