"""The part of the settings about one shop: figures, cadences, quiet hours, shifts; and about the program."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from nicegui import context, ui
from pydantic import BaseModel

from bot import settings_file
from bot.config import Config, ConfigError, load
from bot.config_errors import Keys
from bot.console.desk import Desk, Visit
from bot.console.parts import confirm, go, heading
from bot.console.settings_ask import ask
from bot.console.settings_form import Form
from bot.settings_fields import fields, tables
from followup.desk.people import Rank

PROGRAM = ("agents", "outbox", "orders", "evidence", "reports", "console", "logs")
BY_HAND = frozenset({"folder", "on", "url"})
"""Options of the program that are set in the file alone: addresses, folders, and whether there is a console at all."""


async def opened(desk: Desk, visit: Visit, part: str, shop: str = "") -> Form | None:
    """A form over the file as it stands; None while it cannot be read."""
    with suppress(ConfigError):
        config, seen = await asyncio.to_thread(settings_file.current, desk.file)
        may = visit.person.rank >= Rank.OWNER and not is_demo(desk, config)
        if is_demo(desk, config):
            ui.label(visit.labels("settings")("demo")).classes("hf-muted")
            config = desk.config

        async def saved(label: str) -> None:
            go(f"/console/settings?part={part}&came={label}" + (f"&shop={shop}" if shop else ""))

        _head(desk, visit, config)
        return Form(desk, visit, config, seen, may, saved)
    return None


def is_demo(desk: Desk, config: Config) -> bool:
    """Whether the program runs without a file, on a configuration of its own."""
    return desk.file is None and config == load(None) and desk.config != config


def _head(desk: Desk, visit: Visit, config: Config) -> None:
    say = visit.labels("settings")
    came = context.client.request.query_params.get("came", "")
    if came in ("saved", "saved_later"):
        ui.label(say(came)).classes("hf-good").props('role="status"')
    ui.label(say("file", path=desk.file or settings_file.DEFAULT)).classes("hf-muted")
    if later := settings_file.at_the_start(desk.config, config):
        ui.label(say("waits", what=", ".join(each.option for each in later))).classes("hf-warn")


async def shops(desk: Desk, visit: Visit) -> None:
    """All figures of one shop, chosen by the address."""
    asked = context.client.request.query_params.get("shop", "")
    form = await opened(desk, visit, "shop", asked)
    if form is None:
        return
    say, config = form.say, form.config
    his = [id_ for id_ in config.shops if visit.sees(id_)]
    id_ = asked if asked in his else his[0] if his else ""
    with ui.row().classes("items-center"):
        box = ui.select(his, value=id_ or None, label=say("shop")).props("outlined dense options-dense")
        box.classes("hf-shop")
        box.on_value_change(lambda: go(f"/console/settings?part=shop&shop={box.value}"))
        if form.may:
            _adding(say("add_shop"), say("shop_id"), lambda new: form.propose({("shops", new): {}}), form)
            if len(config.shops) > 1 and id_:
                _removing(form, ("shops", id_))
    if id_:
        _shop(form, id_)


def _shop(form: Form, id_: str) -> None:
    shop, at, say = form.config.shops[id_], ("shops", id_), form.say
    known = choices(form.config)
    _group(form, say("general"), shop, at, known)
    for keys, table in tables(shop, at):
        _group(form, say(f"groups_of.{keys[-1]}"), table, keys, known)
    heading(say("shifts"))
    for name, shift in shop.shifts.items():
        _group(form, name, shift, (*at, "shifts", name), known, removable=form.may and len(shop.shifts) > 1)
    if form.may:
        new = {"opens": "09:00", "closes": "21:00"}
        _adding(say("add_shift"), say("shift_id"), lambda name: form.propose({(*at, "shifts", name): new}), form)
    form.buttons()


async def program(desk: Desk, visit: Visit) -> None:
    """What is the same for all shops."""
    form = await opened(desk, visit, "program")
    if form is None:
        return
    for name in PROGRAM:
        _group(form, form.say(f"groups_of.{name}"), getattr(form.config, name), (name,), choices(form.config))
    form.buttons()


def choices(config: Config) -> Mapping[str, tuple[str, ...]]:
    """What may be chosen where people, shops or channels are named."""
    people = tuple(config.agents.people)
    named = dict.fromkeys(("people", "on_call", "supervisors"), people)
    return {**named, "shops": tuple(config.shops), "channel": ("manual", *config.accounts)}


def _group(
    form: Form, title: str, table: BaseModel, at: Keys, known: Mapping[str, tuple[str, ...]], removable: bool = False
) -> None:
    with ui.expansion(title, value=at[-1] == "quiet_hours" or len(at) == 2).classes(
        "hf-surface full-width hf-group"
    ) as group:
        form.group = group
        with ui.element("div").classes("hf-fields"):
            for field in fields(table, at, known):
                if at[0] == "shops" or field.keys[-1] not in BY_HAND:
                    form.draw(field)
        if removable:
            _removing(form, at)


def _removing(form: Form, at: Keys) -> None:
    async def remove() -> None:
        if await confirm(form.visit, form.say("remove_sure", name=at[-1]), form.say("remove")):
            await form.propose({at: None})

    ui.button(form.say("remove"), on_click=remove).props(f'flat dense aria-label="{form.say("remove")} {at[-1]}"')


def _adding(title: str, label: str, add: Callable[[str], Awaitable[None]], form: Form) -> None:
    """A button that asks for an id."""

    async def asked() -> None:
        if new := await ask(form.visit, title, label):
            await add(new)

    ui.button(title, icon="add", on_click=asked).props("flat dense")
