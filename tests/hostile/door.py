"""The whole program behind its one port: two webhooks, a web chat, the console, and what watches it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr
from starlette.routing import BaseRoute, Mount, Route

from bot.app import App, bootstrap
from bot.channels.wecom.crypto import Crypto
from bot.config import Agents, Config, Database, Evidence, Http, Orders, Scripts
from bot.config_channels import TelegramOptions, WebchatOptions, WecomOptions
from bot.config_people import PersonOptions
from bot.config_shop import Shop
from scheduler.clock import FakeClock
from store.store import SqlStore
from tests.bot.tea import NOON
from tests.peers.wecom_rules import AES_KEY, CORP, KFID

SECRET = "marked-webhook-secret"
CALLBACK = "MarkedCallbackToken"
BOT = "100000001:AAMarkedTokenOfABotThatIsNotThere00000"
CRYPTO = Crypto(CALLBACK, AES_KEY, CORP)
SECRETS = {
    "channels_tg_token": BOT,
    "channels_tg_webhook_secret": SECRET,
    "channels_wx_secret": "marked-app-secret",
    "channels_wx_token": CALLBACK,
    "channels_wx_aes_key": AES_KEY,
    "console_secret": "marked-console-secret",
    "metrics_token": "marked-metrics-token",
}
TELEGRAM, WECOM = "/telegram/tg", "/wecom/wx"
NOBODY = "http://127.0.0.1:9"
"""Where the services would be: nothing leaves this computer."""


def a_door(folder: Path, url: str) -> Config:
    """Two shops, so that every kind of account has one that it may speak for."""
    own = Shop(platform="independent", lang="en")
    return Config(
        database=Database(url=url.replace("postgres:@", "postgres@")),
        orders=Orders(folder=folder / "orders"),
        evidence=Evidence(folder=folder / "evidence"),
        scripts=Scripts(overrides=folder / "scripts.json"),
        http=Http(port=0),
        agents=Agents(lang="en", people={"chen": PersonOptions(rank="owner"), "li": PersonOptions(name="Li")}),
        shops={"tea": own},
        channels={
            "tg": TelegramOptions(type="telegram", mode="webhook", webhook_url=f"https://shop.example{TELEGRAM}"),
            "wx": WecomOptions(type="wecom", corp_id=CORP, open_kfid=KFID),
            "chat": WebchatOptions(type="webchat", folder=folder / "webchat"),
        },
        secrets={name: SecretStr(value) for name, value in SECRETS.items()},
    )


class Door:
    """It is served; nothing else of it runs."""

    def __init__(self, folder: Path, url: str) -> None:
        self.clock = FakeClock(NOON)
        self.app: App = bootstrap(a_door(folder, url), clock=self.clock, serving=True)
        assert self.app.http is not None
        self.http = self.app.http
        self.app.config.evidence.folder.mkdir(parents=True, exist_ok=True)

    async def start(self) -> Self:
        """Callers are taken."""
        await self.http.start()
        return self

    async def stop(self) -> None:
        """It is over."""
        await self.http.stop()
        for inbox in self.app.inboxes:
            await inbox.receiver.close()
        self.app.close()

    @property
    def store(self) -> SqlStore:
        """What is kept."""
        return self.app.store

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.http.port}"

    @property
    def routes(self) -> list[tuple[str, tuple[str, ...]]]:
        """Every path that is served, with its methods; what stands in braces can be anything."""
        return sorted(set(_routes(self.http._app.router.routes, "")))

    def document(self) -> dict[str, Any]:
        """The same as an OpenAPI document in which bodies, queries and headers can be anything."""
        paths: dict[str, Any] = {}
        for path, methods in self.routes:
            for method in methods:
                paths.setdefault(path, {})[method.lower()] = _operation(path, method)
        return {"openapi": "3.1.0", "info": {"title": "door", "version": "1"}, "paths": paths}


def _routes(routes: list[BaseRoute], before: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for route in routes:
        if isinstance(route, Route):
            yield before + route.path.replace(":path}", "}"), tuple(sorted((route.methods or {"GET"}) - {"HEAD"}))
        elif isinstance(route, Mount) and not before:
            yield from _routes(list(route.routes or ()), before + route.path)


_ANY = {"type": "string"}
_QUERIES = ("t", "next", "q", "after", "day", "shop", "msg_signature")
_HEADERS = ("X-Telegram-Bot-Api-Secret-Token", "X-Forwarded-For", "Range")


def _operation(path: str, method: str) -> dict[str, Any]:
    inside = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters = [{"name": name, "in": "path", "required": True, "schema": _ANY} for name in inside]
    parameters += [{"name": name, "in": "query", "schema": _ANY} for name in _QUERIES]
    parameters += [{"name": name, "in": "header", "schema": _ANY} for name in _HEADERS]
    operation: dict[str, Any] = {"parameters": parameters, "responses": {"default": {"description": "any"}}}
    if method != "GET":
        frame = {"type": "object", "properties": {"type": {"enum": ["hello", "say", "seen", "ping"]}, "text": _ANY}}
        poll = {"type": "object", "properties": {"after": _ANY, "frames": {"type": "array", "items": frame}}}
        content = {"application/json": {"schema": {"anyOf": [poll, {}]}}, "text/plain": {"schema": _ANY}}
        operation["requestBody"] = {"content": content}
    return operation
