"""A console that is served by the program itself, with a clock that tests move, and people who look at it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import App, bootstrap
from bot.config import Agents, Config, Console, Database, Http, Orders
from bot.config_people import PersonOptions
from bot.config_shop import Shop
from bot.console.desk import Desk
from bot.console.invites import make_invite
from bot.console.sessions import written
from scheduler.clock import FakeClock
from store.wanted import Wanted
from tests.bot.tea import NOON

HIDDEN = re.compile(r'type="hidden" name="(\w+)" value="([^"]*)"')
CLIENT = re.compile(r"""client_id['"]: ?['"]([\w-]+)""")
PEOPLE = {
    "li": PersonOptions(name="Li"),
    "wang": PersonOptions(name="Wang", rank="supervisor"),
    "chen": PersonOptions(rank="owner"),
}
FORM = {"sec-fetch-site": "same-origin"}
"""What a browser says of a form that one of our pages sends."""


def a_console(folder: Path, url: str, **more: Any) -> Config:
    """A shop with an agent, a supervisor and an owner, on any free port of this computer."""
    given = {"agents": Agents(lang="en", people=PEOPLE), "http": Http(port=0), "console": Console()}
    given |= {"shops": {"tea": Shop()}} | more
    return Config(database=Database(url=url), orders=Orders(folder=folder), **given)


class Served:
    """The program with its console, and browsers that remember their cookies."""

    def __init__(self, app: App, clock: FakeClock) -> None:
        self.app, self.clock = app, clock
        assert app.desk
        assert app.http
        self.desk: Desk = app.desk
        self.http = app.http
        self._browsers: list[httpx.AsyncClient] = []

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.http.port}"

    def browser(self, **more: Any) -> httpx.AsyncClient:
        """Another browser, in which nobody is logged in."""
        made = httpx.AsyncClient(base_url=self.url, headers={"accept-language": "en"}, timeout=30, **more)
        self._browsers.append(made)
        return made

    async def start(self) -> None:
        """What serves the console runs."""
        await self.http.start()

    async def stop(self) -> None:
        """It is over, with all browsers."""
        for browser in self._browsers:
            await browser.aclose()
        await self.http.stop()
        await written()

    async def invited(self, person: str = "li") -> str:
        """The token of a link for somebody."""
        config = self.app.config
        token, invite = make_invite(person, "chen", self.clock.now(), config.console.invite_lasts, config)
        await self.app.store.transact(lambda tx: tx.save(invite), Wanted())
        return token

    async def logged_in(self, person: str = "li") -> httpx.AsyncClient:
        """A browser in which somebody used his link."""
        browser = self.browser()
        answer = await sent(browser, "/console/login", {}, page=f"/console/login?t={await self.invited(person)}")
        assert (303, "/console/") == (answer.status_code, answer.headers["location"])
        return browser

    async def ask(self, browser: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
        """Somebody tries a password."""
        return await sent(browser, "/console/login", {"name": name, "password": password})


async def sent(browser: httpx.AsyncClient, to: str, form: dict[str, str], page: str = "") -> httpx.Response:
    """A form of ours, filled in and sent as a browser does; what is hidden in it goes along."""
    text = (await browser.get(page or to)).text
    hidden = {name: unescape(value) for name, value in HIDDEN.findall(text)}
    return await browser.post(to, data={**hidden, **form}, headers=FORM)


def client_of(page: httpx.Response) -> str:
    """The name by which the script of a page speaks to us."""
    found = CLIENT.search(page.text)
    assert found, page.text
    return found[1]


@pytest.fixture
def serve(tmp_path: Path, sqlite_url: str) -> Callable[..., Served]:
    """Wires up the program, with other options where a test wants them."""

    def wired(**more: Any) -> Served:
        clock = FakeClock(NOON)
        return Served(bootstrap(a_console(tmp_path, sqlite_url, **more), clock=clock, serving=True), clock)

    return wired


@pytest.fixture
async def served(serve: Callable[..., Served]) -> AsyncIterator[Served]:
    """The program at work, at noon in Shanghai."""
    served = serve()
    await served.start()
    yield served
    await served.stop()
    served.app.close()
