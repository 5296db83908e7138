"""Where others look: `/healthz` (it lives), `/readyz` (it can do its work), `/metrics` (its figures)."""

from __future__ import annotations

import hmac

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.watching.watching import Watching

TOKEN = "metrics_token"  # noqa: S105 - the name of one
NOT_HERE = "set HUIFANG_METRICS_TOKEN and send it along, or set watching.port"


def routes(watching: Watching, token: str | None, is_public: bool) -> list[Route]:
    """For one port. Where there is a token the figures are for who knows it; without one they are not on a public port,
    for whoever a proxy on this machine speaks for looks like this machine."""

    async def lives(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_request: Request) -> Response:
        reasons = await watching.readiness.reasons()
        return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)

    async def figures(request: Request) -> Response:
        if token and not _knows(request, token):
            return JSONResponse({"error": "unauthorized"}, 401, {"www-authenticate": "Bearer"})
        if not token and is_public:
            return JSONResponse({"error": NOT_HERE}, 403)
        return Response(await watching.page(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", lives), Route("/readyz", ready), Route("/metrics", figures)]


def _knows(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
