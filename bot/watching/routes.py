"""Where others look: `/healthz` (it lives), `/readyz` (it can do its work), `/metrics` (its figures)."""

from __future__ import annotations

import hmac

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.connection import LOOPBACK
from bot.watching.watching import Watching

TOKEN = "metrics_token"  # noqa: S105 - the name of one


def routes(watching: Watching, token: str | None, is_public: bool) -> list[Route]:
    """For one port. On a public one, and where there is a token, others than this machine need it for the figures."""

    async def lives(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_request: Request) -> Response:
        reasons = await watching.readiness.reasons()
        return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)

    async def figures(request: Request) -> Response:
        if _is_near(request) or _knows(request, token) or (token is None and not is_public):
            return Response(await watching.page(), media_type=CONTENT_TYPE_LATEST)
        challenge = {"www-authenticate": "Bearer"} if token else {}
        return JSONResponse({"error": "unauthorized"}, 401 if token else 403, challenge)

    return [Route("/healthz", lives), Route("/readyz", ready), Route("/metrics", figures)]


def _is_near(request: Request) -> bool:
    return request.client is not None and request.client.host in LOOPBACK


def _knows(request: Request, token: str | None) -> bool:
    given = request.headers.get("authorization", "")
    return token is not None and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
