"""Serves the console: NiceGUI below /console, behind the guard, with every page that there is."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from fastapi import FastAPI
from nicegui import core, ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

import bot.console.pages
from bot.console.desk import Desk
from bot.console.errors import handle_errors
from bot.console.files import file_routes
from bot.console.frame import register
from bot.console.guard import ROOT, Guard, is_file
from bot.console.keys import SCRIPT
from bot.console.login import Login
from bot.console.own_password import OwnPassword
from bot.console.packed import Packed
from bot.console.plain import ICON, style
from bot.console.quick import quicken
from bot.console.sockets import Sockets

START, FIRST = f"{ROOT}/", "/today"
LARGEST = {f"{ROOT}/_nicegui": 64 * 1024 * 1024}


def import_pages() -> None:
    """Make every page known: whatever stands in bot/console/pages."""
    for module in iter_modules(bot.console.pages.__path__):
        import_module(f"bot.console.pages.{module.name}")


def mounting(desk: Desk, sockets: Sockets) -> Callable[[FastAPI], None]:
    """What adds the console to an application."""

    def mount(app: FastAPI) -> None:
        import_pages()
        app.router.routes += [Route("/", _to_start), *Login(desk).routes(), *OwnPassword(desk).routes(), *_files()]
        app.router.routes += file_routes(desk)
        _prepare()
        quicken()
        register(desk)
        ui.run_with(
            app,
            mount_path=ROOT,
            title="Huifang",
            favicon=ICON,
            language="en-US",
            tailwind=False,
            markdown=False,
            show_welcome_message=False,
            reconnect_timeout=8.0,
        )
        handle_errors()
        sockets.guard()
        app.add_middleware(Packed, is_file=is_file)
        app.add_middleware(Guard, desk=desk)

    return mount


def _prepare() -> None:
    """NiceGUI is one for the process: what another program in it (a test's) left is taken away."""
    core.app.middleware_stack = None
    core.app.user_middleware.clear()
    core.app.config.socket_io_js_transports = ["websocket"]


def _files() -> list[Route]:
    async def styled(_request: Request) -> Response:
        return Response(style(), media_type="text/css")

    async def keyed(_request: Request) -> Response:
        return Response(SCRIPT, media_type="text/javascript")

    async def begun(_request: Request) -> Response:
        return RedirectResponse(f"{ROOT}{FIRST}", 303)

    return [
        Route(ROOT, _to_start),
        Route(START, begun),
        Route(f"{ROOT}/style.css", styled),
        Route(f"{ROOT}/keys.js", keyed),
    ]


async def _to_start(_request: Request) -> Response:
    return RedirectResponse(START, 307)
