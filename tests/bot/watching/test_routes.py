"""What can be asked at the ports, and by whom."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from bot.app import bootstrap
from bot.config import Config, load
from bot.connection import LOOPBACK
from bot.listening import PortTaken
from bot.watching.port import open_port
from bot.watching.port import watched as watching_over
from bot.watching.routes import routes
from tests.bot.tea import ALWAYS_OPEN
from tests.bot.watching.watched import Watched

NEAR, FAR = LOOPBACK[0], "203.0.113.9"
TOKEN = "a-token-of-thirty-two-characters"


async def asked(
    watched: Watched, path: str, at: str, token: str | None, public: bool, said: str = ""
) -> httpx.Response:
    """What somebody at that address is answered."""
    app = Starlette(routes=routes(watched.watching, token, public))
    transport = httpx.ASGITransport(app, client=(at, 50000))
    headers = {"authorization": said.encode()} if said else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
        return await client.get(path, headers=headers)


@pytest.mark.parametrize(
    ("at", "token", "public", "said", "status"),
    [
        (NEAR, None, True, "", 403),
        (NEAR, TOKEN, True, "", 401),
        (NEAR, TOKEN, True, f"Bearer {TOKEN}", 200),
        (NEAR, None, False, "", 200),
        (NEAR, TOKEN, False, "", 401),
        (FAR, None, True, "", 403),
        (FAR, None, True, f"Bearer {TOKEN}", 403),
        (FAR, TOKEN, True, "", 401),
        (FAR, TOKEN, True, f"Bearer {TOKEN}", 200),
        (FAR, TOKEN, True, f"Bearer {TOKEN}x", 401),
        (FAR, TOKEN, True, "Bearer é", 401),
        (FAR, TOKEN, True, TOKEN, 401),
        (FAR, None, False, "", 200),
        (FAR, TOKEN, False, "", 401),
        (FAR, TOKEN, False, f"Bearer {TOKEN}", 200),
    ],
)
async def test_who_sees_the_figures(
    watched: Watched, at: str, token: str | None, public: bool, said: str, status: int
) -> None:
    """Who knows the token, at any port and from anywhere; without one everybody who reaches the port for watching, and
    nobody on the public one: a stranger may come by a proxy on this machine."""
    answer = await asked(watched, "/metrics", at, token, public, said)

    assert (status, status == 200) == (answer.status_code, "huifang_ready" in answer.text)


async def test_it_lives_and_is_ready(watched: Watched) -> None:
    """/healthz is always 200; /readyz is 503 with its reasons until the engine has started."""
    watched.watching.readiness._patience = 20
    lives = await asked(watched, "/healthz", FAR, None, public=True)
    starting = await asked(watched, "/readyz", FAR, None, public=True)
    watched.watching.readiness.started = True
    ready = await asked(watched, "/readyz", FAR, None, public=True)

    assert (200, 503, 200) == (lives.status_code, starting.status_code, ready.status_code)
    assert {"ready": False, "reasons": ["the program has not started yet, or is stopping"]} == starting.json()
    assert {"ready": True, "reasons": []} == ready.json()


@pytest.fixture
async def taken() -> AsyncIterator[int]:
    """A port that somebody has."""
    with socket.socket() as one:
        one.bind((NEAR, 0))
        one.listen()
        yield one.getsockname()[1]


async def test_processes_share_a_configuration(watched: Watched, taken: int) -> None:
    """Where the port is taken the next one that is free is served; 0 is none; what can never be is refused."""
    config = watched.app.config.model_copy(update={"watching": _own(taken)})
    http = await open_port(config, watched.watching)
    assert http is not None
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://{NEAR}:{http.port}/healthz")
    finally:
        await http.stop()

    assert (200, True) == (answer.status_code, taken < http.port <= taken + 15)
    assert await open_port(watched.app.config, watched.watching) is None
    with pytest.raises(PortTaken):
        await open_port(config.model_copy(update={"watching": _own(9464, "192.0.2.1")}), watched.watching)


async def test_the_program_has_them_on_its_port(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """`huifang run` serves all three beside the console, from the start of its engine on."""
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("HUIFANG_METRICS_TOKEN", TOKEN)
    config = _shop(tmp_path)
    app = bootstrap(config, serving=True)
    async with watching_over(app) as readiness:
        await app.engine.start()
        readiness.started, readiness._patience = True, 20
        assert app.http is not None
        url, told = f"http://{NEAR}:{app.http.port}", {"authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(trust_env=False, base_url=url, headers=told) as client:
            found = {path: await client.get(path) for path in ("/health", "/healthz", "/readyz", "/metrics")}
        await app.engine.stop()
    app.close()

    assert {200} == {answer.status_code for answer in found.values()}
    assert "huifang_leader 1.0" in found["/metrics"].text


def _own(port: int, host: str = NEAR) -> object:
    from bot.config import Watching

    return Watching(host=host, port=port)


def _shop(folder: object) -> Config:
    from pathlib import Path

    path = Path(str(folder)) / "config.toml"
    path.write_text(ALWAYS_OPEN, "utf-8")
    return load(path)
