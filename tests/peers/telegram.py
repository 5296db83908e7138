"""A Telegram with buyers on it, in a process of its own (tests/peers/telegram_server.py)."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

from bot.channels.telegram import Telegram
from bot.config_channels import TelegramOptions
from followup.ports import Clock
from tests.bot.channels.peer import Fault

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAE-not-a-real-token-0123456789abcde"
SECRET = "a-webhook-secret"


class TelegramPeer:
    """One bot and its buyers, whose addresses are numbers from 501 on.

    Unextended it is the emulator alone: buyers can write, and `calls` says which methods were called and how answered.
    """

    faults = frozenset(Fault)

    def __init__(self, folder: Path, extended: bool = True, journal: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.token, self.port = TOKEN, 0
        self._log, self._extended, self._journal = folder / "sent.jsonl", extended, journal
        self._updates, self._messages, self._said = itertools.count(1001), itertools.count(1001), {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the Bot API is."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start, on the same port as before; what was sent is kept, what waits in the queue is not."""
        self._process, said = await asyncio.to_thread(self._begin)
        assert said.startswith(b"PORT "), said
        self.port = int(said.split()[1])

    def _begin(self) -> tuple[subprocess.Popen[bytes], bytes]:
        command = [sys.executable, "-m", "tests.peers.telegram_server", "--port", str(self.port)]
        command += ["--log", self._log] * self._journal + ["--extended"] * self._extended
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return process, process.stdout.readline()

    async def kill(self) -> None:
        """Gone at once."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    stop = kill

    def channel(self, clock: Clock, name: str = "telegram", token: str = "", **options: Any) -> Telegram:
        """A channel for the bot."""
        table = TelegramOptions(type="telegram", api_url=self.url, **options)
        return Telegram(
            name=name, shop="tea", token=token or self.token, options=table, clock=clock, webhook_secret=SECRET
        )

    def buyer(self, number: int) -> str:
        """501, 502 …"""
        return str(500 + number)

    async def says(self, address: str, text: str, **more: Any) -> str:
        """A private message."""
        update = self.message(address, text, **more)
        external_id = f"{address}.{update['message']['message_id']}"
        self._said[external_id] = update
        await self.deliver(update)
        return external_id

    def message(self, address: str, text: str | None, kind: str = "message", **more: Any) -> dict[str, Any]:
        """An update about a message, both with new numbers."""
        return self.update(**{kind: self._body(address, text, **more)})

    def update(self, **kind: Any) -> dict[str, Any]:
        """An update of any kind with the next number."""
        return {"update_id": next(self._updates), **kind}

    def _body(self, address: str, text: str | None, **more: Any) -> dict[str, Any]:
        person = {"id": int(address), "first_name": "Lin"}
        chat, sender = {**person, "type": "private"}, {**person, "is_bot": False}
        words = {} if text is None else {"text": text}
        number = next(self._messages)
        return {"message_id": number, "date": int(time.time()), "chat": chat, "from": sender, **words, **more}

    async def taps(self, address: str, message: int, data: str, label: str) -> None:
        """The buyer taps the only button under a message."""
        shown = self._body(address, "?")
        buttons = {"inline_keyboard": [[{"text": label, "callback_data": data}]]}
        tap = {"id": "Q1", "from": shown["from"], "chat_instance": "c", "data": data}
        shown |= {"message_id": message, "reply_markup": buttons}
        await self.deliver(self.update(callback_query={**tap, "message": shown}))

    def blocked(self, address: str) -> dict[str, Any]:
        """The update that tells that a buyer blocked the bot."""
        shown = self._body(address, None)
        bot = {"id": 42, "is_bot": True, "first_name": "Lab"}
        before = {"status": "member", "user": bot}
        after = {"status": "kicked", "user": bot, "until_date": 0}
        change = {"old_chat_member": before, "new_chat_member": after}
        return self.update(my_chat_member={key: shown[key] for key in ("chat", "from", "date")} | change)

    async def deliver(self, update: dict[str, Any], again: bool = False) -> None:
        """Have Telegram queue an update."""
        if self._extended:
            await self._post("__ours/update", token=self.token, update=update, again=again)
        else:
            await self._post("__fixture/updates", token=self.token, update=update)

    async def repeat(self, external_id: str) -> None:
        """The same update once more."""
        await self.deliver(self._said[external_id], again=True)

    async def garbage(self) -> None:
        """A message without anything in it."""
        await self.deliver(self.update(message={"text": "from nobody, at no time"}))

    async def heard(self, address: str) -> list[str]:
        """The words that were accepted for a buyer."""
        return [
            call.get("text") or call.get("caption") or ""
            for call in self.calls("send")
            if call["status"] == 200 and str(call["chat_id"]) == address
        ]

    def calls(self, method: str = "") -> list[dict[str, Any]]:
        """The calls of methods that begin so, with their fields and the status of the answer."""
        return [line for line in self.lines() if line.get("method", "").startswith(method)]

    def lines(self, event: str = "") -> list[dict[str, Any]]:
        """Everything that was logged, or only the events of the emulator's journal of that name."""
        lines = map(json.loads, self._log.read_text().splitlines() if self._log.exists() else ())
        return [line for line in lines if not event or line.get("event") == event]

    async def flood(self, seconds: int) -> None:
        """All sends are refused for so long, from the next one on."""
        await self._post("__ours/flood", seconds=seconds)

    async def block(self, address: str) -> None:
        """Sends to this buyer are forbidden; that he blocked us is not told."""
        await self._post("__ours/block", address=address)

    async def refuse_next(self) -> None:
        """As Telegram refuses a text that it cannot take."""
        await self.refuse("send", 400, "Bad Request: message is too long")

    async def refuse(self, method: str, status: int, description: str, **parameters: Any) -> None:
        """Answer the next such call so."""
        told = {"parameters": parameters} if parameters else {}
        await self._post("__ours/refuse", method=method, status=status, description=description, **told)

    async def file(self, file_id: str, content: bytes) -> None:
        """A file that somebody has sent, to be fetched."""
        await self._post("__ours/file", file_id=file_id, data=base64.b64encode(content).decode())

    async def webhook_error(self, **error: Any) -> None:
        """What `getWebhookInfo` says of the last delivery."""
        await self._post("__ours/webhook", **error)

    async def _post(self, path: str, **body: Any) -> Any:
        async with aiohttp.ClientSession() as session, session.post(f"{self.url}/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()
