from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, date, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Agents
from bot.config_people import PersonOptions
from bot.config_shop import Shop
from bot.console.calendar_days import days_of
from bot.console.calendar_read import Asked, Found, read
from bot.console.calendar_words import CalendarWords
from bot.console.desk import Visit
from followup.desk.people import Person
from followup.events import OrderChanged
from followup.local_hours import begins_at, hours_of, week_of
from followup.model import Instant, Order, OutgoingState, Reminder, ReminderState, Role, Verdict
from followup.policy import Policy, QuietHours
from followup.ports import Capabilities
from followup.understood import Intent, Understood
from handlers.deps import Deps
from handlers.order_changed import order_changed, wanted
from handlers.reminder_due import fire_due
from scripts_library.library import Library
from store.console.calendar import Count
from store.store import SqlStore
from tests.bot.console.conftest import PEOPLE, Served
from tests.store.makers import DAY, HOUR, MINUTE, NOON, a_buyer, a_chat, a_message, a_reminder, a_thread, an_order, keep
from tests.store.makers import kept as row

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
TODAY = date(2026, 3, 2)
POLICY = Policy("s")
EN = CalendarWords(Visit(Person("li"), "en"), SHANGHAI)


def deps(policy: Policy = POLICY, can: Capabilities | None = None) -> Deps:
    heard = Understood(Intent.OTHER)
    return Deps(Library.load(), {"s": policy}, lambda *_: heard, {"s": "manual"}, {"manual": can or Capabilities()})


def look(
    store: SqlStore, now: Instant = NOON, hour: int | None = None, of: Deps | None = None, on: date = TODAY
) -> Found:
    """The calendar of a day, perhaps with an hour opened."""
    opened = None if hour is None else hours_of(on, SHANGHAI)[hour]
    asked = Asked(None, (on,), SHANGHAI, (POLICY,), now, opened)
    with store.engine.connect() as connection:
        return read(connection, asked, of or deps())


class TestDays:
    @given(
        st.dates(date(2020, 1, 1), date(2035, 12, 31)),
        st.timezone_keys(allow_prefix=False).map(ZoneInfo),
        st.lists(st.integers(0, 24 * 4 - 1), max_size=20),
    )
    def test_every_count_stands_in_one_hour(self, day: date, zone: ZoneInfo, quarters: list[int]) -> None:
        """In every zone, also on days of 23 and 25 hours: nothing is lost, nothing is shown twice."""
        start, end = begins_at(day, zone), begins_at(day + DAY, zone)
        times = sorted(at for at in (start + 15 * MINUTE * n for n in quarters) if at < end)
        counts = [Count(at, "unpaid_order", 1, 0) for at in times]
        (shown,) = days_of([day], zone, [POLICY], counts, NOON)
        assert len(times) == shown.count
        for cell in shown.cells:
            assert cell.count == sum(cell.hour.start <= at < cell.hour.end for at in times)
        assert {cell.hour for cell in shown.cells} == {c.hour for n in range(24) for c in shown.at(n)}

    def test_a_week_over_the_change_of_clocks(self) -> None:
        """Two o'clock is missing on the Sunday in spring and comes twice in autumn."""
        spring, autumn = (
            days_of(week_of(day), BERLIN, [POLICY], [], NOON) for day in (date(2026, 3, 29), date(2026, 10, 25))
        )
        assert [24, 24, 24, 24, 24, 24, 23] == [len(day.cells) for day in spring]
        assert ((), 2) == (spring[-1].at(2), len(autumn[-1].at(2)))

    def test_kinds_and_what_will_wait(self) -> None:
        """The most first."""
        counts = [Count(NOON, "pending_refund", 1, 1), Count(NOON, "unpaid_order", 2, 0)]
        counts.append(Count(NOON + 45 * MINUTE, "unpaid_order", 1, 1))
        (day,) = days_of([TODAY], SHANGHAI, [POLICY], counts, NOON)
        cell = day.cells[12]
        assert ((("unpaid_order", 3), ("pending_refund", 1)), 2) == (cell.kinds, cell.waits)
        assert "4 planned: Unpaid order 3, Pending refund 1; 2 will wait" == EN.cell(cell)

    def test_now_past_today_and_holidays(self) -> None:
        """What is over and what is present is told from what comes."""
        policy = Policy("s", quiet=QuietHours(holidays=frozenset({TODAY + DAY})))
        today, holiday = days_of([TODAY, TODAY + DAY], SHANGHAI, [policy], [], NOON)
        assert (True, False, False, True) == (today.is_today, today.is_holiday, holiday.is_today, holiday.is_holiday)
        assert ([12], 12) == (
            [cell.hour.number for cell in today.cells if cell.is_now],
            sum(cell.is_past for cell in today.cells),
        )

    def test_quiet_is_what_is_quiet_in_every_shop(self) -> None:
        """While one of several may speak an hour is not quiet."""
        late = replace(POLICY, quiet=QuietHours(closes=time(23)))
        (one,), (both,) = (days_of([TODAY], SHANGHAI, each, [], NOON) for each in ([POLICY], [POLICY, late]))
        assert (1.0, 0.0) == (one.cells[22].quiet, both.cells[22].quiet)


class TestForetold:
    def test_the_real_time_and_why(self, sql_store: SqlStore) -> None:
        """Two nudges of one buyer in an hour: the second waits for the cap, and the list says until when and why."""
        keep(sql_store, a_buyer(name="Lin"), a_chat(), a_thread(), a_thread("o2"))
        keep(sql_store, a_reminder(due=NOON + 5 * MINUTE), a_reminder("o2", due=NOON + 10 * MINUTE))
        first, second = look(sql_store, hour=12).lines
        assert [NOON + 5 * MINUTE, NOON + 5 * MINUTE + DAY] == [first.goes_at, second.goes_at]
        assert "Lin · Help after ordering · Unpaid order · order o1" == EN.title(first)
        assert "Goes at 12:05" == EN.becomes(first, NOON)
        said = EN.becomes(second, NOON)
        assert said.startswith("Due 12:10, goes at 03-03 12:05: ")
        assert "unpaid.help" not in said

    def test_what_waits_for_the_buyer(self, sql_store: SqlStore) -> None:
        """Where only he can open a chat."""
        keep(sql_store, a_thread(), a_reminder(due=NOON))
        (line,) = look(sql_store, hour=12, of=deps(can=Capabilities(needs_chat=True))).lines
        assert EN.becomes(line, NOON).startswith("Due 12:00, waits for the buyer: ")

    def test_what_will_not_go(self, sql_store: SqlStore) -> None:
        """He wants to hear nothing any more."""
        keep(sql_store, a_buyer(opted_out_at=NOON), a_chat(), a_thread(), a_reminder(due=NOON))
        (line,) = look(sql_store, hour=12).lines
        assert EN.becomes(line, NOON).startswith("Due 12:00, will not go: ")

    def test_what_was_put_out_already(self, sql_store: SqlStore) -> None:
        """An answer goes as soon as it may, other words wait for the morning."""
        late = {"due_at": NOON + 9 * HOUR}
        keep(sql_store, a_thread(), a_chat(), a_message(**late), a_message("m2", role=Role.REPLY, **late))
        nudge, reply = look(sql_store, hour=21).lines
        assert [NOON + 21 * HOUR, NOON + 9 * HOUR] == [nudge.goes_at, reply.goes_at]
        assert "In line already, goes at 21:00" == EN.becomes(reply, NOON)

    def test_of_a_shop_that_is_gone(self, sql_store: SqlStore) -> None:
        """Nobody can say what becomes of it."""
        keep(sql_store, a_thread(), a_reminder(due=NOON))
        (line,) = look(sql_store, hour=12, of=replace(deps(), policies={"other": Policy("other")})).lines
        assert "Due 12:00" == EN.becomes(line, NOON)

    @pytest.mark.parametrize("hours", [(0, 1, 5), (7, 8, 9), (0, 23, 25)])
    def test_it_comes_as_foretold(self, sql_store: SqlStore, hours: tuple[int, ...]) -> None:
        """Each touch of a buyer with several orders goes at the very moment that was told, not a minute before."""
        of = deps()
        for number, hour in enumerate(hours):
            order = an_order(f"o{number}", created_at=NOON + hour * HOUR, observed_at=NOON + hour * HOUR)
            learn(sql_store, replace(order, auto_close_at=NOON + 30 * DAY), of)
        lines = []
        for hour in sorted({(NOON + hour * HOUR + 15 * MINUTE).astimezone(SHANGHAI) for hour in hours}):
            lines += look(sql_store, NOON, hour.hour, of, hour.date()).lines
        assert [f"o{number}" for number in range(len(hours))] == [line.touch.thread.order_id for line in lines]
        for line in sorted(lines, key=lambda line: line.goes_at or NOON):
            assert line.goes_at is not None
            assert line.foretold is not None
            assert (line.goes_at > line.touch.due_at) == (line.foretold.decision.verdict is not Verdict.SENT)
            assert_goes_at(sql_store, line.touch.reminder, line.goes_at, of)


def learn(store: SqlStore, order: Order, of: Deps) -> None:
    event = OrderChanged(order)
    store.run(lambda tx: order_changed(event, tx, of, NOON), wanted(event))


def assert_goes_at(store: SqlStore, reminder: Reminder | None, at: Instant, of: Deps) -> None:
    """Run the program on until then."""
    assert reminder is not None
    states = []
    for now in (at - MINUTE, at):
        while store.run(lambda tx, now=now: fire_due(tx, of, now)):
            pass
        found = row(store, reminder)
        assert found
        states.append(found.state)
    assert [ReminderState.PENDING, ReminderState.FIRED] == states


class TestRead:
    def test_an_empty_week_tells_of_the_next(self, sql_store: SqlStore) -> None:
        """So that nobody has to turn the pages."""
        keep(sql_store, a_reminder(due=NOON + 20 * DAY))
        assert (NOON + 20 * DAY, 0) == ((found := look(sql_store)).next_at, found.days[0].count)

    def test_what_went_is_not_planned(self, sql_store: SqlStore) -> None:
        """Sent messages are no part of the calendar."""
        keep(sql_store, a_thread(), a_message(state=OutgoingState.SENT), a_reminder(state=ReminderState.FIRED))
        assert (0, []) == ((found := look(sql_store, hour=12)).days[0].count, list(found.lines))


class TestWords:
    def test_hours_that_come_twice_say_so(self) -> None:
        """By the clock of the shop."""
        words = CalendarWords(Visit(Person("li"), "zh-CN"), BERLIN)
        hours = [hour for hour in hours_of(date(2026, 10, 25), BERLIN) if hour.number == 2]
        assert ["02:00", "02:00 再次"] == [words.hour(hour) for hour in hours]

    def test_days_and_rules(self) -> None:
        """Short, and the same in each language but for the words."""
        assert "Mon 03-02" == EN.day(TODAY)
        assert "2026-03-02 – 03-08" == EN.span(tuple(week_of(TODAY)))
        assert "2025-12-29 – 2026-01-04" == EN.span(tuple(week_of(date(2026, 1, 1))))
        assert "20:30–09:00" in EN.rules(POLICY, of_many=False)


class TestServed:
    async def test_of_another_shop_nothing_is_shown(self, serve: Any) -> None:
        """Whatever stands in the address."""
        people = {**PEOPLE, "li": PersonOptions(name="Li", shops=frozenset({"toys"}))}
        served = serve(agents=Agents(lang="en", people=people), shops={"tea": Shop(), "toys": Shop()})
        await served.start()
        now = served.clock.now()
        for shop in ("tea", "toys"):
            thread = f"{shop}/order-of-{shop}/unpaid_order"
            await asyncio.to_thread(
                keep,
                served.app.store,
                replace(a_thread(f"order-of-{shop}"), id=thread, shop=shop),
                Reminder(f"{thread}/unpaid.help", thread, shop, "b1", "unpaid.help", now),
            )
        browser = await served.logged_in()
        at = f"{now.replace(minute=0, second=0).astimezone(UTC):%Y-%m-%dT%H:%MZ}"
        pages = [(await browser.get(f"/console/calendar?at={at}{more}")).text for more in ("", "&shop=tea")]
        await served.stop()
        served.app.close()
        assert [(False, True)] * 2 == [("order-of-tea" in page, "order-of-toys" in page) for page in pages]

    @pytest.mark.parametrize("query", ["on=junk", "on=2026-02-30", "at=junk", "view=year", "on=9999-12-31", "shop=x"])
    async def test_any_address_shows_a_calendar(self, served: Served, query: str) -> None:
        """What means nothing is passed over."""
        answer = await (await served.logged_in()).get(f"/console/calendar?{query}")
        assert (200, True) == (answer.status_code, bool(re.search("Calendar", answer.text)))
