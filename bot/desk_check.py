"""What `huifang check` says of the agents' groups, as the running program has seen them last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.config import Config
from bot.config_channels import TelegramOptions, group_of
from followup.desk.places import DESK
from followup.model import Health

if TYPE_CHECKING:
    from sqlalchemy import Connection


def with_groups(config: Config) -> list[str]:
    """The accounts that have an agents' group."""
    return [name for name, account in config.accounts.items() if group_of(account)]


def channels(config: Config) -> list[str]:
    """The channels into those groups."""
    return [name + DESK for name in with_groups(config)]


def desk_of(config: Config, name: str, connection: Connection | None) -> str:
    """How a bot stands in its agents' group. Raises NotWell if it is not in it."""
    from bot.standing import NotWell
    from store import raw_rows

    group = group_of(config.accounts[name])
    state = raw_rows.states(connection).get(name + DESK) if connection is not None else None
    if state is None:
        return f"{group}: not looked at yet; `huifang run` does that"
    if state.health is not Health.UP:
        others = _found(name, connection)
        raise NotWell(f"{group}: {state.detail}" + (f" (it is in {others})" if others else ""))
    return f"{group}: {state.detail}"


def groups_to_choose(config: Config, name: str, connection: Connection | None) -> str:
    """For a bot without an agents' group: the groups that it was added to, one of which may be meant as that."""
    account = config.accounts[name]
    if not isinstance(account, TelegramOptions) or group_of(account):
        return ""
    found = _found(name, connection)
    return f"; it is in {found}: if that is your people's own, set agents_group to its number" if found else ""


def _found(name: str, connection: Connection | None) -> str:
    """The groups that a bot is in, by what it was told since it runs: their numbers and names."""
    from bot.channels.telegram_desk_hear import group_key
    from store import raw_rows

    if connection is None:
        return ""
    known = raw_rows.cursors_like(connection, group_key(name))
    return ", ".join(f"{id_} “{title}”" for id_, title in sorted(known.items()) if title)
