"""Telegram's echo: buyers write, each in a chat of his own, and each gets his answer, against the emulator of
tests/peers/telegram_server.py in a process of its own.

Ours is the whole bot on a file database: the update is committed before it is acknowledged, handled, answered through
the outbox, and the answer is with the peer. Beside it the stock echo of python-telegram-bot, which keeps nothing.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from sqlalchemy import func, select
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bot.app import App, bootstrap
from bot.channels.telegram_send import CAPABILITIES
from bot.config import Config, Database, Orders, Scripts
from bot.config_shop import Shop
from followup.model import OutgoingState
from scheduler.clock import SystemClock
from store import schema
from tests.peers.telegram import TelegramPeer

UNPACED = replace(CAPABILITIES, per_second=0.0, chat_every=timedelta(), group_every=timedelta(), group_most=0)


async def write(peer: TelegramPeer, count: int) -> None:
    """So many buyers say hello, each in his chat; what they said waits at the peer."""
    async with aiohttp.ClientSession() as session:
        for n in range(count):
            body = {"token": peer.token, "update": peer.message(str(1000 + n), "你好，在吗")}
            async with session.post(f"{peer.url}/__fixture/updates", json=body) as answer:
                assert answer.status == 200, await answer.text()


def a_bot(folder: Path, peer: TelegramPeer) -> App:
    """The whole bot, its pacing taken away."""
    config = Config(
        database=Database(url=f"sqlite:///{folder}/shop.db"),
        orders=Orders(folder=folder / "orders"),
        scripts=Scripts(overrides=folder / "scripts.json"),
        shops={"tea": Shop(platform="independent", channel="telegram")},
    )
    channel = peer.channel(SystemClock())
    channel.capabilities = UNPACED
    return bootstrap(config, channels=[channel])


async def ours(folder: Path, peer: TelegramPeer, count: int) -> float:
    """Seconds from the bot's start to the last answer recorded as accepted by the peer."""
    await write(peer, count)
    app = a_bot(folder, peer)
    sent = select(func.count(func.distinct(schema.outbox.c.external_id))).where(
        schema.outbox.c.state == OutgoingState.SENT, schema.outbox.c.external_id != ""
    )
    began = time.perf_counter()
    await app.engine.start()
    with app.store.engine.connect() as connection:
        while connection.execute(sent).scalar_one() < count:
            connection.rollback()
            await asyncio.sleep(0.05)
    seconds = time.perf_counter() - began
    await app.engine.stop()
    app.close()
    return seconds


async def stock(peer: TelegramPeer, count: int) -> float:
    """Seconds from the start of python-telegram-bot's polling to its last echo."""
    await write(peer, count)
    done, all_done = 0, asyncio.Event()

    async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        nonlocal done
        assert update.message
        await update.message.reply_text(update.message.text or "")
        done += 1
        if done == count:
            all_done.set()

    builder: Any = Application.builder().token(peer.token).base_url(f"{peer.url}/bot")
    app = builder.build()
    app.add_handler(MessageHandler(filters.TEXT, echo))
    began = time.perf_counter()
    async with app:
        await app.start()
        await app.updater.start_polling()
        await all_done.wait()
        seconds = time.perf_counter() - began
        await app.updater.stop()
        await app.stop()
    return seconds


async def _against_a_peer(folder: Path, count: int, which: str) -> float:
    peer = TelegramPeer(folder / which, extended=False, journal=False)
    await peer.start()
    try:
        async with asyncio.timeout(300):
            return await (stock(peer, count) if which == "stock" else ours(folder / which, peer, count))
    finally:
        await peer.stop()


def bench(folder: Path, count: int = 2000, rounds: int = 3) -> dict[str, object]:
    """Echoes a second, in turns; the middle round of each counts, the raw figures stand beside."""
    logging.getLogger().setLevel(logging.ERROR)
    logging.getLogger("telegram").setLevel(logging.CRITICAL)  # it quarrels with its own last question when it stops
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    rates: dict[str, list[float]] = {"stock": [], "ours": []}
    for n in range(rounds):
        for which, each in (("stock", count // 2), ("ours", count)):
            rates[which].append(each / asyncio.run(_against_a_peer(folder / str(n), each, which)))
    middle = {which: statistics.median(found) for which, found in rates.items()}
    return {
        "ours": round(middle["ours"]),
        "stock_ptb": round(middle["stock"]),
        "ratio": round(middle["ours"] / middle["stock"], 2),
        "wanted": "ours ≥ 400 echoes/s, and above stock",
        "raw": {which: [round(rate) for rate in found] for which, found in rates.items()},
        "how": f"{count} chats, a message each; the pacing of 29/s and 1/s a chat is off; peer on the same machine",
    }
