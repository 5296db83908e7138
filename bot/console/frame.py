"""What all pages share: who is looking, the frame around the page, and what is written down about it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from nicegui import ui
from starlette.responses import RedirectResponse

from bot.console.desk import Desk, Visit
from followup.desk.people import Rank

Show = Callable[..., Awaitable[None]]
GIVEN = ("desk", "visit")


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


def register(desk: Desk, visit_of: Callable[[Request, Desk], Awaitable[Visit | None]]) -> None:
    """Have NiceGUI serve every page that has been made so far."""
    for each in PAGES:
        ui.page(each.path)(_served(each, desk, visit_of))


def _served(each: Page, desk: Desk, visit_of: Callable[[Request, Desk], Awaitable[Visit | None]]) -> Any:
    """The page for those who may see it; others are sent to the login, or told that they may not."""
    signature = inspect.signature(each.show, eval_str=True)
    own = [parameter for name, parameter in signature.parameters.items() if name not in GIVEN]

    async def shown(request: Request, **given: Any) -> RedirectResponse | None:
        visit = await visit_of(request, desk)
        if visit is None:
            return RedirectResponse("/console/login")
        await each.show(desk, visit, **given)
        return None

    first = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
    shown.__signature__ = signature.replace(parameters=[first, *own])  # type: ignore[attr-defined]
    return shown
