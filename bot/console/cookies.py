"""The one cookie of the console: it holds the token of a session, and nothing else."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.config import Config
from bot.console.headers import is_https
from bot.console.sessions import LONGEST

_SAFE, _NAME = "__Host-huifang", "huifang"


def token_in(request: HTTPConnection, config: Config) -> str:
    """The token that a browser sent, "" if it sent none; with HTTPS no other server can have given it one."""
    return request.cookies.get(_name(request, config), "")


def give(response: Response, request: HTTPConnection, token: str, config: Config) -> None:
    """Have the browser keep it, away from scripts and other sites; with HTTPS from every other server as well."""
    name, age = _name(request, config), int(LONGEST.total_seconds())
    response.set_cookie(name, token, max_age=age, path="/", secure=is_https(config), httponly=True, samesite="strict")


def take(response: Response, request: HTTPConnection) -> None:
    """Have the browser forget it."""
    response.delete_cookie(_SAFE, path="/", secure=True, httponly=True, samesite="strict")
    response.delete_cookie(_plain_name(request), path="/", httponly=True, samesite="strict")


def _name(request: HTTPConnection, config: Config) -> str:
    return _SAFE if is_https(config) else _plain_name(request)


def _plain_name(request: HTTPConnection) -> str:
    """Browsers do not tell ports apart: two programs on one computer must not log each other out."""
    _, port = request.scope.get("server") or ("", 0)
    return f"{_NAME}-{port}"
