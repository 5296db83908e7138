"""Logging in, by a password or by a link that works once, and logging out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.console import cookies
from bot.console.desk import Desk
from bot.console.entering import (
    LOGIN,
    LOGOUT,
    START,
    enter,
    fields_of,
    inside,
    is_proven,
    lang_of,
    place,
    say_of,
    told,
)
from bot.console.headers import is_https
from bot.console.passwords import proven
from bot.console.plain import Field, Form, shown
from bot.console.sessions import did, digest_of, find, new_token, proof_of, write
from bot.console.tries import may_try, was_right
from followup.desk.logins import Invite
from followup.desk.people import Person
from store.console import logins

KEY = "huifang-form"
"""The cookie of one who is not logged in: his form has to bring along what is derived from it."""


@dataclass(frozen=True)
class Login:
    """The pages that log somebody in and out."""

    desk: Desk

    def routes(self) -> list[Route]:
        """Where they are served."""
        return [
            Route(LOGIN, self.ask, methods=["GET"]),
            Route(LOGIN, self.enter, methods=["POST"]),
            Route(LOGOUT, self.leave, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Name and password, or for a link the one button that uses it: who only looks at a link does not."""
        if token := request.query_params.get("t", ""):
            return await self._invited(request, token)
        after, held = inside(request.query_params.get("next", "")), cookies.token_in(request, self.desk.config)
        if held and await find(self.desk, held) is not None:
            return RedirectResponse(after, 303)
        return self._form(request, after)

    async def enter(self, request: Request) -> Response:
        """Log in; whatever was wrong with name or password, the answer is the same."""
        form = await fields_of(request)
        name, after = form.get("name", ""), inside(form.get("next", ""))
        if not is_proven(form, request.cookies.get(KEY, ""), self.desk.config):
            return self._form(request, after, "stale", 403)
        if "t" in form:
            return await self._by_link(request, form["t"])
        if not await may_try(self.desk, name, place(request)):
            return self._form(request, after, "too_often", 429)
        person = await proven(self.desk, name, form.get("password", ""))
        if person is None:
            return self._form(request, after, "wrong", 401)
        await was_right(self.desk, name, place(request))
        return await enter(self.desk, request, person, after, "login")

    async def leave(self, request: Request) -> Response:
        """Log this browser out."""
        token = cookies.token_in(request, self.desk.config)
        if not is_proven(await fields_of(request), token, self.desk.config):
            return RedirectResponse(START, 303)
        visit = await find(self.desk, token)
        if visit is not None:
            await write(self.desk, logins.end, visit.session)
            await did(self.desk, visit, "logout")
        answer = RedirectResponse(LOGIN, 303)
        cookies.take(answer, request)
        return answer

    async def _invited(self, request: Request, token: str) -> Response:
        invite = await self.desk.read(logins.invite_of, digest_of(token, self.desk.config), self.desk.wall.now())
        person = self._person(invite)
        if person is None:
            return self._form(request, START, "dead", 410)
        say = say_of(self.desk, request)
        heading = say("invited", name=person.name or person.id)
        form = Form(lang_of(self.desk, request), say("title"), heading, say("confirm"), button=say("log_in"))
        return self._asking(request, form, {"t": token})

    async def _by_link(self, request: Request, token: str) -> Response:
        digest, now = digest_of(token, self.desk.config), self.desk.wall.now()
        person = self._person(await self.desk.read(logins.invite_of, digest, now))
        if person is None or not await write(self.desk, logins.use_invite, digest, now):
            return self._form(request, START, "dead", 410)
        return await enter(self.desk, request, person, START, "login_by_link")

    def _person(self, invite: Invite | None) -> Person | None:
        person = self.desk.deps.roster.named(invite.person) if invite else None
        return person if person and invite and person.id == invite.person else None

    def _form(self, request: Request, after: str, wrong: str = "", status: int = 200) -> Response:
        say = say_of(self.desk, request)
        fields = (
            Field("name", say("name"), "text", "username"),
            Field("password", say("password"), "password", "current-password"),
        )
        form = Form(lang_of(self.desk, request), say("title"), say("heading"), wrong=told(self.desk, say, wrong))
        form = replace(form, button=say("log_in"), fields=fields, hint=say("no_password"))
        return self._asking(request, form, {"next": after}, status)

    def _asking(self, request: Request, form: Form, hidden: dict[str, str], status: int = 200) -> Response:
        """The form, and the cookie that goes with it."""
        key = request.cookies.get(KEY) or new_token()
        hidden = {**hidden, "proof": proof_of(key, self.desk.config)}
        answer = shown(replace(form, action=LOGIN, hidden=hidden), status)
        answer.set_cookie(KEY, key, path=LOGIN, httponly=True, samesite="strict", secure=is_https(self.desk.config))
        return answer
