"""What logging in and choosing a password share: forms that no other page can send, and the session that begins."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.config import Config
from bot.console import cookies
from bot.console.desk import Desk, Visit
from bot.console.labels import Labels, labels
from bot.console.passwords import LONGEST, SHORTEST
from bot.console.sessions import begin, did, digest_of, proof_of, write
from bot.console.tries import place_of
from followup.desk.people import Person
from store.console import logins

START, LOGIN, LOGOUT, PASSWORD = "/console/", "/console/login", "/console/logout", "/console/password"


async def fields_of(request: Request) -> Mapping[str, str]:
    """What a form holds; of a name that comes twice the first."""
    try:
        found = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}


def is_proven(form: Mapping[str, str], key: str, config: Config) -> bool:
    """Whether a form was ours: it brings along what is derived from the cookie."""
    return bool(key) and hmac.compare_digest(form.get("proof", "").encode(), proof_of(key, config).encode())


async def enter(desk: Desk, request: Request, person: Person, where: str, how: str) -> Response:
    """A new session, and none of whoever used this browser before."""
    if held := cookies.token_in(request, desk.config):
        await write(desk, logins.end, digest_of(held, desk.config))
    token = await begin(desk, person, place(request))
    await did(desk, Visit(person, lang_of(desk, request)), how)
    answer = RedirectResponse(where, 303)
    cookies.give(answer, request, token, desk.config)
    return answer


def place(request: Request) -> str:
    """The network address of who asks."""
    return place_of(request.client.host if request.client else "")


def lang_of(desk: Desk, request: Request) -> str:
    """The first language of the browser that we have, else the one that all read."""
    wanted = request.headers.get("accept-language", "").lower()
    found = sorted((wanted.find(start), lang) for start, lang in (("zh", "zh-CN"), ("en", "en")) if start in wanted)
    return found[0][1] if found else desk.config.agents.lang


def say_of(desk: Desk, request: Request) -> Labels:
    """The words for who is not logged in."""
    return labels("login", lang_of(desk, request))


def told(desk: Desk, say: Labels, wrong: str) -> str:
    """What was wrong, in words; "" if nothing was."""
    minutes = max(1, int(desk.config.console.login_tries_every.total_seconds() // 60))
    return say(wrong, minutes=minutes, shortest=SHORTEST, longest=LONGEST) if wrong else ""


def inside(path: str) -> str:
    """A page of the console to go on to; anything else is its start."""
    is_page = path.startswith(START) and not path.startswith((LOGIN, LOGOUT, "/console/_"))
    return path if is_page and "\\" not in path and path.isprintable() else START
