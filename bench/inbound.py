"""Buyers' messages through the handlers, each committed before its acknowledgement, 64 chats at once."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from bench import floor
from bench.shop import NOW, a_deps, open_threads
from followup.events import MessageReceived
from handlers.buyer_message import buyer_message, wanted
from handlers.deps import Deps
from store.migrate import upgrade
from store.store import SqlStore

CHATS = 64
SAID = ("好的，明天付", "已经付款了", "你好在吗", "什么时候发货", "今晚8点付", "地址不对能改吗", "谢谢", "有优惠吗")


def ours(folder: Path, count: int) -> float:
    """Seconds for `count` messages, each chat sending its next when the last is acknowledged."""
    url = f"sqlite:///{folder}/inbound.db"
    upgrade(url)
    store, deps = SqlStore(url), a_deps()
    open_threads(store, deps, CHATS)
    began = time.perf_counter()
    asyncio.run(_all_chats(store, deps, count // CHATS))
    seconds = time.perf_counter() - began
    store.close()
    return seconds


async def _all_chats(store: SqlStore, deps: Deps, each: int) -> None:
    await asyncio.gather(*(_chat(store, deps, n, each) for n in range(CHATS)))


async def _chat(store: SqlStore, deps: Deps, chat: int, each: int) -> None:
    for n in range(each):
        event = MessageReceived("s", "manual", f"b{chat}", f"{chat}-{n}", SAID[(n + chat) % len(SAID)], NOW)
        fresh = await store.transact(lambda tx, e=event: buyer_message(e, tx, deps, NOW), wanted(event))  # type: ignore[misc]
        assert fresh


def bench(folder: Path, count: int = 20_480) -> dict[str, object]:
    """The floor and ours, in messages a second."""
    floor_rate = count / floor.inbound(folder, count)
    seconds = ours(folder, count)
    rate = count / seconds
    return {
        "floor": round(floor_rate),
        "ours": round(rate),
        "ratio": round(rate / floor_rate, 3),
        "wanted": "≥ 0.2 of the floor",
        "raw": f"{count} messages of {CHATS} chats: {seconds:.2f} s",
    }
