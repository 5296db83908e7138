"""The part of the settings about channels: how each stands, what it needs, and what tells people of tasks."""

from __future__ import annotations

from io import BytesIO
from urllib.parse import quote

import segno
from nicegui import ui
from sqlalchemy import Connection

from bot import desk_check
from bot.console.desk import Desk, Visit
from bot.console.labels import Labels
from bot.console.parts import chip, heading, nothing, when
from bot.standing import NotWell
from followup.desk.places import account_of
from followup.model import Health, Outgoing
from store.alert_views import last_alerts
from store.console import settings as rows
from store.console.settings import Channel

TONES = {Health.UP: "good", Health.DOWN: "bad", Health.LOGIN: "warn", Health.REFUSED: "bad"}


async def channels(desk: Desk, visit: Visit) -> None:
    """Drawn again when something changes."""
    place = ui.column().classes("full-width")

    async def refresh() -> None:
        found = await desk.read(_read, desk)
        place.clear()
        with place:
            _draw(desk, visit, *found)

    await refresh()
    desk.live.watch(refresh)


Found = tuple[list[Channel], dict[str, Outgoing], list[tuple[str, bool, str]]]


def _read(connection: Connection, desk: Desk) -> Found:
    names = tuple(dict.fromkeys((*desk.config.accounts, *desk.deps.channels.values())))
    services = tuple(f"alerts.{name}" for name in desk.config.alerts)
    groups = [(name, *_group(connection, desk, name)) for name in desk_check.with_groups(desk.config)]
    return rows.channels(connection, names), last_alerts(connection, services), groups


def _group(connection: Connection, desk: Desk, name: str) -> tuple[bool, str]:
    try:
        return True, desk_check.desk_of(desk.config, name, connection)
    except NotWell as error:
        return False, str(error)


def _draw(
    desk: Desk, visit: Visit, found: list[Channel], alerts: dict[str, Outgoing], groups: list[tuple[str, bool, str]]
) -> None:
    say = visit.labels("settings")
    heading(say("channels"))
    with ui.element("ul").classes("hf-list"):
        for each in found:
            with ui.element("li").classes("hf-surface q-pa-md"):
                _channel(desk, visit, each)
    heading(say("groups"))
    for name, is_well, sentence in groups:
        with ui.row().classes("items-center"):
            chip(name, "good" if is_well else "bad")
            ui.label(sentence)
    if not groups:
        nothing(say("no_groups"))
    heading(say("alerts"))
    for name, options in desk.config.alerts.items():
        with ui.row().classes("items-center"):
            ui.label(name).classes("text-weight-medium")
            ui.label(say("alert_of", type=options.type, only=say(f"values.{options.only}"))).classes("hf-muted")
            ui.label(_last(desk, say, alerts.get(f"alerts.{name}")))
    if not desk.config.alerts:
        nothing(say("no_alerts"))


def _last(desk: Desk, say: Labels, last: Outgoing | None) -> str:
    if last is None:
        return say("alert_never")
    at = when(last.sent_at or last.created_at, desk.zone(last.shop), desk.clock.now())
    return say("alert_last", state=say(f"alert_states.{last.state.value}"), at=at)


def _channel(desk: Desk, visit: Visit, one: Channel) -> None:
    say, state = visit.labels("settings"), one.state
    shop = desk.config.shop_of(account_of(one.name)) if account_of(one.name) in desk.config.accounts else ""
    zone, now = desk.zone(shop), desk.clock.now()
    with ui.row().classes("items-center full-width"):
        ui.label(one.name if one.name != "manual" else say("values.manual")).classes("text-weight-medium")
        if state:
            chip(say(f"health_of.{state.health.value}"), TONES[state.health])
            ui.label(f"{say('since')} {when(state.since, zone, now)}").classes("hf-muted")
        elif one.name != "manual":
            chip(say("never_ran"))
        if one.last_out:
            ui.label(f"{say('last')} {when(one.last_out, zone, now)}").classes("hf-muted")
        for label, count in ((say("waiting"), one.waiting), (say("aside"), one.aside)):
            if count:
                chip(f"{label} {count}", "warn")
    if state and state.health is Health.LOGIN and state.detail:
        _code(state.detail, say)
    elif state and state.detail:
        ui.label(state.detail).classes("hf-muted hf-lines")


def _code(link: str, say: Labels) -> None:
    """A picture to scan; what is too long for one is shown as it is."""
    ui.label(say("scan"))
    try:
        drawn = BytesIO()
        segno.make(link, error="l", micro=False).save(drawn, kind="svg", scale=5, border=3, light="#fff", nl=False)
    except segno.DataOverflowError:
        ui.label(link).classes("hf-code hf-lines")
        return
    ui.image(f"data:image/svg+xml;utf8,{quote(drawn.getvalue())}").classes("hf-code-to-scan").props(
        f'alt="{say("scan")}"'
    )
