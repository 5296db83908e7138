"""The sockets of open pages: whose they are, what they may say, and when they are closed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from nicegui import Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bot.console.sessions import SEEN_EVERY, digest_of, write
from bot.console.sockets import Sockets
from followup.desk.people import Person, Rank
from store.console import logins
from tests.bot.console.conftest import Served, client_of

CONNECTED, REFUSED = "40", "44"


class Open:
    """A page that somebody has open, and the socket by which it speaks."""

    def __init__(self, served: Served, browser: httpx.AsyncClient, client: str) -> None:
        self.served, self.browser, self.client = served, browser, client
        self.socket: ClientConnection

    async def connect(self, client: str = "", **headers: str) -> str:
        """Open the socket as NiceGUI's script does; returns what the program answers."""
        query = {"EIO": 4, "transport": "websocket", "client_id": client or self.client, "implicit_handshake": "true"}
        query |= {"tab_id": "t", "document_id": "d", "next_message_id": 0}
        url = f"{self.served.url.replace('http', 'ws')}/console/_nicegui_ws/socket.io/?{urlencode(query)}"
        cookie = "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())
        given = {"origin": self.served.url, "cookie": cookie, **headers}
        said = {name: value for name, value in given.items() if value}
        self.socket = await connect(url, additional_headers=said, proxy=None)
        await self.socket.recv()
        await self.socket.send(CONNECTED)
        return str(await self.socket.recv())

    async def say(self, name: str, **message: Any) -> None:
        """Send a message as a page does."""
        await self.socket.send("42" + json.dumps([name, message]))

    async def heard(self) -> list[str]:
        """All that comes until the program closes the socket."""
        found = []
        try:
            async for message in self.socket:
                found.append(str(message))
                if message == "41":
                    break
        except ConnectionClosed:
            pass
        return found


async def opened(served: Served, person: str = "li") -> Open:
    """Somebody opens a page; its script has not run yet."""
    browser = await served.logged_in(person)
    return Open(served, browser, client_of(await browser.get("/console/today")))


@pytest.fixture
async def page(served: Served) -> AsyncIterator[Open]:
    """Li's page."""
    page = await opened(served)
    yield page
    if hasattr(page, "socket"):
        await page.socket.close()


def sockets_of(served: Served) -> Sockets:
    """What looks after them."""
    return next(each for each in served.app.engine._services if isinstance(each, Sockets))


async def test_one_s_own_page(page: Open) -> None:
    """It gets its socket."""
    assert (await page.connect()).startswith(CONNECTED)


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": ""},
        {"cookie": "huifang-1=guessed"},
        {"origin": ""},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
    ids=["no cookie", "wrong cookie", "no origin", "another origin", "no origin's name"],
)
async def test_who_gets_none(page: Open, headers: dict[str, str]) -> None:
    """Strangers, and pages of others that a logged-in person happens to look at."""
    with pytest.raises(InvalidStatus) as refused:
        await page.connect(**headers)
    assert 403 == refused.value.response.status_code


async def test_what_no_page_of_ours_says(served: Served, page: Open) -> None:
    """It is heard by nobody, and breaks nothing."""
    await page.connect()
    sockets = sockets_of(served)
    (sid,) = sockets._open
    for junk in ("x", None, 5, [], {}, {"client_id": [page.client]}, {"client_id": None}):
        assert not sockets._is_own(sid, junk)
    assert sockets._is_own(sid, {"client_id": page.client})


async def test_somebody_else_s_page(served: Served, page: Open) -> None:
    """Who knows its name still cannot speak to it, nor hear what it shows."""
    his = await opened(served, "chen")
    answer = await page.connect(his.client)
    assert (True, "somebody else") == (answer.startswith(REFUSED), json.loads(answer[2:])["message"][:13])


async def test_it_hears_of_its_own_page_alone(served: Served, page: Open) -> None:
    """What it says about the page of another is not heard: no click, no handshake, no answer."""
    his = await opened(served, "chen")
    await page.connect()
    clicked: list[str] = []
    other = Client.instances[his.client]
    other.handle_event = lambda msg: clicked.append("his")  # type: ignore[method-assign]
    Client.instances[page.client].handle_event = lambda msg: clicked.append("own")  # type: ignore[method-assign]
    await page.say("event", client_id=his.client, id=1, listener_id="x", args=[])
    await page.say("handshake", client_id=his.client, tab_id="t", document_id="d", next_message_id=0)
    await page.say("ack", client_id=his.client, next_message_id=99)
    await page.say("event", client_id=page.client, id=1, listener_id="x", args=[])
    while not clicked:
        await page.socket.recv()
    assert (["own"], False) == (clicked, other.has_socket_connection)


async def test_its_session_ends(served: Served, page: Open) -> None:
    """Logged out elsewhere: the page is sent to the start, which is the login then, and the socket closed."""
    await page.connect()
    sockets = sockets_of(served)
    await sockets.close_ended()
    await write(served.desk, logins.end_all, "li")
    await sockets.close_ended()
    heard = await page.heard()
    assert any('"open"' in each and "/console" not in each for each in heard)
    assert "/console/login" == (await page.browser.get("/console/")).headers["location"]


async def test_its_session_runs_out(served: Served, page: Open) -> None:
    """As a page that nobody touches for twelve hours."""
    await page.connect()
    served.clock.move(timedelta(hours=12))
    await sockets_of(served).close_ended()
    assert "41" in await page.heard()


@pytest.mark.parametrize("now", [None, Person("li", "Li", Rank.SUPERVISOR), Person("li", "Li", shops=frozenset("a"))])
async def test_its_person_becomes_another(served: Served, page: Open, now: Person | None) -> None:
    """Who left, or may see other things than before, loses what is open."""
    await page.connect()
    people = served.desk.deps.roster.people
    assert isinstance(people, dict)
    people.pop("li")
    people.update({"li": now} if now else {})
    await sockets_of(served).close_ended()
    assert "41" in await page.heard()


async def test_acting_in_it_keeps_one_logged_in(served: Served, page: Open) -> None:
    """Who works in an open page all day need not load it anew."""
    await page.connect()
    (token,) = [value for name, value in page.browser.cookies.items() if name != "huifang-form"]
    for _ in range(2):
        served.clock.move(timedelta(hours=11))
        await page.say("event", client_id=page.client, id=1, listener_id="x", args=[])
        before = served.clock.now()
        while True:
            found = await served.desk.read(logins.session_of, digest_of(token, served.app.config))
            assert found
            if before - found[0].seen_at < SEEN_EVERY:
                break
    assert served.clock.now() + timedelta(hours=12) == found[0].expires_at


async def test_what_a_browser_would_write_into_our_log(page: Open, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not written: it may hold a buyer's words."""
    await page.connect()
    await page.say("log", client_id=page.client, level="error", message="phone 13800138000")
    await page.say("handshake", client_id="x")
    await page.socket.close()
    told = capsys.readouterr()
    assert "13800138000" not in told.out + told.err


async def test_a_page_that_opens_while_one_looks(page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its session was not asked for, which does not mean that it is over."""
    await page.connect()
    sockets, lasting, gone = sockets_of(page.served), logins.lasting, list[str]()

    def meanwhile(connection: Any, digests: Any, at: Any) -> Any:
        (visit,) = sockets._open.values()
        sockets._open["late"] = replace(visit, session="another")
        return lasting(connection, digests, at)

    async def disconnect(sid: str) -> None:
        gone.append(sid)

    monkeypatch.setattr("bot.console.sockets.logins.lasting", meanwhile)
    monkeypatch.setattr("bot.console.sockets.core.sio.disconnect", disconnect)
    await sockets.close_ended()
    sockets._open.pop("late")
    assert [] == gone
