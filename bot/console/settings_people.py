"""The parts of the settings about people: oneself; everybody with rank and shops; who is logged in."""

from __future__ import annotations

from nicegui import ui

from bot.console.desk import Desk, Visit
from bot.console.invites import link_of, make_invite
from bot.console.parts import chip, confirm, go, heading, nothing, told, when
from bot.console.sessions import did, write
from bot.console.settings_ask import ask
from bot.console.settings_form import Form
from bot.console.settings_shops import choices, opened
from bot.settings_fields import fields
from followup.desk.logins import Session
from followup.desk.people import Person, Rank
from store.console import logins
from store.console import settings as rows
from store.wanted import Wanted


async def you(desk: Desk, visit: Visit) -> None:
    """What the shop knows of who looks, and where he is logged in."""
    say, person = visit.labels("settings"), visit.person
    with ui.element("dl").classes("hf-facts-list hf-surface q-pa-md"):
        for label, value in _told(visit, person):
            with ui.element("dt"):
                ui.label(label).classes("hf-muted")
            with ui.element("dd"):
                ui.label(value)
    heading(say("logged_in"))
    await _sessions(desk, visit, person.id)


def _told(visit: Visit, person: Person) -> list[tuple[str, str]]:
    say = visit.labels("settings")
    return [
        (say("person"), person.name or person.id),
        (say("rank"), say(f"values.{person.rank.name.lower()}")),
        (say("works_for"), ", ".join(sorted(person.shops)) or say("all_shops")),
        (say("on_telegram"), say("set" if person.telegram else "not_set")),
    ]


async def people(desk: Desk, visit: Visit) -> None:
    """Everybody, and who is logged in; an owner changes them and invites."""
    say = visit.labels("settings")
    form = await opened(desk, visit, "people")
    if form is None:
        return
    if not form.config.agents.people:
        nothing(say("nobody_listed"))
    have = await desk.read(rows.with_passwords)
    for id_, options in form.config.agents.people.items():
        _person(form, options.person(id_), id_ in have)
    if form.may:
        _new(form)
        form.buttons()
    heading(say("logged_in"))
    await _sessions(desk, visit, "")


def _person(form: Form, person: Person, has_password: bool) -> None:
    say = form.say
    with ui.element("section").classes("hf-surface q-pa-md full-width").props(f'aria-label="{person.id}"'):
        with ui.row().classes("items-center full-width"):
            heading(person.name, 2)
            chip(say(f"values.{person.rank.name.lower()}"), "info" if person.rank > Rank.AGENT else "calm")
            ui.label(", ".join(sorted(person.shops)) or say("all_shops")).classes("hf-muted")
            password = say("set" if has_password else "not_set")
            ui.label(f"{say('has_password')}: {password}").classes("hf-muted")
            ui.space()
            if form.visit.person.rank >= Rank.OWNER:
                ui.button(say("invite"), icon="link", on_click=lambda: _invite(form, person)).props("flat dense")
        if form.may:
            with ui.expansion(say("edit")).props("dense").classes("full-width hf-group") as group:
                form.group = group
                _fields(form, person)


def _fields(form: Form, person: Person) -> None:
    at = ("agents", "people", person.id)
    with ui.element("div").classes("hf-fields"):
        for field in fields(form.config.agents.people[person.id], at, choices(form.config)):
            form.draw(field)

    async def remove() -> None:
        if await confirm(form.visit, form.say("remove_sure", name=person.name), form.say("remove")):
            await form.propose({at: None})

    ui.button(form.say("remove"), on_click=remove).props(f'flat dense aria-label="{form.say("remove")} {person.id}"')


def _new(form: Form) -> None:
    async def add() -> None:
        if id_ := await ask(form.visit, form.say("add_person"), form.say("person_id")):
            await form.propose({("agents", "people", id_): {"rank": "agent"}})

    ui.button(form.say("add_person"), icon="person_add", on_click=add).props("flat dense")


async def _invite(form: Form, person: Person) -> None:
    """Make a link, and show it this once."""
    desk, visit, say = form.desk, form.visit, form.say
    lasts = desk.config.console.invite_lasts
    token, made = make_invite(person.id, visit.person.id, desk.wall.now(), lasts, desk.config)
    await desk.store.transact(lambda tx: tx.save(made), Wanted())
    await did(desk, visit, "invite", person.id)
    link = link_of(token, desk.config)
    until = when(made.expires_at, desk.zone(""), desk.wall.now())

    def copy() -> None:
        ui.clipboard.write(link)
        told(say("copied"))

    title = say("invite_title", name=person.name)
    with ui.dialog().props(f'aria-label="{title}"') as dialog, ui.card():
        heading(title)
        ui.label(say("invite_hint", until=until))
        ui.label(link).classes("hf-code hf-invite")
        with ui.row().classes("full-width justify-end"):
            ui.button(say("copy"), icon="content_copy", on_click=copy).props("flat")
            ui.button(say("cancel"), on_click=dialog.close).props("flat")
    dialog.on("hide", dialog.delete)
    dialog.open()


async def _sessions(desk: Desk, visit: Visit, person: str) -> None:
    say, found = visit.labels("settings"), await desk.read(logins.sessions_now, desk.clock.now(), person)
    if not found:
        nothing(say("nobody_logged_in"))
    with ui.element("ul").classes("hf-list"):
        for one in found:
            with ui.element("li").classes("hf-surface q-pa-sm"), ui.row().classes("items-center full-width"):
                _session(desk, visit, one)


def _session(desk: Desk, visit: Visit, one: Session) -> None:
    say, now, zone = visit.labels("settings"), desk.clock.now(), desk.zone("")
    whose = desk.deps.roster.named(one.person)
    began, seen, until = (when(at, zone, now) for at in (one.began_at, one.seen_at, one.expires_at))
    name = whose.name or whose.id if whose else one.person
    ui.label(say("session_line", name=name, place=one.place, began=began, seen=seen, until=until))
    if one.digest == visit.session:
        chip(say("this_one"), "info")
        return
    if visit.person.rank < Rank.OWNER and one.person != visit.person.id:
        return

    async def end() -> None:
        await write(desk, logins.end, one.digest)
        await did(desk, visit, "session.end", one.person)
        told(say("ended"))
        go("/console/settings?part=people" if visit.person.rank >= Rank.SUPERVISOR else "/console/settings?part=you")

    ui.button(say("end"), on_click=end).props(f'flat dense size=sm aria-label="{say("end")} {name}"')
