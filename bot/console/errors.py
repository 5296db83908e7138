"""What somebody sees where there is no page, or one breaks: a sentence, and never the error itself."""

from __future__ import annotations

import structlog
from nicegui import core
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.console.desk import Visit
from bot.console.plain import Form, shown
from bot.console.sockets import VISIT

log = structlog.get_logger(__name__)


def handle_errors() -> None:
    """Have NiceGUI show our pages instead of its own."""
    core.app.exception_handlers[404] = _missing
    core.app.exception_handlers[Exception] = _broken


async def _missing(request: Request, error: Exception) -> Response:
    detail = error.detail if isinstance(error, HTTPException) else ""
    if request.scope["path"].startswith("/console/_nicegui"):
        return PlainTextResponse(str(detail), 404)
    return _told(request, "no_page", 404)


async def _broken(request: Request, error: Exception) -> Response:
    log.error("page_failed", page=request.scope.get("nicegui_page_path", ""), error=type(error).__name__)
    return _told(request, "broken", 500)


def _told(request: Request, what: str, status: int) -> Response:
    visit = request.scope.get(VISIT)
    if not isinstance(visit, Visit):
        return PlainTextResponse("", status)
    say = visit.labels("frame")
    return shown(Form(visit.lang, say(what), say(what), say(f"{what}_why"), back=say("pages.today")), status)
