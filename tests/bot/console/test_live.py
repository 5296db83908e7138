from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import cast

import pytest
from nicegui import Client, context
from nicegui.page import page
from structlog.testing import capture_logs

from bot.console import live as module
from bot.console.live import Live
from scheduler.clock import FakeClock
from store.commits import Commits
from store.store import SqlStore
from tests.store.makers import NOON, a_buyer, keep

PATIENCE = 20.0
SHORT = 0.1


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("EVERY", 0.01), ("PACE", 0.01), ("BLIND", 0.01)):
        monkeypatch.setattr(module, name, seconds)


class Counted:
    """Stands in for a database: its mark changes when told to; knows how often it was asked."""

    def __init__(self) -> None:
        self.asked, self.commits, self.away = 0, 0, 0
        self._enough: list[tuple[int, asyncio.Event]] = []
        self._loop = asyncio.get_running_loop()
        self.closed = threading.Event()

    def mark(self) -> str:
        self.asked += 1
        self._loop.call_soon_threadsafe(self._tell)
        if self.away:
            self.away -= 1
            raise OSError("away")
        return str(self.commits)

    def close(self) -> None:
        self.closed.set()

    async def after(self, more: int, patience: float = PATIENCE) -> None:
        """Wait until it was asked so many times more."""
        event = asyncio.Event()
        self._enough.append((self.asked + more, event))
        async with asyncio.timeout(patience):
            await event.wait()

    def _tell(self) -> None:
        for count, event in self._enough:
            if self.asked >= count:
                event.set()


class Shown:
    """A page's refresh that counts its calls, and can be told to fail or to take its time."""

    def __init__(self) -> None:
        self.times, self.fails = 0, False
        self.at_once, self.most = 0, 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.clients: list[Client] = []
        self._changed = asyncio.Condition()

    async def __call__(self) -> None:
        self.times += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.clients.append(context.client)
        async with self._changed:
            self._changed.notify_all()
        await self.gate.wait()
        self.at_once -= 1
        if self.fails:
            raise ValueError("this page is broken")

    async def reaches(self, times: int) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: self.times >= times)


def opened(live: Live, refresh: Shown, connected: bool = True) -> Client:
    """A page that somebody opened."""
    client = Client(page("/somewhere"))
    with client:
        live.watch(refresh)
    if connected:
        connect(client)
    return client


def connect(client: Client) -> None:
    """The browser is there."""
    client.tab_id = "tab"
    for handler in client.connect_handlers:
        client.safe_invoke(handler)


def disconnect(client: Client) -> None:
    """The browser is away, perhaps only for a moment."""
    client.tab_id = None
    for handler in client.disconnect_handlers:
        client.safe_invoke(handler)


@asynccontextmanager
async def looking(commits: object, clock: FakeClock | None = None) -> AsyncIterator[Live]:
    live = Live(cast(Commits, commits), clock or FakeClock(NOON))
    await live.start()
    yield live
    await live.stop()


class TestWatch:
    async def test_a_commit_is_shown(self) -> None:
        """A page is refreshed after a change, in its own client."""
        commits, shown = Counted(), Shown()
        async with looking(commits) as live:
            client = opened(live, shown)
            await commits.after(2)
            before = shown.times
            commits.commits += 1
            await shown.reaches(before + 1)
            assert {client} == set(shown.clients)
            client.delete()

    async def test_a_real_commit_is_shown(self, sql_store: SqlStore) -> None:
        """The same with each database, from a writer's thread."""
        shown = Shown()
        async with looking(sql_store.dialect.commits()) as live:
            client = opened(live, shown)
            await shown.reaches(1)
            await asyncio.to_thread(keep, sql_store, a_buyer())
            await shown.reaches(2)
            client.delete()

    async def test_nothing_new_is_not_shown(self) -> None:
        """While nothing changes no page is refreshed, however often the watcher looks."""
        commits, shown = Counted(), Shown()
        async with looking(commits) as live:
            client = opened(live, shown)
            await commits.after(3)
            before = shown.times
            await commits.after(10)
            assert before == shown.times
            client.delete()

    async def test_what_was_committed_while_the_page_was_built_is_shown(self) -> None:
        """A commit between reading and watching is not lost."""
        commits, shown, other = Counted(), Shown(), Shown()
        async with looking(commits) as live:
            first = opened(live, other)
            await other.reaches(1)
            client = Client(page("/somewhere"))
            commits.commits += 1
            await other.reaches(2)
            with client:
                live.watch(shown)
            connect(client)
            await shown.reaches(1)
            client.delete()
            first.delete()

    async def test_a_page_that_nobody_sees_yet_waits(self) -> None:
        """It is refreshed once its browser is there, not before."""
        commits, shown, other = Counted(), Shown(), Shown()
        async with looking(commits) as live:
            client, seen = opened(live, shown, connected=False), opened(live, other)
            await other.reaches(1)
            commits.commits += 1
            await other.reaches(2)
            before = shown.times
            connect(client)
            await shown.reaches(1)
            assert before == 0
            client.delete()
            seen.delete()

    async def test_a_browser_that_comes_back_is_brought_up_to_date(self) -> None:
        """What changed while it was away is shown once it is back."""
        commits, shown, other = Counted(), Shown(), Shown()
        async with looking(commits) as live:
            client, seen = opened(live, shown), opened(live, other)
            await shown.reaches(1)
            await other.reaches(1)
            disconnect(client)
            before = shown.times
            commits.commits += 1
            await other.reaches(2)
            assert before == shown.times
            connect(client)
            await shown.reaches(before + 1)
            client.delete()
            seen.delete()

    async def test_a_slow_refresh_is_not_called_again_before_it_is_over(self) -> None:
        """However many commits there are meanwhile, they become one refresh after it."""
        commits, shown = Counted(), Shown()
        async with looking(commits) as live:
            client = opened(live, shown)
            shown.gate.clear()
            await shown.reaches(1)
            for _ in range(5):
                commits.commits += 1
                await commits.after(2)
            assert shown.times == 1
            shown.gate.set()
            await shown.reaches(2)
            assert shown.most == 1
            client.delete()

    async def test_an_error_is_told_once_and_stops_no_other(self) -> None:
        """One broken page does not fill the log, and the others go on."""
        commits, broken, fine = Counted(), Shown(), Shown()
        broken.fails = True
        with capture_logs() as told:
            async with looking(commits) as live:
                clients = [opened(live, broken), opened(live, fine)]
                for count in (1, 2, 3):
                    await broken.reaches(count)
                    await fine.reaches(count)
                    commits.commits += 1
                for client in clients:
                    client.delete()
        assert ["page_refresh_failed"] == [line["event"] for line in told]

    async def test_a_closed_page_is_forgotten(self) -> None:
        """It is refreshed no more, and nothing holds on to it."""
        commits, shown = Counted(), Shown()
        async with looking(commits) as live:
            client = opened(live, shown)
            await shown.reaches(1)
            client.delete()
            commits.commits += 1
            other = Shown()
            last = opened(live, other)
            await other.reaches(1)
            assert shown.times == 1
            last.delete()

    async def test_a_thousand_pages_leave_nothing_behind(self) -> None:
        """Neither tasks nor pages are kept when they are closed, seen or not."""
        commits = Counted()
        async with looking(commits) as live:
            tasks, gone = len(asyncio.all_tasks()), []
            for number in range(1000):
                shown = Shown()
                gone.append(weakref.ref(shown))
                opened(live, shown, connected=number % 2 == 0).delete()
                del shown
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            gc.collect()
            assert (tasks, 0) == (len(asyncio.all_tasks()), sum(ref() is not None for ref in gone))


class TestLook:
    async def test_while_nobody_watches_it_does_not_look(self) -> None:
        """No page open: the database is not asked at all."""
        commits = Counted()
        async with looking(commits) as live:
            before = commits.asked
            client = opened(live, Shown())
            await commits.after(3)
            client.delete()
            with pytest.raises(TimeoutError):
                await commits.after(3, SHORT)
            assert before == 0

    async def test_a_clock_that_is_moved_is_shown(self) -> None:
        """In a demo the time goes on without a commit: what is in five minutes then is in four."""
        commits, shown, clock = Counted(), Shown(), FakeClock(NOON)
        async with looking(commits, clock) as live:
            client = opened(live, shown)
            await shown.reaches(1)
            clock.move(timedelta(seconds=29))
            await commits.after(3)
            before = shown.times
            clock.move(timedelta(seconds=1))
            await shown.reaches(2)
            assert before == 1
            client.delete()

    async def test_time_that_passes_is_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every half minute of this machine too, though the shop's clock stands still."""
        monkeypatch.setattr(module, "BEAT", timedelta(seconds=0.05))
        commits, shown = Counted(), Shown()
        async with looking(commits) as live:
            client = opened(live, shown)
            await shown.reaches(3)
            client.delete()

    async def test_a_database_that_is_away_is_told_once_and_found_again(self) -> None:
        """The watcher lives on and sees what happened meanwhile."""
        commits, shown = Counted(), Shown()
        with capture_logs() as told:
            async with looking(commits) as live:
                client = opened(live, shown)
                await shown.reaches(1)
                commits.away, commits.commits = 3, 1
                await shown.reaches(2)
                client.delete()
        assert ["live_is_blind"] == [line["event"] for line in told]

    async def test_it_lets_the_database_go(self) -> None:
        """After the stop its connection is closed."""
        commits = Counted()
        async with looking(commits):
            pass
        assert commits.closed.wait(PATIENCE)
