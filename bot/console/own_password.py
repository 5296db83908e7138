"""The page on which somebody chooses his own password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.console import cookies
from bot.console.desk import Desk, Visit
from bot.console.entering import LOGIN, PASSWORD, START, enter, fields_of, is_proven, place, told
from bot.console.passwords import SHORTEST, fault_of, proven, set_password
from bot.console.plain import Field, Form, shown
from bot.console.sessions import find, proof_of
from bot.console.tries import may_try, was_right
from store.console import logins


@dataclass(frozen=True)
class OwnPassword:
    """Asks for a password, and takes it if it is good enough and who asks knows the one before."""

    desk: Desk

    def routes(self) -> list[Route]:
        """Where it is served."""
        return [
            Route(PASSWORD, self.ask, methods=["GET"]),
            Route(PASSWORD, self.take, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """The form."""
        visit = await find(self.desk, cookies.token_in(request, self.desk.config))
        return RedirectResponse(LOGIN, 303) if visit is None else await self._form(request, visit)

    async def take(self, request: Request) -> Response:
        """All his sessions end; this browser gets a new one."""
        visit, form = await find(self.desk, cookies.token_in(request, self.desk.config)), await fields_of(request)
        if visit is None:
            return RedirectResponse(LOGIN, 303)
        if wrong := await self._fault(request, visit, form):
            return await self._form(request, visit, wrong)
        await set_password(self.desk, visit.person, form["new"])
        return await enter(self.desk, request, visit.person, START, "password")

    async def _fault(self, request: Request, visit: Visit, form: Mapping[str, str]) -> str:
        """The label of what is wrong, "" if nothing is."""
        if not is_proven(form, cookies.token_in(request, self.desk.config), self.desk.config):
            return "stale"
        fault = fault_of(form.get("new", ""), visit.person)
        if fault or form.get("new") != form.get("again"):
            return fault or "differ"
        return await self._not_his(request, visit, form) if await self._has_one(visit) else ""

    async def _not_his(self, request: Request, visit: Visit, form: Mapping[str, str]) -> str:
        who, where = visit.person.id, place(request)
        if not await may_try(self.desk, who, where):
            return "too_often"
        if await proven(self.desk, who, form.get("password", "")) is None:
            return "wrong_before"
        await was_right(self.desk, who, where)
        return ""

    async def _has_one(self, visit: Visit) -> bool:
        login = await self.desk.read(logins.login_of, visit.person.id)
        return bool(login and login.password)

    async def _form(self, request: Request, visit: Visit, wrong: str = "") -> Response:
        say = visit.labels("login")
        before = (Field("password", say("now"), "password", "current-password"),)
        fields = (
            *(before if await self._has_one(visit) else ()),
            Field("new", say("new"), "password", "new-password"),
            Field("again", say("again"), "password", "new-password"),
        )
        proof = proof_of(cookies.token_in(request, self.desk.config), self.desk.config)
        hidden = {"proof": proof, "username": visit.person.id}
        form = Form(visit.lang, say("own"), say("own"), say("own_why", shortest=SHORTEST), told(self.desk, say, wrong))
        form = replace(form, action=PASSWORD, button=say("save"), fields=fields, hidden=hidden, back=say("back"))
        return shown(form, 400 if wrong else 200)
