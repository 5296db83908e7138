"""A buyer on WeChat says a word and the gateway has our reply: the whole bot, beside a bare echo on the same link.

Kept, committed, read from the gateway, handled, answered, the answer committed, sent and recorded. The rates that
protect a personal account from a ban (one message a second) are switched off. The gateway measures: it is a process of
its own, on the same machine.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from bot.app import bootstrap
from bot.channels.wechaty import Wechaty
from bot.channels.wechaty_link import Heard, Link
from bot.config import Config, Database, Logs, Orders, Shop
from bot.logs import setup_logs
from scheduler.clock import SystemClock
from tests.peers.wechaty import WechatyPeer

IN_TURN, BURST, BURSTS = 200, 1000, 3
MESSAGE = 2


@asynccontextmanager
async def echo(peer: WechatyPeer, _folder: Path) -> AsyncIterator[None]:
    """No bot: each message is read from the gateway and answered at once; nothing is kept."""
    link, ours = Link(f"127.0.0.1:{peer.port}", peer.token), "wxid_bot"

    async def answer(event: Heard) -> None:
        id_ = json.loads(event.payload)["messageId"]
        said = await link.ask(lambda gateway: gateway.message_payload(id=id_))
        if said.from_id != ours:
            await link.ask(lambda gateway: gateway.message_send_text(conversation_id=said.from_id, text="好的"))

    async def hear(events: list[Heard]) -> None:
        await asyncio.gather(*(answer(event) for event in events if event.type == MESSAGE))

    task = asyncio.create_task(link.attach(hear))
    await _until(lambda: link.attached)
    yield
    task.cancel()
    await asyncio.wait({task})


@asynccontextmanager
async def whole_bot(peer: WechatyPeer, folder: Path) -> AsyncIterator[None]:
    """The bot as `huifang run` has it, on a database in a file."""
    options = peer.options(per_second=0.0)
    channel = Wechaty(name="wechaty", shop="s", token=peer.token, options=options, clock=SystemClock())
    config = Config(
        database=Database(url=f"sqlite:///{folder}/wechaty.db"),
        orders=Orders(folder=folder / "orders"),
        shops={"s": Shop(platform="independent", channel="wechaty")},
    )
    app = bootstrap(config, channels=[channel])
    await app.engine.start()
    await _until(lambda: channel.can_send)
    yield
    await app.engine.stop()
    app.close()


async def _measure(
    kind: Callable[[WechatyPeer, Path], AbstractAsyncContextManager[None]], folder: Path
) -> dict[str, Any]:
    """What one of them does: so many words in turn, then bursts; each word by a buyer of his own."""
    peer, buyers = WechatyPeer(folder / "gateway"), (f"wxid_{n}" for n in count())
    await peer.start()
    try:
        async with kind(peer, folder):
            in_turn = _latencies(await peer.do("in-turn", {"from": [next(buyers) for _ in range(IN_TURN)]}))
            bursts = [await peer.do("burst", {"from": [next(buyers) for _ in range(BURST)]}) for _ in range(BURSTS)]
    finally:
        await peer.stop()
    return {
        "p50_ms": round(in_turn[IN_TURN // 2], 1),
        "p95_ms": round(in_turn[IN_TURN * 95 // 100], 1),
        "replies_per_second": [round(BURST / _seconds(burst)) for burst in bursts],
        "burst_p95_ms": [round(_latencies(burst)[BURST * 95 // 100]) for burst in bursts],
        "in_order": [
            [each["from"] for each in burst["said"]] == [each["to"] for each in burst["sent"]] for burst in bursts
        ],
    }


def _latencies(told: dict[str, Any]) -> list[float]:
    """Milliseconds from each buyer's word to the gateway's having his answer, shortest first."""
    answered = {each["to"]: each["at"] for each in told["sent"]}
    return sorted(answered[each["from"]] - each["at"] for each in told["said"])


def _seconds(burst: dict[str, Any]) -> float:
    return float(burst["sent"][-1]["at"] - burst["said"][0]["at"]) / 1000


async def _until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    last = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < last
        await asyncio.sleep(0.01)


def bench(folder: Path) -> dict[str, object]:
    """Both, one after the other."""
    setup_logs(Logs(level="error"))
    figures: dict[str, object] = {"rates": "switched off", "said": f"{IN_TURN} in turn, {BURSTS} bursts of {BURST}"}
    for kind in (echo, whole_bot):
        place = folder / kind.__name__
        place.mkdir()
        figures[kind.__name__] = asyncio.run(_measure(kind, place))
    return figures
