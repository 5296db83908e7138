"""Two shops with twin data: the same order numbers, buyers, names and addresses, in one database."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Engine, Table, select

from store.schema import metadata
from tests.handlers.desk.erasable import SHOP, TG

OTHER, OTHER_TG = "zoo", "tg2"
INSTALLATION = ("raw_events", "cursors", "channel_states", "logins", "sessions", "invites", "restores")
"""Tables that know no shop."""
_PREFIX = re.compile(rf"(?<![\w-]){SHOP}(?=/)")


def with_twin(engine: Engine) -> None:
    """Give every row of the shop a twin in the other one, which has a channel of its own."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for table in metadata.sorted_tables:
            if table.name not in INSTALLATION:
                _double(connection, table)


def _double(connection: Connection, table: Table) -> None:
    rows = [dict(row) for row in connection.execute(select(table)).mappings()]
    if rows:
        connection.execute(table.insert(), [_twin(table.name, row) for row in rows])


def _twin(table: str, row: dict[str, Any]) -> dict[str, Any]:
    twin = {name: _moved(name, value) for name, value in row.items() if name != "seq"}
    if table in ("links", "suppressed"):
        twin["digest"] = f"other {row['digest']}"
    if table in ("outbox", "acts") and twin["id"] == row["id"]:
        twin["id"] = f"{row['id']} of {OTHER}"
    return twin


def _moved(name: str, value: Any) -> Any:
    if name == "channel" and value == TG:
        return OTHER_TG
    if name == "shop" and value == SHOP:
        return OTHER
    return _PREFIX.sub(OTHER, value) if isinstance(value, str) else value


def is_of(shop: str, row: dict[str, Any]) -> bool:
    """Whether a row says that it is that shop's: by its column, or by an id that begins with it."""
    named = row.get("shop") or str(row.get("thread") or row.get("about") or "")
    return named.partition("/")[0] == shop
