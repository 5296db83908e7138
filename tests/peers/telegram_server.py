"""Telegram as a process of its own on loopback: somebody else's Bot API emulator, and with --extended what it lacks.

It says `PORT <n>` once it listens, and ends when its stdin does. Our additions, so no independent proof: the bot's
name, floods, refusals and blocks on demand, kinds of updates that the emulator does not know, groups with topics
(telegram_groups.py), a log of what was sent.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import math
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

from aiohttp import web
from lo_bot_api_emulator import ApiRefusal, LoBotApiEmulator

from tests.peers.telegram_groups import OURS, Groups

UNKNOWN = ("link_preview_options", "message_thread_id")
LIMITS = {"max_bots": 1000, "max_updates": 100_000, "enable_control": True, "allow_insecure_loopback_webhooks": True}


class Extended(LoBotApiEmulator):
    """The emulator with our additions; the call `POST /__ours/<name>` with a JSON object does one of them."""

    def __init__(self, log: Path, **limits: Any) -> None:
        super().__init__(**limits)
        self._log = log.open("a", buffering=1)
        self._refusals: deque[dict[str, Any]] = deque()
        self._blocked: set[str] = set()
        self._flood_seconds, self._flood_until = 0, 0.0
        self._webhook_error: dict[str, Any] = {}
        self.groups = Groups()
        info = self._update_queues.info
        self._update_queues.info = lambda token: {**info(token), **self._webhook_error}

    def app(self) -> web.Application:
        """The emulator's app and ours."""
        app = super().app()
        app.router.add_post("/__ours/{name}", self._ours)
        return app

    async def _ours(self, request: web.Request) -> web.Response:
        do = getattr(self, f"do_{request.match_info['name']}")
        return web.json_response({"result": await do(**await request.json())})

    async def do_update(self, token: str, update: dict[str, Any], again: bool = False) -> None:
        """Queue any update; one that was acknowledged before comes `again` when somebody is asking."""
        state = self._update_queues._state(token)
        while again and not (state.polling or state.url):  # noqa: ASYNC110 - nobody is told when it is
            await asyncio.sleep(0.01)
        async with state.condition:
            state.updates.append(update)
            state.next_id = max(state.next_id, update["update_id"] + 1)
            state.condition.notify_all()
        await self._update_queues.deliver(token)

    async def do_refuse(self, **refusal: Any) -> None:
        """Answer the next call of `method` ("send": any send) with `status`, `description` and `parameters`."""
        self._refusals.append(refusal)

    async def do_flood(self, seconds: int) -> None:
        """From the next send on, refuse all sends for so long."""
        self._flood_seconds = seconds

    async def do_block(self, address: str) -> None:
        """A buyer blocks the bot."""
        self._blocked.add(address)

    async def do_webhook(self, **error: Any) -> None:
        """What `getWebhookInfo` adds from now on."""
        self._webhook_error = error

    async def do_group(self, **more: Any) -> None:
        """A group, or a change to one (telegram_groups.Group)."""
        self.groups.open(**more)

    async def do_topics(self, id: int) -> Any:  # noqa: A002 - as Telegram calls it
        """The topics of a group."""
        return self.groups.topics(id)

    async def do_delete_topic(self, id: int, number: int) -> None:  # noqa: A002
        """Somebody deletes a topic."""
        self.groups.delete_topic(id, number)

    async def do_set_topic(self, id: int, number: int, **more: Any) -> None:  # noqa: A002
        """Somebody changes a topic."""
        self.groups.set_topic(id, number, **more)

    async def do_file(self, file_id: str, data: str, name: str = "") -> None:
        """A file that somebody sent, its bytes in base64."""
        content = base64.b64decode(data)
        self.assets[file_id] = {"filename": name, "data": content, "size": len(content)}

    def validate(self, method: str, fields: dict[str, Any], uploads: dict[str, Any]) -> Any:
        """The emulator's judgement, after ours; sends are logged with it."""
        entry = {"at": time.time(), "method": method, "status": 200, "files": sorted(uploads), **_readable(fields)}
        try:
            self._refuse(method, str(fields.get("chat_id")))
            result = self._judged(method, fields, uploads)
            entry |= _numbers(result)
        except ApiRefusal as refusal:
            entry["status"] = refusal.status
            raise
        finally:
            if method != "getUpdates":
                self._log.write(json.dumps(entry) + "\n")
        return {**result, "username": "lab_bot"} if method == "getMe" else result

    def _judged(self, method: str, fields: dict[str, Any], uploads: dict[str, Any]) -> Any:
        if method in OURS:
            return self.groups.answer(method, fields, self)
        count = len(json.loads(fields["media"])) if method == "sendMediaGroup" else 1
        self.groups.check(method, fields, count)
        unknown = {key: fields.pop(key) for key in UNKNOWN if key in fields}
        result = super().validate(method, fields, uploads)
        fields.update(unknown)
        self.groups.dress(result, fields, self)
        return result

    def _refuse(self, method: str, address: str) -> None:
        if self._refusals and method.startswith(self._refusals[0]["method"]):
            refusal = self._refusals.popleft()
            raise ApiRefusal(refusal["description"], refusal["status"], refusal.get("parameters"))
        if not method.startswith("send"):
            return
        if address in self._blocked:
            raise ApiRefusal("Forbidden: bot was blocked by the user", 403)
        if self._flood_seconds:
            self._flood_until, self._flood_seconds = time.monotonic() + self._flood_seconds, 0
        if (left := self._flood_until - time.monotonic()) > 0:
            seconds = math.ceil(left)
            raise ApiRefusal(f"Too Many Requests: retry after {seconds}", 429, {"retry_after": seconds})

    def source(self, kind: str, value: Any, uploads: dict[str, Any], *, album: bool = False) -> Any:
        """What is sent; a link is followed to an imagined file."""
        if isinstance(value, str) and value.startswith("http"):
            return {"filename": value.rpartition("/")[2], "data": b"linked", "size": 6}
        return super().source(kind, value, uploads, album=album)


def _readable(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        key: json.loads(value) if isinstance(value, str) and value[:1] in ("[", "{") and key != "text" else value
        for key, value in fields.items()
    }


def _numbers(result: Any) -> dict[str, Any]:
    """The numbers of the messages that were made."""
    made = result if isinstance(result, list) else [result]
    numbers = [each["message_id"] for each in made if isinstance(each, dict) and "message_id" in each]
    return {"message_ids": numbers} if numbers else {}


async def serve(app: web.Application, port: int) -> None:
    """Listen until stdin ends."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
    sys.stdout.write(f"PORT {runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


def main() -> None:
    """Serve as told."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--extended", action="store_true")
    parser.add_argument("--log", type=Path, help="what arrives; without --extended the emulator's journal")
    asked = parser.parse_args()
    emulator = Extended(asked.log, **LIMITS) if asked.extended else LoBotApiEmulator(journal=asked.log, **LIMITS)
    asyncio.run(serve(emulator.app(), asked.port))


if __name__ == "__main__":
    main()
