from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.desk import Desk, Visit
from bot.console.labels import labels
from bot.console.pages.threads import Listing
from bot.console.threads.cards import LINE, Cards, line
from bot.console.threads.choices import choices
from bot.console.threads.views import ALL, MINE, NOBODY, OPEN, QUICK, STATES, View
from followup.desk.deadlines import ClockState, Deadline, Due
from followup.desk.people import Person, Rank, Roster
from followup.model import State, Verdict
from followup.policy import Policy
from store.console.thread_rows import Row, Word
from store.console.threads import Asked, Page, Place
from tests.store.makers import DAY, HOUR, MINUTE, NOON, a_reminder, a_task, a_thread

SHANGHAI = ZoneInfo("Asia/Shanghai")
LI, WANG = Person("li", "Li"), Person("wang", "Wang", shops=frozenset({"s"}))
words = st.text(max_size=20).map(str.strip)


def a_desk(*shops: str) -> Desk:
    """As much of a desk as the words of a list need."""
    policies = {shop: Policy(shop, zone=SHANGHAI) for shop in shops or ("s",)}
    deps = SimpleNamespace(policies=policies, roster=Roster({"li": LI, "wang": WANG}))
    return cast(Desk, SimpleNamespace(deps=deps, zone=lambda shop: policies.get(shop, policies["s"]).zone))


def card(row: Row, lang: str = "en", now: datetime = NOON + HOUR) -> dict[str, Any]:
    return Cards(a_desk(), Visit(LI, lang), now).card(row)


def a_row(**more: Any) -> Row:
    return replace(Row(a_thread(), "Lin", "Tea", "", NOON), **more)


class TestView:
    @given(st.builds(View, *[words] * 13))
    def test_an_address_is_read_as_it_was_written(self, view: View) -> None:
        """So a view can be kept as a bookmark, and gone back to."""
        assert view == View.read(dict(parse_qsl(urlsplit(view.url).query)))

    @given(st.dictionaries(st.sampled_from([*View.__dataclass_fields__, "x"]), st.text(max_size=300)))
    def test_anything_may_stand_in_an_address(self, given_: dict[str, str]) -> None:
        """It is a question or none, and never an error."""
        view = View.read(given_)
        assert isinstance(view.asked(LI, NOON, SHANGHAI), Asked)
        assert all(place is None or isinstance(place, Place) for place in view.places)

    def test_what_is_not_said(self) -> None:
        """A list without an address shows what is not over; whoever looks for something looks through all."""
        shown = [
            view.shown_state
            for view in (View(), View(q="x"), View(buyer="b"), View(state="junk"), View(q="x", state="open"))
        ]
        assert [OPEN, ALL, ALL, OPEN, OPEN] == shown

    def test_the_shops_are_his(self) -> None:
        """Whoever works for some shops asks for those, and for no other even if the address names it."""
        asked = [view.asked(WANG, NOON, SHANGHAI).shops for view in (View(), View(shop="s"), View(shop="t"))]
        assert [{"s"}, {"s"}, set()] == asked
        assert [None, {"t"}] == [view.asked(LI, NOON, SHANGHAI).shops for view in (View(), View(shop="t"))]

    def test_people(self) -> None:
        """Mine, nobody's, somebody's, anybody's."""
        views = (View(agent=MINE), View(agent=NOBODY), View(agent="wang"), View())
        assert ["li", "", "wang", None] == [view.asked(LI, NOON, SHANGHAI).agent for view in views]

    def test_today_is_the_shops_day(self) -> None:
        """It begins at midnight where the shop is."""
        asked = QUICK["today"].asked(LI, datetime(2026, 3, 1, 17, 0, tzinfo=UTC), SHANGHAI)
        assert datetime(2026, 3, 1, 16, 0, tzinfo=UTC) == asked.closed_since
        assert frozenset() == asked.states

    def test_every_state_can_be_asked_for(self) -> None:
        """Each by itself, and those that are not over or over together."""
        singles = [states for states in STATES.values() if len(states) == 1]
        assert {frozenset((state,)) for state in State} == set(singles)
        assert set(State) == STATES["open"] | STATES["over"]


class TestCard:
    def test_in_words(self) -> None:
        """No code of ours is shown; times are those of the shop."""
        task = a_task("t1", due_at=NOON + 30 * MINUTE, urgent=True, assignee="wang")
        clock = Deadline("c", "t", "s", Due.FIRST_REPLY, NOON, NOON, NOON + 2 * HOUR, None)
        word, planned = Word("buyer", NOON, "Where\n is it?"), a_reminder(step="unpaid.last_call", due=NOON + DAY)
        thread = a_thread(agent="li", flag="purple")
        shown = card(
            a_row(thread=thread, last=word, next=planned, clock=clock, tasks=(task, a_task("t2")), cause="courier")
        )
        assert ("o1", "Lin", "Unpaid order", "Li") == tuple(shown[each] for each in ("order", "buyer", "kind", "agent"))
        assert {"who": "buyer", "at": "12:00", "text": "Where is it?"} == shown["last"]
        assert {"what": "Last call", "at": "03-03 12:00", "held": ""} == shown["next"]
        assert {"what": "first reply to the buyer", "at": "14:00", "how": "risk"} == shown["clock"]
        assert ("purple", False) == (shown["flag"]["colour"], shown["flag"]["name"] == "purple")
        tasks = shown["tasks"]
        assert (1, "12:30", True, True, "Wang") == tuple(
            tasks[each] for each in ("more", "at", "late", "urgent", "who")
        )

    def test_what_is_over(self) -> None:
        """It says how it ended, and why it came about."""
        shown = card(a_row(thread=a_thread(state=State.SETTLED, outcome="paid"), cause="courier"), "zh-CN")
        assert (True, "已付款；快递") == (shown["over"], shown["outcome"])

    def test_what_is_held_back(self) -> None:
        """A word that waits until the buyer writes says why."""
        shown = card(a_row(next=a_reminder(error=Verdict.WINDOW_CLOSED.value)))
        assert "window_closed" not in shown["next"]["held"] != ""

    @pytest.mark.parametrize(
        ("state", "due", "breached", "how"),
        [
            (ClockState.RUNNING, 2 * HOUR, None, "calm"),
            (ClockState.RUNNING, HOUR, None, "late"),
            (ClockState.PAUSED, 0 * HOUR, None, "paused"),
            (ClockState.PAUSED, 2 * HOUR, NOON, "late"),
        ],
    )
    def test_a_clock(self, state: ClockState, due: timedelta, breached: datetime | None, how: str) -> None:
        """Late, nearly so, at rest, or with time enough."""
        clock = Deadline("c", "t", "s", Due.REFUND, NOON, NOON + DAY, NOON + due, None, state, breached_at=breached)
        assert how == card(a_row(clock=clock))["clock"]["how"]

    def test_no_order(self) -> None:
        """What no order is about is called after its buyer."""
        shown = card(a_row(thread=a_thread("", kind="inquiry")))
        assert ("Lin", "") == (shown["order"], shown["buyer"])

    def test_almost_nothing(self) -> None:
        """Where nothing is known nothing is shown."""
        shown = card(a_row())
        assert [None] * 5 == [shown[each] for each in ("flag", "last", "next", "clock", "tasks")]

    @given(st.text(max_size=600))
    def test_a_line(self, text: str) -> None:
        """One line that is not too long, and the whole text if it is short."""
        shown = line(text)
        assert len(shown) <= LINE
        assert shown.splitlines() in ([], [shown])
        assert shown == " ".join(text.split()) or shown.endswith("…")


class TestListing:
    def test_the_words_of_a_page(self) -> None:
        """How many there are, which view it is, and where the next page begins."""
        place = Place(False, 5, "s/o1/unpaid_order")
        listing = Listing(a_desk(), Visit(LI, "en"), View(agent=MINE, before="r9-x"))
        said = listing._said(Page((), 101, None, place))
        assert ("More than 100", "", "/console/threads?agent=me&after=r5-s%2Fo1%2Funpaid_order") == (
            said["count"],
            said["newer"],
            said["older"],
        )
        assert ["mine"] == [each["name"] for each in said["quick"] if each["here"]]
        assert "12 in all" == listing._said(Page((), 12))["count"]

    def test_shops_are_asked_for_where_there_are_several(self) -> None:
        """And only those that are his."""
        both, one = (choices(a_desk("s", "t"), Visit(who, "en")) for who in (LI, WANG))
        assert [("", "Any"), ("s", "s"), ("t", "t")] == {name: options for name, _, options in both}["shop"]
        assert "shop" not in {name for name, _, _ in one}

    @pytest.mark.parametrize("lang", ["en", "zh-CN"])
    def test_no_option_is_a_code(self, lang: str) -> None:
        """Everything that can be chosen has a name in both languages."""
        for name, _, options in choices(a_desk(), Visit(LI, lang)):
            assert [] == [value for value, label in options if value == label and name != "shop"]

    @pytest.mark.parametrize("lang", ["en", "zh-CN"])
    def test_nothing_found(self, lang: str) -> None:
        """Each view that is empty says so in its own words; what was looked for is named."""
        views = [*QUICK.values(), View(q="龙井"), View(state=ALL)]
        said = [Listing(a_desk(), Visit(LI, lang), view)._empty() for view in views]
        assert all(said)
        assert "龙井" in said[-2]
        assert labels("threads", lang)("empty.all") == said[-1]


def test_ranks_are_not_needed() -> None:
    """Everybody at the desk may look at the threads of his shops."""
    from bot.console.frame import PAGES

    assert [Rank.AGENT] == [page.least for page in PAGES if page.name == "threads"]
