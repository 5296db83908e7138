"""What all pages share: who may see them, the frame around them, and what is written down about it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from nicegui import ui
from starlette.responses import RedirectResponse

from bot.console import head
from bot.console.desk import Desk, Visit
from bot.console.sessions import saw
from bot.console.sockets import VISIT
from followup.desk.people import Rank

Show = Callable[..., Awaitable[None]]
GIVEN = ("desk", "visit")
PATIENCE = 15.0
"""Seconds that a page may take to be built."""


@dataclass(frozen=True)
class Page:
    """A page: its path below /console, its name (that of its labels), who may see it, and what shows it."""

    path: str
    name: str
    least: Rank
    show: Show


PAGES: list[Page] = []


def page(path: str, name: str, least: Rank = Rank.AGENT) -> Callable[[Show], Show]:
    """Make a page of `async def show(desk, visit, …)`; what follows are the parameters of its path and query."""

    def keep(show: Show) -> Show:
        PAGES.append(Page(path, name, least, show))
        return show

    return keep


def register(desk: Desk) -> None:
    """Have NiceGUI serve every page that has been made so far."""
    for each in PAGES:
        ui.page(each.path, response_timeout=PATIENCE)(_served(each, desk))


def _served(each: Page, desk: Desk) -> Any:
    """The page in its frame for those who may see it; others are told that they may not."""
    signature = inspect.signature(each.show, eval_str=True)
    own = [parameter for name, parameter in signature.parameters.items() if name not in GIVEN]

    async def shown(request: Request, **given: Any) -> RedirectResponse | None:
        visit = request.scope.get(VISIT)
        if not isinstance(visit, Visit):
            return RedirectResponse("/console/login")
        await _framed(each, desk, visit, request)
        if visit.person.rank < each.least:
            ui.context.client.status_code = 403
            head.refused(visit)
            return None
        await each.show(desk, visit, **given)
        if ui.context.client.status_code < 400:
            await saw(desk, visit, each.name, str(given.get("id", "")))
        return None

    first = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
    shown.__signature__ = signature.replace(parameters=[first, *own], return_annotation=None)  # type: ignore[attr-defined]
    return shown


async def _framed(each: Page, desk: Desk, visit: Visit, request: Request) -> None:
    """In the language and the colours of who looks; of this one page alone, for others have the same."""
    client, look = ui.context.client, await head.look_of(desk, visit)
    client.page = copy(client.page)
    client.page.language = {"en": "en-US"}.get(visit.lang, visit.lang)  # type: ignore[assignment]
    client.page.dark = look.is_dark
    say = visit.labels("frame")
    ui.page_title(f"{say(f'pages.{each.name}')} · Huifang")
    head.draw(desk, visit, each.name, [page for page in PAGES if page.least <= visit.person.rank], look, request)
