"""A shop with a web chat, served by its own HTTP port: the whole bot, and browsers that look at it."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any, Self, cast

import httpx

from bot.app import bootstrap
from bot.channels.webchat import Webchat
from bot.channels.webchat.account import Account
from bot.channels.webchat.keys import address_of
from bot.config import Config, Database, Evidence, Http, Orders, Scripts
from bot.config_channels import WebchatOptions
from bot.config_shop import Shop
from followup.events import OrderChanged
from followup.linking import make_link
from followup.model import Order
from followup.ports import Clock
from handlers.order_changed import order_changed, wanted
from scheduler.clock import SystemClock
from store.wanted import Wanted
from tests.bot.channels.live import ALL_DAY, ALL_SHIFTS, Live, an_order, until
from tests.peers.webchat_browser import Browser

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db00000"
    "000049454e44ae426082"
)
DAY = timedelta(days=1)


class ChatShop(Live):
    """Shop `tea`, which speaks through the web chat `chat`; `tins` is another web chat of it."""

    def __init__(self, folder: Path, clock: Clock | None = None, **options: Any) -> None:
        self.clock, self.folder = clock or SystemClock(), folder
        folder.mkdir(exist_ok=True)
        shop = Shop(platform="independent", channel="chat", lang="en", quiet_hours=ALL_DAY, shifts=ALL_SHIFTS)
        chats = {
            name: WebchatOptions(type="webchat", folder=folder / "webchat", **(options if name == "chat" else {}))
            for name in ("chat", "tins")
        }
        self.config = Config(
            database=Database(url=f"sqlite:///{folder}/shop.db"),
            orders=Orders(folder=folder / "orders"),
            evidence=Evidence(folder=folder / "evidence"),
            scripts=Scripts(overrides=folder / "scripts.json"),
            http=Http(port=0),
            shops={"tea": shop},
            channels=chats,
        )
        self.windows: list[Browser] = []

    def wire(self) -> Self:
        """Everything is there, and nothing runs."""
        self.app = bootstrap(self.config, clock=self.clock)
        self.receiver = next(inbox.receiver for inbox in self.app.inboxes if inbox.receiver.name == "chat")
        return self

    @property
    def account(self) -> Account:
        """What the web chat remembers."""
        return cast(Webchat, self.receiver)._of

    async def start(self) -> Self:
        """Everything runs, on a free port that it keeps."""
        await super().start()
        assert self.app.http
        self.config = self.config.model_copy(update={"http": Http(port=self.app.http.port)})
        await until(lambda: self.health() == "up")
        return self

    async def stop(self) -> None:
        """It ends as `huifang run` does at SIGTERM."""
        await super().stop()

    async def __aexit__(self, *of: Any) -> None:
        for window in self.windows:
            await window.close()
        await self.stop()

    @property
    def url(self) -> str:
        """The address of the page."""
        assert self.app.http
        return f"http://127.0.0.1:{self.app.http.port}/chat"

    async def window(self, key: str = "", token: str = "", path: str = "") -> Browser:
        """A window that is open and was greeted."""
        window = Browser(self.url + path, key or a_key(), token)
        self.windows.append(window)
        await window.until(lambda: window.socket is not None)
        return window

    async def asked(self, method: str, path: str, key: str = "", **more: Any) -> httpx.Response:
        """What the server answers to a request."""
        headers = {**({"authorization": f"Bearer {key}"} if key else {}), **more.pop("headers", {})}
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            return await client.request(method, f"{self.url}{path}", headers=headers, **more)

    async def polled(self, key: str, *frames: dict[str, Any], after: str = "") -> list[dict[str, Any]]:
        """The frames that answer a poll."""
        answer = await self.asked("POST", "/poll", key, json={"after": after, "frames": list(frames)})
        assert answer.status_code in (200, 400), answer.text
        return cast(list[dict[str, Any]], answer.json()["frames"])

    async def photo(self, key: str, content: bytes = PNG) -> str:
        """The id of a photo that was just uploaded."""
        answer = await self.asked("POST", "/photo", key, content=content)
        assert 200 == answer.status_code, answer.text
        return str(answer.json()["photo"])

    def order(self, number: int = 1, **more: Any) -> Order:
        """An unpaid order of half an hour ago, of which the shop just heard."""
        now = self.clock.now()
        order = an_order(now - timedelta(minutes=30), number, observed_at=now, **more)
        event = OrderChanged(order)
        self.app.store.run(lambda tx: order_changed(event, tx, self.app.deps, now), wanted(event))
        return order

    def token(self, order: Order, lasts: timedelta = DAY) -> str:
        """A link's token for an order."""
        token, link = make_link(order.shop, order.id, self.clock.now(), lasts)
        self.app.store.run(lambda tx: tx.save(link), Wanted(links=(link.digest,)))
        return token

    def photos(self) -> list[Path]:
        """All files of the web chat `chat`."""
        return sorted((self.folder / "webchat" / "chat").glob("*/*"))


def a_key() -> str:
    """The key of a new browser."""
    return secrets.token_urlsafe(32)


def address(key: str) -> str:
    """The address of its chat."""
    return address_of(key)
