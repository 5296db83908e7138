"""Reading page by page, and what becomes of trouble; time is turned by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.wecom.errors import Unreachable, WecomError
from bot.channels.wecom.sync import Sync
from followup.model import Health
from scheduler.clock import FakeClock
from tests.bot.channels.wecom_kept import Kept, Scripted
from tests.scheduler.shop import HOUR, NOON

NAME = "kf:wk"
SECOND = timedelta(seconds=1)
ON = f"on@{NOON:%Y-%m-%dT%H}"


def message(id_: str, ago: timedelta = timedelta()) -> dict[str, Any]:
    """One message, so long ago."""
    return {"msgid": id_, "send_time": int((NOON - ago).timestamp()), "origin": 3}


def page(cursor: str, *messages: Any, more: int = 0) -> dict[str, Any]:
    """An answer."""
    return {"errcode": 0, "next_cursor": cursor, "has_more": more, "msg_list": list(messages)}


class Reader:
    """A reader at work on scripted answers."""

    def __init__(self, *answers: Any, cursor: str = "") -> None:
        self.clock, self.inbox, self.client = FakeClock(NOON), Kept(), Scripted(*answers)
        if cursor:
            self.inbox.cursors[NAME] = cursor
        self.sync = Sync("kf", "wk", self.client, self.clock, 60.0)  # type: ignore[arg-type]

    async def settle(self) -> None:
        """Until the reader rests."""
        for _ in range(200):
            await asyncio.sleep(0)

    async def pass_(self, by: timedelta) -> None:
        """Time passes."""
        self.clock.move(by)
        await self.settle()

    def ids(self) -> list[str]:
        """What was taken."""
        return [raw.external_id for raw in self.inbox.raws]

    def healths(self) -> list[Health]:
        """What was reported."""
        return [report[0] for report in self.inbox.reports]


@asynccontextmanager
async def reading(
    *answers: Any, cursor: str = f"{ON}:c0", before: Callable[[Reader], None] | None = None
) -> AsyncIterator[Reader]:
    """A reader that has done its first look."""
    reader = Reader(*answers, cursor=cursor)
    if before:
        before(reader)
    task = asyncio.ensure_future(reader.sync.run(reader.inbox))
    await reader.settle()
    yield reader
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def test_each_page_is_committed_with_its_cursor() -> None:
    """An empty page with more behind it is a page like others."""
    answers = (page("c1", message("a"), message("b"), more=1), page("c2", more=1), page("c3", message("c")))
    async with reading(*answers) as reader:
        assert [(["a", "b"], f"{ON}:c1"), ([], f"{ON}:c2"), (["c"], f"{ON}:c3")] == reader.inbox.commits
        assert ["c0", "c1", "c2"] == [asked["cursor"] for asked in reader.client.asked]
        assert {"wk"} == {asked["open_kfid"] for asked in reader.client.asked}
        assert [(Health.UP, "", False)] == reader.inbox.reports


async def test_nothing_new_is_not_committed() -> None:
    """A quiet account costs no commit a minute, and its health is told once."""
    async with reading(page("c0")) as reader:
        await reader.pass_(timedelta(minutes=1))
        await reader.pass_(timedelta(minutes=1))
        assert 3 == len(reader.client.asked)
        assert [] == reader.inbox.commits
        assert [Health.UP] == reader.healths()


async def test_a_callback_ends_the_rest_and_permits_the_look() -> None:
    """For the nine minutes in which its token is surely good; then we look without one."""
    async with reading(page("c0")) as reader:
        reader.sync.wake("ENC1")
        await reader.settle()
        await reader.pass_(timedelta(minutes=8))
        await reader.pass_(timedelta(minutes=2))
        assert [None, "ENC1", "ENC1", None] == [asked.get("token") for asked in reader.client.asked]


async def test_a_callback_during_a_look_is_not_forgotten() -> None:
    """What it speaks of may have come after the page was made."""

    def already(reader: Reader) -> None:
        call = reader.client.call

        async def wake_in_between(path: str, body: dict[str, Any]) -> dict[str, Any]:
            if len(reader.client.asked) == 0:
                reader.sync.wake("ENC1")
            return await call(path, body)

        reader.client.call = wake_in_between  # type: ignore[method-assign]

    async with reading(page("c0"), before=already) as reader:
        assert 2 == len(reader.client.asked)


async def test_a_token_that_is_no_good_is_dropped() -> None:
    """And the look is made without it, at once."""

    def woken(reader: Reader) -> None:
        reader.sync.wake("OLD")

    answers = (WecomError(95007, "invalid msg token"), page("c1", message("a")))
    async with reading(*answers, before=woken) as reader:
        assert ["OLD", None] == [asked.get("token") for asked in reader.client.asked]
        assert ["a"] == reader.ids()


async def test_at_the_very_first_look_old_messages_are_left_alone() -> None:
    """Those of the last hour are taken; the rest, of up to three days, were answered before we were here."""
    pages = (
        page("c1", message("old", 2 * HOUR), more=1),
        page("c2", message("older", 3 * HOUR), message("new", HOUR / 2)),
    )
    async with reading(*pages, cursor="") as reader:
        assert [([], "first:c1"), (["new"], f"{ON}:c2")] == reader.inbox.commits


async def test_a_first_look_that_was_broken_off_goes_on_as_one() -> None:
    """Also after a crash, the old are left alone until the end is reached."""
    async with reading(page("c2", message("old", 2 * HOUR)), cursor="first:c1") as reader:
        assert "c1" == reader.client.asked[0]["cursor"]
        assert [([], f"{ON}:c2")] == reader.inbox.commits


async def test_an_account_without_any_message_has_been_read_too() -> None:
    """Whoever writes first, while we are away for longer than an hour, is heard."""
    async with reading(page(""), cursor="") as reader:
        assert [([], f"{ON}:")] == reader.inbox.commits
    async with reading(page("c1", message("a", 5 * HOUR)), cursor=f"{ON}:") as reader:
        assert "" == reader.client.asked[0]["cursor"]
        assert ["a"] == reader.ids()


async def test_what_was_said_while_we_were_away_is_taken_however_old() -> None:
    """With a cursor, nothing is too old."""
    async with reading(page("c1", message("a", 70 * HOUR))) as reader:
        assert ["a"] == reader.ids()


async def test_whatever_stands_in_a_page_becomes_a_raw_event() -> None:
    """Also what has no id, or is no message at all: it is put aside where it is parsed, and the next one is taken."""
    async with reading(page("c1", {"x": 1}, "what", None, {"msgid": 5}, message("a"))) as reader:
        assert 5 == len(set(reader.ids()))
        assert [b'{"x":1}', b'"what"', b"null", b'{"msgid":5}'] == [raw.body for raw in reader.inbox.raws[:4]]
        assert "a" == reader.ids()[-1]


async def test_one_failure_is_no_news_the_second_is() -> None:
    """Then it waits longer and longer, up to a minute; back, it says so once, and goes on from the same cursor."""
    gone = Unreachable("ConnectError")
    async with reading(page("c0"), gone, gone, gone, page("c1", message("a"))) as reader:
        await reader.pass_(timedelta(minutes=1))
        assert [Health.UP] == reader.healths()
        await reader.pass_(SECOND)
        assert [(Health.UP, "", False), (Health.DOWN, "ConnectError", False)] == reader.inbox.reports
        await reader.pass_(2 * SECOND)
        await reader.pass_(4 * SECOND)
        assert [Health.UP, Health.DOWN, Health.UP] == reader.healths()
        assert {"c0"} == {asked["cursor"] for asked in reader.client.asked}


async def test_wrong_settings_are_told_at_once_and_tried_seldom() -> None:
    """Every five minutes, and on a callback."""
    async with reading(WecomError(40001, "invalid credential, hint: [1]"), page("c0")) as reader:
        assert [(Health.REFUSED, "40001: wrong secret", False)] == reader.inbox.reports
        await reader.pass_(timedelta(minutes=4))
        assert 1 == len(reader.client.asked)
        await reader.pass_(timedelta(minutes=1))
        assert [Health.REFUSED, Health.UP] == reader.healths()


async def test_a_rate_limit_is_waited_out() -> None:
    """For a minute, and no callback ends it before."""
    async with reading(WecomError(45009, "api freq out of limit"), page("c0")) as reader:
        reader.sync.wake("ENC1")
        await reader.pass_(timedelta(seconds=59))
        assert 1 == len(reader.client.asked)
        await reader.pass_(SECOND)
        assert 2 == len(reader.client.asked)


async def test_a_cursor_that_does_not_move_is_trouble_not_a_circle() -> None:
    """More is promised, nothing shown, the cursor the same: it is asked again later, not forever."""
    async with reading(page("c0", more=1)) as reader:
        await reader.pass_(SECOND)
        assert 2 == len(reader.client.asked)
        assert [Health.DOWN] == reader.healths()


async def test_an_outage_longer_than_wecom_keeps_messages_is_a_gap() -> None:
    """Something may be lost, and that is told."""
    gone = Unreachable("ConnectError")
    async with reading(page("c0"), gone, page("c0")) as reader:
        await reader.pass_(timedelta(minutes=1))
        await reader.pass_(timedelta(days=3))
        assert (Health.UP, "", True) == reader.inbox.reports[-1]


async def test_a_long_absence_is_a_gap_too() -> None:
    """The cursor tells the hour of the last look; four days later something may be lost, two days later nothing."""
    for days, gap in ((2, False), (4, True)):
        before = f"on@{NOON - timedelta(days=days):%Y-%m-%dT%H}:c0"
        async with reading(page("c0"), cursor=before) as reader:
            assert [(Health.UP, "", gap)] == reader.inbox.reports


async def test_a_quiet_account_is_remembered_once_an_hour() -> None:
    """A commit an hour is enough to know how long we were away."""
    async with reading(page("c0")) as reader:
        for _ in range(60):
            await reader.pass_(timedelta(minutes=1))
        later = f"on@{NOON + HOUR:%Y-%m-%dT%H}:c0"
        assert [([], later)] == reader.inbox.commits


async def test_a_store_that_fails_loses_nothing() -> None:
    """The error is the inbox's to handle; begun anew, it reads the page again from the cursor that was committed."""
    reader = Reader(page("c1", message("a")), cursor=f"{ON}:c0")
    take = reader.inbox.take

    async def fails(*_: Any) -> None:
        raise OSError("disk full")

    reader.inbox.take = fails  # type: ignore[method-assign]
    with pytest.raises(OSError, match="disk full"):
        await reader.sync.run(reader.inbox)
    reader.inbox.take = take  # type: ignore[method-assign]
    task = asyncio.ensure_future(reader.sync.run(reader.inbox))
    await reader.settle()
    task.cancel()
    assert ["c0", "c0"] == [asked["cursor"] for asked in reader.client.asked]
    assert [(["a"], f"{ON}:c1")] == reader.inbox.commits


async def test_it_ends_whenever_it_is_cancelled() -> None:
    """At whatever step of a look or a rest: a cancellation that is swallowed would hold up the whole program's end."""
    for steps in range(60):
        reader = Reader(page("c0"), cursor=f"{ON}:c0")
        task = asyncio.ensure_future(reader.sync.run(reader.inbox))
        for step in range(steps):
            await asyncio.sleep(0)
            if step % 7 == 0:
                reader.sync.wake("ENC1")
        task.cancel()
        await reader.settle()
        assert task.cancelled(), f"after {steps} steps"
