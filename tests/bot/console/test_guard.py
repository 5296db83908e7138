"""The door of the console: who is let in, under which names, and what browsers are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from nicegui import __version__
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from bot.config import Config, Console, Http
from bot.config import Evidence as EvidenceOptions
from bot.console import cookies
from bot.console.headers import is_from_us, is_ours
from followup.evidence import Evidence, EvidenceState
from followup.model import Media
from store.wanted import Wanted
from tests.bot.console.conftest import FORM, Served, client_of

PUBLIC = {"console": Console(url="https://desk.example"), "secrets": {"console_secret": SecretStr("s" * 32)}}


class TestStrangers:
    @pytest.mark.parametrize("path", ["/", "/console"])
    async def test_the_way_in(self, served: Served, path: str) -> None:
        """Whoever only knows the address comes to the login."""
        answer = await served.browser(follow_redirects=True).get(path)
        assert (200, "/console/login") == (answer.status_code, answer.url.path)

    @pytest.mark.parametrize(
        "path",
        ["/console/today", "/console/thread/tea/1/unpaid_order", "/console/nowhere", "/console/loginx", "/console/_x"],
    )
    async def test_no_page_is_theirs(self, served: Served, path: str) -> None:
        """There or not: they are asked to log in first."""
        answer = await served.browser().get(path)
        assert (303, f"/console/login?next={path}") == (answer.status_code, answer.headers["location"])

    @pytest.mark.parametrize(
        "path",
        [
            f"/console/_nicegui/{__version__}/dynamic_resources/codehilite.css",
            "/console/_nicegui/auto/static/x/y.csv",
            "/console/_nicegui/client/x/upload/1",
        ],
    )
    async def test_nor_what_pages_fetch(self, served: Served, path: str) -> None:
        """Files of pages, and uploads."""
        assert [401, 401] == [
            (await served.browser().get(path)).status_code,
            (await served.browser().post(path, content=b"x", headers=FORM)).status_code,
        ]

    async def test_what_the_login_is_made_of(self, served: Served) -> None:
        """Style and script are for everybody, and kept by the browser."""
        text = (await served.browser().get("/console/login")).text
        (style,) = [part.split('"')[0] for part in text.split('href="')[1:] if part.startswith("/console/style")]
        for path in (style, f"/console/_nicegui/{__version__}/static/nicegui.css"):
            answer = await served.browser().get(path)
            assert (200, True) == (answer.status_code, "immutable" in answer.headers["cache-control"])

    async def test_webhooks_and_health_pass(self, served: Served) -> None:
        """What is not the console's is not touched, by whatever name it is asked."""
        answer = await served.browser().get("/health", headers={"host": "hooks.example"})
        assert (200, True) == (answer.status_code, "x-frame-options" not in answer.headers)
        missing = await served.browser().get("/elsewhere")
        assert (404, {"error": "not found"}) == (missing.status_code, missing.json())

    async def test_a_cookie_that_is_kept_back(self, served: Served) -> None:
        """From a link in a chat the browser sends no cookie: it is asked to come again, by itself."""
        browser = served.browser()
        bounced = await browser.get("/console/today", headers={"sec-fetch-site": "cross-site"})
        assert (200, True) == (bounced.status_code, 'http-equiv="refresh"' in bounced.text)
        again = await browser.get("/console/today", headers={"sec-fetch-site": "same-origin"})
        assert 303 == again.status_code


class TestHeaders:
    async def test_of_a_page(self, served: Served) -> None:
        """Nobody frames it or keeps it, and it loads nothing from elsewhere."""
        answer = await (await served.logged_in()).get("/console/today")
        policy = answer.headers["content-security-policy"]
        assert 200 == answer.status_code
        assert {"default-src 'self'", "frame-ancestors 'none'", "form-action 'self'"} <= set(policy.split("; "))
        assert "http" not in policy
        named = ("x-frame-options", "x-content-type-options", "referrer-policy", "cache-control")
        assert ["DENY", "nosniff", "same-origin", "no-store"] == [answer.headers[name] for name in named]

    async def test_of_the_login(self, served: Served) -> None:
        """It runs no script at all."""
        policy = (await served.browser().get("/console/login")).headers["content-security-policy"]
        assert ("default-src 'none'", False) == (policy.split("; ")[0], "script-src" in policy)

    async def test_of_what_is_refused(self, served: Served) -> None:
        """The same, for it is shown in a browser too."""
        answer = await served.browser().get("/console/today", headers={"host": "evil.example"})
        assert (421, "DENY") == (answer.status_code, answer.headers["x-frame-options"])

    async def test_nothing_comes_from_another_host(self, served: Served) -> None:
        """A page names no other server."""
        text = (await (await served.logged_in()).get("/console/today")).text
        found = [part.split('"')[0] for part in text.replace("'", '"').split('"http')[1:]]
        assert [] == [each for each in found if not each.startswith("://www.w3.org/")]


class TestNames:
    @pytest.mark.parametrize(
        ("host", "ours"),
        [
            ("127.0.0.1:8080", True),
            ("localhost", True),
            ("[::1]:8080", True),
            ("evil.example", False),
            ("127.0.0.1.evil.example", False),
            ("localhost.evil.example:8080", False),
            ("192.0.2.7:8080", False),
            ("", False),
        ],
    )
    def test_on_this_computer_alone(self, host: str, ours: bool) -> None:
        """A page whose name was made to point here is not answered."""
        assert ours == is_ours(host, Config())

    @pytest.mark.parametrize(
        ("host", "ours"),
        [("desk.example", True), ("DESK.example:443", True), ("localhost:8080", True), ("x.example", False)],
    )
    def test_with_an_address_of_its_own(self, host: str, ours: bool) -> None:
        """Under that name, and from this computer."""
        assert ours == is_ours(host, Config(**PUBLIC))

    @pytest.mark.parametrize(
        ("host", "ours"),
        [("192.0.2.7:8080", True), ("[2001:db8::7]:80", True), ("x.example", False), ("[::1", False), ("", False)],
    )
    def test_for_all_the_network(self, host: str, ours: bool) -> None:
        """By number; a name has to be made known by console.url."""
        assert ours == is_ours(host, Config(http=Http(host="0.0.0.0")))

    @pytest.mark.parametrize(
        ("said", "ours"),
        [
            ({"origin": "https://desk.example"}, True),
            ({"origin": "https://desk.example", "sec-fetch-site": "same-origin"}, True),
            ({"origin": "null", "sec-fetch-site": "same-origin"}, True),
            ({"origin": "https://desk.example", "sec-fetch-site": "cross-site"}, False),
            ({"origin": "https://other.desk.example", "sec-fetch-site": "same-site"}, False),
            ({"origin": "null"}, False),
            ({"origin": "http://["}, False),
            ({"origin": "https://desk.example@evil.example"}, False),
            ({}, False),
        ],
    )
    def test_which_page_sent_it(self, said: dict[str, str], ours: bool) -> None:
        """All that a browser says has to fit."""
        assert ours == is_from_us(Headers({"host": "desk.example", **said}))


class TestCookie:
    def given(self, config: Config) -> str:
        """What the browser is told."""
        answer = Response()
        cookies.give(answer, _request(), "token", config)
        return answer.headers["set-cookie"]

    def test_on_this_computer(self) -> None:
        """Away from scripts and from other sites, and from another program on another port."""
        told = self.given(Config())
        assert told.startswith("huifang-8080=token;")
        assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(told.split("; "))
        assert "Secure" not in told

    def test_by_https(self) -> None:
        """Bound to this one server, and never sent in the open."""
        told = self.given(Config(**PUBLIC))
        assert told.startswith("__Host-huifang=token;")
        assert {"HttpOnly", "Path=/", "SameSite=strict", "Secure"} <= set(told.split("; "))
        assert "Domain" not in told

    @pytest.mark.parametrize(("config", "found"), [(Config(), "plain"), (Config(**PUBLIC), "bound")])
    def test_which_one_counts(self, config: Config, found: str) -> None:
        """With HTTPS only the one that no other server of the same domain can have put there."""
        request = _request(b"huifang-8080=plain; __Host-huifang=bound")
        assert found == cookies.token_in(request, config)


class TestPolling:
    async def test_there_is_only_the_socket(self, served: Served) -> None:
        """Polling would be another door."""
        browser = await served.logged_in()
        answer = await browser.get("/console/_nicegui_ws/socket.io/?EIO=4&transport=polling")
        assert 400 == answer.status_code


class TestFiles:
    async def test_a_photo_may_do_nothing(self, serve: Callable[..., Served], tmp_path: Path) -> None:
        """What a buyer sent keeps the stricter policy that it is given out with, should a browser open it as a page."""
        (tmp_path / "1.png").write_bytes(b"\x89PNG<script>alert(1)</script>")
        served = serve(evidence=EvidenceOptions(folder=tmp_path))
        await served.start()
        of = ("e1", "tea/1/unpaid_order", "tea", "c", "manual", "m", served.clock.now(), Media.PHOTO, "r")
        photo = Evidence(*of, mime="image/png", state=EvidenceState.KEPT, path="1.png")
        await served.app.store.transact(lambda tx: tx.save(photo), Wanted())
        answer = await (await served.logged_in()).get("/console/file?evidence=e1")
        await served.stop()
        served.app.close()
        named = ("content-security-policy", "content-type", "x-content-type-options", "cache-control")
        expected = ["default-src 'none'; sandbox", "image/png", "nosniff", "no-store"]
        assert [200, *expected] == [answer.status_code, *(answer.headers[name] for name in named)]


class TestUploads:
    async def test_into_somebody_else_s_page(self, served: Served) -> None:
        """The address of a page is no key to it."""
        mine, his = await served.logged_in(), await served.logged_in("chen")
        client = client_of(await his.get("/console/today"))
        answers = [
            await browser.post(f"/console/_nicegui/client/{client}/upload/1", content=b"x", headers=FORM)
            for browser in (mine, his)
        ]
        assert [403, 404] == [answer.status_code for answer in answers]


def _request(cookie: bytes = b"") -> Request:
    return Request({"type": "http", "headers": [(b"cookie", cookie)], "server": ("127.0.0.1", 8080)})
