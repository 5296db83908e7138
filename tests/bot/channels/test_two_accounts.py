"""Several bots in one program: two shops with one each, and a second one of the first shop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select

from bot.app import App, bootstrap
from bot.config import Config, Database, Orders
from bot.config_channels import TelegramOptions
from bot.config_shop import Shop
from followup.model import Health
from store import schema
from tests.bot.channels.live import ALL_DAY, until
from tests.peers.telegram import TelegramPeer

SHOPS = {"abroad": "tea", "cups": "cups", "second": "tea"}


@pytest.fixture
async def bots(tmp_path: Path) -> AsyncIterator[dict[str, TelegramPeer]]:
    """A Telegram with three bots, by the names of their channels."""
    peer = TelegramPeer(tmp_path / "peer", extended=False)
    await peer.start()
    bots = {}
    for n, name in enumerate(SHOPS):
        bot = bots[name] = TelegramPeer(tmp_path / "peer", extended=False)
        bot.port, bot.token = peer.port, f"12345678{n}:AAE-not-a-real-token-0123456789abcde"
    yield bots
    await peer.stop()


@pytest.fixture
async def app(tmp_path: Path, bots: dict[str, TelegramPeer], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[App]:
    """The program of both shops, running and listening to all three."""
    for name, bot in bots.items():
        monkeypatch.setenv(f"HUIFANG_CHANNELS_{name.upper()}_TOKEN", bot.token)
    url = bots["cups"].url
    accounts = {name: TelegramOptions(type="telegram", shop=shop, api_url=url) for name, shop in SHOPS.items()}
    shops = {
        shop: Shop(platform="independent", channel=channel, lang="en", quiet_hours=ALL_DAY)
        for channel, shop in (("abroad", "tea"), ("cups", "cups"))
    }
    config = Config(
        database=Database(url=f"sqlite:///{tmp_path}/shop.db"),
        orders=Orders(folder=tmp_path / "orders"),
        shops=shops,
        channels=accounts,
    )
    app = bootstrap(config)
    await app.engine.start()
    await until(lambda: {inbox.standing.health for inbox in app.inboxes} == {Health.UP})
    yield app
    await app.engine.stop()
    app.close()


def rows(app: App, *columns: str) -> set[tuple[str, ...]]:
    """These columns of the outbox."""
    with app.store.engine.connect() as connection:
        return {tuple(row) for row in connection.execute(select(*(schema.outbox.c[name] for name in columns)))}


async def test_each_bot_speaks_for_its_shop(app: App, bots: dict[str, TelegramPeer]) -> None:
    """One buyer writes to all three: three chats, each answered once and by the bot he wrote to."""
    for bot in bots.values():
        await bot.says("501", "hello")
    sent = {(shop, name, f"{shop}/{name}/501", "sent") for name, shop in SHOPS.items()}
    await until(lambda: rows(app, "shop", "channel", "chat", "state") == sent)


async def test_one_that_is_refused_does_not_stop_the_others(app: App, bots: dict[str, TelegramPeer]) -> None:
    """Another program has one bot's messages sent to itself; the others hear on."""
    health = {inbox.receiver.name: inbox.standing for inbox in app.inboxes}
    elsewhere = {"url": "http://127.0.0.1:9/elsewhere"}
    url = f"{bots['abroad'].url}/bot{bots['abroad'].token}/setWebhook"
    async with aiohttp.ClientSession() as session, session.post(url, json=elsewhere) as answer:
        assert 200 == answer.status
    await until(lambda: health["abroad"].health is Health.REFUSED)
    await bots["cups"].says("501", "hello")
    await until(lambda: rows(app, "channel", "state") == {("cups", "sent")})
    assert (Health.UP, Health.UP) == (health["cups"].health, health["second"].health)
