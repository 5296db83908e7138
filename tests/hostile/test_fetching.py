"""Nothing is fetched but from where the owner said, and nothing that a buyer names is fetched at all."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from bot.channels import wechaty_files
from bot.channels.wechaty_files import Gone, fetched
from tests.bot.channels.webchat.served import a_key
from tests.hostile.code import ROOT, importers
from tests.hostile.door import Door

SPEAKS = ("httpx", "aiohttp", "urllib.request", "urllib3", "requests", "http.client", "apprise", "grpclib", "smtplib")
MORE = ("ftplib", "telnetlib", "websockets.client", "websockets.sync", "websockets.asyncio", "socket", "procrastinate")
JUDGED = {
    "bot/alerts/apprise_service.py": "HUIFANG_ALERTS_<NAME>_SECRET_URL: the owner's service",
    "bot/alerts/robot.py": "HUIFANG_ALERTS_<NAME>_SECRET_URL, http(s) only, no redirects",
    "bot/channels/telegram_request.py": "channels.<name>.api_url and .proxy, no redirects",
    "bot/channels/wechaty_files.py": "addresses that the gateway names: none within our network but the gateway's own",
    "bot/channels/wechaty_link.py": "channels.<name>.endpoint: the owner's gateway",
    "bot/channels/wecom/client.py": "channels.<name>.api_url, no redirects",
    "bot/commands/status.py": "http.host and http.port: the program itself",
    "bot/demo/serve.py": "a free port of this computer",
    "bot/http.py": "listens only",
    "bot/listening.py": "listens only",
    "scheduler/queue_schema.py": "database.url",
    "scheduler/queueing.py": "database.url",
}
"""Every module that can speak to another machine, with whose word it takes for where."""


def test_whoever_can_fetch_is_judged() -> None:
    """A new place that speaks to another machine has to say here whose word it takes for where."""
    assert set(JUDGED) == importers(*SPEAKS, *MORE)


def test_redirects_are_not_followed() -> None:
    """httpx follows none unless it is told to, aiohttp unless it is told not to."""
    for path in ("bot/alerts/robot.py", "bot/channels/wecom/client.py"):
        assert "follow_redirects" not in (ROOT / path).read_text("utf-8")
    assert "allow_redirects=False" in (ROOT / "bot/channels/telegram_request.py").read_text("utf-8")


class Web:
    """A server on this computer that counts who comes, and sends him on where a test wants."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.leads_to = ""
        web = self

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append(self.path)
                self.send_response(302 if web.leads_to else 200)
                if web.leads_to:
                    self.send_header("location", web.leads_to)
                self.end_headers()
                self.wfile.write(b"inside")

            do_HEAD = do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Pages)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """It is over."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def web() -> Iterator[Web]:
    """Something within our network that nobody outside should reach."""
    web = Web()
    yield web
    web.stop()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "192.168.1.1", "0.0.0.0", "2130706433"]
)
def test_no_file_comes_from_within_our_network(host: str) -> None:
    """Whatever the gateway says of a stranger's file: not from this computer, its neighbours, or a cloud's own door."""
    with pytest.raises(Gone, match="within this network"):
        fetched(f"http://{host}/latest/meta-data", "gateway.example")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://x/y", "gopher://x", "http://", "//x", "data:,x"])
def test_no_file_comes_from_anywhere_but_the_web(address: str) -> None:
    """Not off the disk, either."""
    with pytest.raises(Gone):
        fetched(address, "gateway.example")


def test_a_name_that_points_within_is_within(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is where a name leads, not how it looks."""
    place = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]
    monkeypatch.setattr(wechaty_files.socket, "getaddrinfo", lambda *_, **__: place)
    with pytest.raises(Gone, match="within this network"):
        fetched("http://files.example/photo")
    assert [] == web.asked


def test_nobody_is_led_within(web: Web) -> None:
    """A redirect is looked at as the first address was."""
    web.leads_to = "http://169.254.169.254/latest"
    with pytest.raises(Gone, match="within this network"):
        fetched(f"{web.url}/photo", "127.0.0.1")
    web.leads_to = "file:///etc/passwd"
    with pytest.raises(Gone):
        fetched(f"{web.url}/photo", "127.0.0.1")


def test_the_gateway_itself_may_be_within(web: Web) -> None:
    """It is the owner's own machine, and gives out its files itself."""
    assert b"inside" == fetched(f"{web.url}/photo", "127.0.0.1")


async def test_a_buyer_s_links_are_never_followed(door: Door, web: Web) -> None:
    """Neither what he writes, nor what he says a photo of his is, nor what a page that he names says of itself."""
    header = {"authorization": f"Bearer {a_key()}"}
    says = [f"look {web.url}/a", f"[x]({web.url}/b) ![y]({web.url}/c)", f"stop {web.url}", f"<img src='{web.url}/d'>"]
    frames: list[dict[str, Any]] = [
        {"type": "say", "id": f"message-{number}", "text": text} for number, text in enumerate(says)
    ]
    frames.append({"type": "say", "id": "message-9", "photos": [f"{web.url}/e"]})
    async with httpx.AsyncClient(base_url=door.url, timeout=30) as client:
        answer = await client.post("/chat/poll", headers=header, json={"after": "", "frames": frames})
        assert 200 == answer.status_code
        assert "refused" == answer.json()["frames"][-1]["type"]
    for inbox in door.app.inboxes:
        await inbox.drain()
    assert await asyncio.to_thread(_received, door) >= len(says)
    assert [] == web.asked


def _received(door: Door) -> int:
    with door.store.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM raw_events WHERE state = 'handled'").scalar_one())
