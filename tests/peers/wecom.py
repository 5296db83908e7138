"""The stand-in for WeCom as the contract suite wants it, with our callback on a port of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette

from bot.channels.wecom import Wecom
from bot.config_channels import WecomOptions
from followup.ports import Clock
from tests.bot.channels.peer import Fault
from tests.peers.wecom_rules import AES_KEY, CORP, KFID, SECRET, TOKEN

ROOT = Path(__file__).resolve().parents[2]
PAUSE = timedelta(seconds=2)


class WecomPeer:
    """Ours, not independent: the stand-in as a process, its state in `folder`."""

    faults = frozenset(Fault)

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._state, self.port = folder / "wecom.json", 0
        self._callback_port, self._app = 0, Starlette()
        self._process: asyncio.subprocess.Process | None = None
        self._http = httpx.AsyncClient(timeout=20, trust_env=False)
        self._front: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """The process, and the port for its callbacks."""
        if self._front is None:
            await self._open_front()
        callback = f"http://127.0.0.1:{self._callback_port}/wecom/wecom"
        arguments = ["--port", str(self.port), "--state", str(self._state), "--callback", callback]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.peers.wecom_server",
            *arguments,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout
        self.port = json.loads(await self._process.stdout.readline())["port"]
        await self.control("set", most_bare=1_000_000)  # we look every second

    async def _open_front(self) -> None:
        config = uvicorn.Config(self._app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
        self._front = uvicorn.Server(config)
        self._front.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._serving = asyncio.ensure_future(self._front.serve())
        while not self._front.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        self._callback_port = self._front.servers[0].sockets[0].getsockname()[1]

    async def kill(self) -> None:
        """SIGKILL."""
        assert self._process
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """Nothing is left."""
        if self._process and self._process.returncode is None:
            await self.kill()
        await self._http.aclose()
        if self._front and self._serving:
            self._front.should_exit = True
            await self._serving

    def channel(self, clock: Clock, **more: Any) -> Wecom:
        """A channel that looks by itself every second, and to which callbacks go."""
        options = WecomOptions(
            type="wecom",
            corp_id=CORP,
            open_kfid=KFID,
            api_url=f"http://127.0.0.1:{self.port}",
            **{"poll_seconds": 1, **more},
        )
        channel = Wecom(
            name="wecom",
            shop="tea",
            secret=SECRET,
            token=TOKEN,
            aes_key=AES_KEY,
            options=options,
            clock=clock,
            pause=PAUSE,
        )
        self._app.router.routes[:] = channel.routes(None)  # type: ignore[arg-type]
        return channel

    async def control(self, what: str, **body: Any) -> Any:
        """The test's hand on the service."""
        answer = await self._http.post(f"http://127.0.0.1:{self.port}/control/{what}", content=json.dumps(body))
        assert 200 == answer.status_code, answer.text
        return answer.json()

    def buyer(self, number: int) -> str:
        return f"wmBuyer{number:04}"

    async def says(self, address: str, text: str) -> str:
        return await self.says_so(address, msgtype="text", text={"content": text})

    async def says_so(self, address: str, **message: Any) -> str:
        """Any message of the buyer's."""
        return str(await self.control("says", address=address, **message))

    async def heard(self, address: str) -> list[str]:
        """Texts, and the heads of menus."""
        return [_text(message) for message in await self.control("heard", address=address)]

    async def repeat(self, external_id: str) -> None:
        await self.control("repeat", msgid=external_id)

    async def garbage(self) -> None:
        await self.control("append", message={"msgid": "garbage", "origin": 3, "msgtype": ["?"]})

    async def flood(self, seconds: int) -> None:
        await self.control("fault", call="send_msg", errcode=45009, errmsg="api freq out of limit", seconds=seconds)

    async def block(self, address: str) -> None:
        await self.control("buyer", address=address, set={"blocked": True})

    async def refuse_next(self) -> None:
        await self.control("fault", call="send_msg", errcode=95030, errmsg="forbidden")


def _text(message: dict[str, Any]) -> str:
    content = message[message["msgtype"]]
    return str(content.get("content") or content.get("head_content") or content.get("media_id", ""))
