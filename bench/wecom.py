"""A buyer says something on WeCom until WeCom has our answer, through the whole bot: callback on the HTTP port, read,
committed, handled, answered through the outbox, sent. WeCom is our stand-in, a process of its own on the same machine.

It keeps no state on disk, and its buyers speak by themselves; our own cap of 150 messages a second is off.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from bot.app import App, bootstrap
from bot.channels.wecom import Wecom
from bot.config import Config, Database, Http, Orders
from bot.config_channels import WecomOptions
from bot.config_shop import QuietHoursOptions, Shop
from scheduler.clock import SystemClock

ROOT = Path(__file__).resolve().parents[1]
AT_ONCE = 64
PATIENCE = 120
CORP, SECRET, KFID = "ww1234567890abcdef", "app-secret-of-the-stand-in", "wkStandIn0000001"
TOKEN, AES_KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


class Standin:
    """The process, and a hand on it."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process, self.url = process, f"http://127.0.0.1:{port}"
        self._http = httpx.AsyncClient(timeout=30, trust_env=False)

    @classmethod
    async def start(cls) -> Standin:
        """Started, on a free port."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.peers.wecom_server", cwd=ROOT, stdin=pipe, stdout=pipe
        )
        assert process.stdout
        return cls(process, json.loads(await process.stdout.readline())["port"])

    async def control(self, what: str, **body: Any) -> Any:
        """The bench's hand."""
        return (await self._http.post(f"{self.url}/control/{what}", json=body)).raise_for_status().json()

    async def stop(self) -> None:
        """Gone."""
        await self._http.aclose()
        self.process.kill()
        await self.process.wait()


def an_app(folder: Path, api_url: str) -> App:
    """The bot as `huifang run` wires it, but that its channel is made here."""
    options = WecomOptions(type="wecom", corp_id=CORP, open_kfid=KFID, api_url=api_url)
    channel = Wecom(
        name="wecom", shop="s", secret=SECRET, token=TOKEN, aes_key=AES_KEY, options=options, clock=SystemClock()
    )
    channel.capabilities = replace(channel.capabilities, per_second=0.0)
    all_day = QuietHoursOptions(opens="00:00", closes="23:59:59")  # type: ignore[arg-type]
    config = Config(
        database=Database(url=f"sqlite:///{folder}/wecom.db"),
        orders=Orders(folder=folder / "orders"),
        http=Http(port=0),
        shops={"s": Shop(platform="independent", channel="wecom", quiet_hours=all_day)},
    )
    return bootstrap(config, channels=[channel])


async def conversation(standin: Standin, round_: int, buyers: int, at_once: int) -> tuple[float, list[float]]:
    """Seconds until all have their answer, and those that each waited."""
    began = time.perf_counter()
    await standin.control("converse", round=round_, buyers=buyers, at_once=at_once, text="你好在吗")
    while len(waits := await standin.control("conversed")) < buyers:
        assert time.perf_counter() < began + PATIENCE, f"{len(waits)} of {buyers} were answered"
        await asyncio.sleep(0.05)
    return time.perf_counter() - began, waits


async def measure(folder: Path, buyers: int) -> dict[str, object]:
    """One after another, then many at once."""
    standin = await Standin.start()
    app = an_app(folder, standin.url)
    await app.engine.start()
    assert app.http
    try:
        await standin.control("set", empty_pages=False)
        await standin.control("callback", url=f"http://127.0.0.1:{app.http.port}/wecom/wecom")
        await conversation(standin, 0, 50, 8)
        _, alone = await conversation(standin, 1, 100, 1)
        before = time.process_time()
        seconds, crowd = await conversation(standin, 2, buyers, AT_ONCE)
        cpu = time.process_time() - before
        calls = (await standin.control("stats"))["calls"]
    finally:
        await app.engine.stop()
        app.close()
        await standin.stop()
    return {
        "answers_per_second": round(buyers / seconds),
        "our_cpu_ms_each": round(1000 * cpu / buyers, 2),
        "one_buyer_waits_ms": round(1000 * statistics.median(alone), 1),
        "of_64_at_once_each_waits_ms": round(1000 * statistics.median(crowd), 1),
        "raw": f"{buyers} buyers, {AT_ONCE} at once: {seconds:.2f} s; calls of the stand-in in all: {calls}",
        "peer": "ours, not independent, on the same two cores",
    }


def bench(folder: Path, buyers: int = 2000) -> dict[str, object]:
    """Answers a second through the whole bot."""
    return asyncio.run(measure(folder, buyers))
