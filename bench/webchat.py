"""200 web chats write at once to a real `huifang run`, each over a WebSocket of its own: from a buyer's "say" until the
reply is in his window. On the way each is committed, handled, answered by a script, put into the outbox and sent.

The buyers are known: each has linked the chat to an order that is on its way, and asks about it. All sockets stand in
this one process, on the same machine and the same cores as the program that is measured.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import statistics
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
from websockets.asyncio.client import ClientConnection, connect

from bot.app import bootstrap
from bot.config import load
from followup.events import OrderChanged
from followup.linking import make_link
from followup.model import Money, Order, Parcel, ParcelStatus, Status
from handlers.order_changed import order_changed, wanted
from store.wanted import Wanted

HUIFANG = str(Path(sys.executable).with_name("huifang"))
CHATS, ALONE = 200, 20
ROUNDS = ("Where is my parcel?", "Thank you", "I need an invoice", "Please change the address")
PATIENCE = 60
CONFIG = """\
[database]
url = "sqlite:///{folder}/shop.db"
[http]
port = {port}
[orders]
folder = "{folder}/orders"
[evidence]
folder = "{folder}/evidence"
[reports]
folder = "{folder}/reports"
[scripts]
overrides = "{folder}/scripts.json"
[channels.chat]
type = "webchat"
folder = "{folder}/photos"
[shops.tea]
platform = "independent"
channel = "chat"
lang = "en"
[shops.tea.quiet_hours]
opens = "00:00"
closes = "23:59:59"
[shops.tea.shifts.all]
opens = "00:00"
closes = "00:00"
"""


class Window:
    """One buyer's window."""

    def __init__(self, token: str) -> None:
        self.key, self.token = secrets.token_urlsafe(32), token
        self._socket: ClientConnection

    async def open(self, url: str) -> None:
        """Open the chat by its link and wait for the welcome."""
        self._socket = await connect(url, proxy=None, compression=None)
        await self._send(type="hello", key=self.key, token=self.token, lang="en", after="")
        await self._reply()

    async def ask(self, text: str) -> float:
        """Say something; seconds until the shop's reply is here."""
        began = time.perf_counter()
        await self._send(type="say", id=str(uuid.uuid4()), text=text, choice="", answers="", photos=[])
        await self._reply()
        return time.perf_counter() - began

    async def close(self) -> None:
        """Close it."""
        await self._socket.close()

    async def _send(self, **frame: Any) -> None:
        await self._socket.send(json.dumps(frame))

    async def _reply(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                frame = json.loads(await self._socket.recv())
                assert frame["type"] != "refused", frame
                if any(each["from"] == "shop" for each in _messages(frame)):
                    return


def _messages(frame: dict[str, Any]) -> list[dict[str, Any]]:
    """What a frame brings; the welcome may be there already when the window is greeted."""
    return [frame] if frame["type"] == "message" else frame.get("messages", [])


def prepare(folder: Path, chats: int) -> tuple[int, list[str]]:
    """A shop with an order on its way for each chat; the port, and a link's token for each."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    (folder / "config.toml").write_text(CONFIG.format(folder=folder, port=port), "utf-8")
    app, now, tokens = bootstrap(load(folder / "config.toml")), datetime.now(UTC), []
    for number in range(chats):
        event = _on_its_way(number, now)
        token, link = make_link("tea", event.order.id, now, timedelta(days=7))
        app.store.run(lambda tx, event=event: order_changed(event, tx, app.deps, now), wanted(event))
        app.store.run(lambda tx, link=link: tx.save(link), Wanted(links=(link.digest,)))
        tokens.append(token)
    app.close()
    return port, tokens


def _on_its_way(number: int, now: datetime) -> OrderChanged:
    ordered, shipped = now - timedelta(days=2), now - timedelta(days=1)
    id_ = f"91{number:06}"
    order = Order(
        "tea",
        id_,
        f"b{number}",
        Status.SHIPPED,
        Money(Decimal("37.00")),
        ordered,
        now,
        paid_at=ordered,
        shipped_at=shipped,
        goods="wool scarf",
        buyer_name="Ann",
    )
    parcel = Parcel("tea", f"SF{number:08}", id_, ParcelStatus.ON_ITS_WAY, shipped, now, "SF", now, "Hangzhou")
    return OrderChanged(order, parcels=(parcel,))


def run(folder: Path) -> subprocess.Popen[bytes]:
    """The program itself."""
    command = [HUIFANG, "run", "--config", str(folder / "config.toml")]
    with (folder / "log.txt").open("w") as log:
        return subprocess.Popen(command, cwd=folder, stderr=log, stdout=log)  # noqa: S603


async def measure(folder: Path, chats: int) -> dict[str, object]:
    """Each question asked by all at once, after each has waited for everybody's last answer."""
    port, tokens = prepare(folder, chats + ALONE)
    process = run(folder)
    try:
        await _served(port)
        windows = [Window(token) for token in tokens]
        url = f"ws://127.0.0.1:{port}/chat/live"
        for start in range(0, len(windows), 20):
            await asyncio.gather(*(window.open(url) for window in windows[start : start + 20]))
        alone = [await window.ask(text) for text in ROUNDS for window in windows[chats:]]
        crowd, program = windows[:chats], psutil.Process(process.pid)
        before = program.cpu_times()
        waits = {text: await asyncio.gather(*(window.ask(text) for window in crowd)) for text in ROUNDS}
        after = program.cpu_times()
        await asyncio.gather(*(window.close() for window in windows))
    finally:
        process.terminate()
        process.wait(20)
    every = [wait for each in waits.values() for wait in each]
    return {
        "chats": chats,
        "rounds": {text: _figures(each) for text, each in waits.items()},
        "all_ms": _figures(every),
        "our_cpu_ms_each": round(1000 * (after.user + after.system - before.user - before.system) / len(every), 2),
        "one_alone_ms": _figures(alone),
        "aim": "p95 of 200 at once under 300 ms",
    }


async def _served(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            assert time.monotonic() < until, "huifang does not serve"
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


def _figures(seconds: list[float]) -> dict[str, float]:
    each = sorted(1000 * wait for wait in seconds)
    return {
        "p50": round(statistics.median(each), 1),
        "p95": round(each[int(0.95 * (len(each) - 1))], 1),
        "worst": round(each[-1], 1),
    }


def bench(folder: Path, chats: int = CHATS) -> dict[str, object]:
    """Milliseconds from a question to its answer."""
    return asyncio.run(measure(folder, chats))
