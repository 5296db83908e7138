"""What stands around a page: header, navigation, who is logged in, the clock of a demo, and the keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from nicegui import ui
from starlette.requests import Request

from bot.console import cookies
from bot.console.desk import Desk, Visit
from bot.console.keys import help_dialog, script_url
from bot.console.parts import go, heading, told
from bot.console.plain import style_url
from bot.console.sessions import proof_of
from bot.console.stage_bar import stage_bar
from followup.desk.logins import Login
from followup.desk.people import Person
from store.console import logins
from store.wanted import Wanted

if TYPE_CHECKING:
    from bot.console.frame import Page

PLACES = {
    "today": "today",
    "threads": "forum",
    "calendar": "calendar_month",
    "scripts": "edit_note",
    "reports": "insights",
    "simulate": "science",
    "settings": "settings",
}
"""The pages of the navigation, in this order, with their icons."""
KEYS = {"today": "t", "threads": "h", "calendar": "c", "scripts": "s", "reports": "r", "simulate": "m", "settings": "e"}
"""After "g" they lead to a page."""
OF = {"thread": "threads", "script": "scripts"}
AWAY = timedelta(minutes=10)
LANGUAGES = {"zh-CN": "中文", "en": "English"}
THEMES: dict[str, bool | None] = {"light": False, "dark": True, "": None}


@dataclass(frozen=True)
class Look:
    """How somebody likes to see the console."""

    login: Login

    @property
    def is_dark(self) -> bool | None:
        """Dark or light, None for what his device says."""
        return THEMES.get(self.login.theme)


async def look_of(desk: Desk, visit: Visit) -> Look:
    """How he does."""
    known = await desk.read(logins.login_of, visit.person.id)
    return Look(known or Login(visit.person.id, "", desk.wall.now()))


async def like(desk: Desk, person: Person, lang: str | None = None, theme: str | None = None) -> None:
    """He would like it in this language, or in these colours, from now on."""
    known = await desk.read(logins.login_of, person.id) or Login(person.id, "", desk.wall.now())
    lang, theme = known.lang if lang is None else lang, known.theme if theme is None else theme
    login = replace(known, lang=lang, theme=theme)
    await desk.store.transact(lambda tx: tx.save(login), Wanted())


def draw(desk: Desk, visit: Visit, here: str, pages: Sequence[Page], look: Look, request: Request) -> None:
    """Everything but the page itself."""
    say = visit.labels("frame")
    ui.add_head_html(f'<link rel="stylesheet" href="{style_url()}"><script defer src="{script_url()}"></script>')
    ui.colors(primary="#0c655e")
    ui.context.client.content.classes("hf-page")
    ui.on_exception(lambda: told(say("failed"), "bad"))
    helping = help_dialog(visit)
    with ui.left_drawer(bordered=True).props(f'width=208 breakpoint=900 aria-label="{say("menu")}"') as drawer:
        _navigation(visit, here, pages)
    with ui.header().classes("hf-header"):
        menu = ui.button(icon="menu", on_click=drawer.toggle).props(f'flat round dense aria-label="{say("menu")}"')
        menu.classes("hf-menu")
        ui.label(say("title")).classes("hf-title")
        ui.space()
        if desk.stage is not None:
            stage_bar(desk, visit)
        ui.button(icon="keyboard", on_click=helping.open).props(f'flat round dense aria-label="{say("help")}"').classes(
            "hf-wide"
        )
        _person(desk, visit, look, request)
    ui.skip_link(say("skip"), target=ui.context.client.content)


def refused(visit: Visit) -> None:
    """Said instead of a page that is not for everybody."""
    say = visit.labels("frame")
    heading(say("refused"), 1)
    ui.label(say("refused_why")).classes("hf-muted")


def _navigation(visit: Visit, here: str, pages: Sequence[Page]) -> None:
    say, known = visit.labels("frame"), {page.name: page for page in pages}
    with ui.element("nav").props(f'aria-label="{say("menu")}"').classes("hf-nav"):
        for name, icon in PLACES.items():
            if name not in known:
                continue
            is_here = OF.get(here, here) == name
            link = ui.element("a").props(f'href="/console{known[name].path}" data-go="{KEYS[name]}"')
            link.props["data-label"] = say(f"pages.{name}")
            link.props('aria-current="page"' if is_here else "").classes("hf-nav-link")
            with link:
                ui.icon(icon).props('aria-hidden="true"')
                ui.label(say(f"pages.{name}"))


def _person(desk: Desk, visit: Visit, look: Look, request: Request) -> None:
    """Who is logged in, what he can choose, and the way out."""
    say, person, dark = visit.labels("frame"), visit.person, ui.dark_mode(look.is_dark)
    with ui.button(icon="account_circle").props(f'flat dense no-caps aria-label="{say("person")}"'):
        ui.label(person.name or person.id).classes("hf-wide q-ml-xs")
        with ui.menu().props("auto-close"):
            ui.label(f"{person.name or person.id} · {say(f'ranks.{person.rank.name.lower()}')}").classes(
                "hf-muted q-pa-md"
            )
            _online(desk, visit)
            ui.separator()
            _languages(desk, visit)
            ui.separator()
            _themes(desk, visit, dark)
            ui.separator()
            ui.menu_item(say("password"), on_click=lambda: go("/console/password"))
            _log_out(desk, visit, request)


def _online(desk: Desk, visit: Visit) -> None:
    """Who else is there, looked up when somebody looks."""
    line = ui.label().classes("hf-muted q-px-md q-pb-sm")

    async def show() -> None:
        here = await desk.read(logins.here_now, desk.wall.now() - AWAY)
        found = (desk.deps.roster.named(who) for who in here)
        names = ", ".join(sorted(person.name or person.id for person in found if person))
        line.set_text(visit.labels("frame")("online", names=names))

    ui.context.slot.parent.on("show", show)


def _languages(desk: Desk, visit: Visit) -> None:
    async def choose(lang: str) -> None:
        await like(desk, visit.person, lang=lang)
        ui.navigate.reload()

    for lang, name in LANGUAGES.items():
        with ui.menu_item(on_click=lambda lang=lang: choose(lang)).props(f'lang="{lang}"'):
            ui.label(name)
            if lang == visit.lang:
                ui.icon("check").classes("q-ml-sm")


def _themes(desk: Desk, visit: Visit, dark: ui.dark_mode) -> None:
    say = visit.labels("frame")

    async def choose(theme: str) -> None:
        dark.set_value(THEMES[theme])
        await like(desk, visit.person, theme=theme)

    for theme in THEMES:
        ui.menu_item(say(f"themes.{theme or 'device'}"), on_click=lambda theme=theme: choose(theme))


def _log_out(desk: Desk, visit: Visit, request: Request) -> None:
    """A form of its own, so that it works without a socket too."""
    proof = proof_of(cookies.token_in(request, desk.config), desk.config)
    with ui.element("form").props('method="post" action="/console/logout"').classes("hf-log-out"):
        ui.element("input").props(f'type="hidden" name="proof" value="{proof}"')
        with ui.element("button").props('type="submit"').classes("hf-menu-button"):
            ui.label(visit.labels("frame")("log_out"))
