"""A service on this machine that answers as it is told, for senders that speak real HTTP to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

HANG = "hang"


@dataclass
class Service:
    """What came in, and what is answered next: (HTTP status, body), else success."""

    success: dict[str, Any]
    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, Any]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Remember the request, and answer it."""
        self.bodies.append(await request.json())
        self.queries.append(dict(request.query))
        status, body = self.answers.pop(0) if self.answers else (200, self.success)
        if body == HANG:
            await asyncio.Event().wait()
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(status=status, text=text, content_type="application/json")


@asynccontextmanager
async def running(success: dict[str, Any]) -> AsyncIterator[Service]:
    """The service while it listens."""
    service = Service(success)
    app = web.Application()
    app.router.add_post("/{path:.*}", service.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    service.url = f"http://{host}:{port}"
    try:
        yield service
    finally:
        await runner.cleanup()
