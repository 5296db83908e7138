"""Row-level security: whose the rows of each table are, and how a transaction on PostgreSQL sees those of some shops.

It is a second wall. The first are the statements, which name their shops; this one holds where one of them forgot.
Who adds a table says here whose its rows are, and in a migration; a test holds both complete.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

SETTING = "huifang.shops"
NONE = "/"
"""No shop is called so."""

BY_SHOP = (
    "orders",
    "refunds",
    "reviews",
    "parcels",
    "buyers",
    "chats",
    "threads",
    "reminders",
    "outbox",
    "decisions",
    "tasks",
    "inbox",
    "links",
    "tries",
    "after_sales",
    "grants",
    "promises",
    "evidence",
    "deadlines",
    "handovers",
    "suppressed",
)
"""Tables with a column `shop`. Rows of no shop ("", as tries to log in) are the installation's."""
BY_ID: Mapping[str, str] = {"notes": "thread", "topics": "thread", "acts": "about"}
"""Tables in which an id begins with the shop, as those of threads and chats do (followup.events.thread_id)."""
HIDDEN = ("raw_events", "logins", "sessions", "invites")
"""Of the installation, and nobody's who works for some shops only: what channels delivered and nobody has read yet may
be about any shop, and the others are about people."""
OPEN: Mapping[str, str] = {
    "channel_states": "a channel's health holds nothing of buyers, and decisions ask for it",
    "restores": "the gap that a backup left concerns every shop",
}
"""Of the installation, and seen by whoever is at work for a shop."""
BESIDES: Mapping[str, str] = {
    "acts": "strpos(about, '/') = 0",
    "cursors": "name NOT LIKE 'erased/%' OR name = 'erased/key'",
}
"""What of a table is seen besides: acts about no thread; how far things were read and the key of the suppression list,
but not who asked to be erased."""

_ALL = f"(SELECT coalesce(current_setting('{SETTING}', true), '') = '')"
_SHOPS = f"(SELECT string_to_array(current_setting('{SETTING}', true), ','))"
"""Each is asked once a statement, as an InitPlan, and not once a row."""


def condition(table: str) -> str | None:
    """Which rows of a table a transaction sees and may write; None where it is all of them."""
    if table in OPEN:
        return None
    parts = (_ALL, _of_shops(table), BESIDES.get(table))
    return " OR ".join(part for part in parts if part)


def _of_shops(table: str) -> str | None:
    if table in BY_SHOP:
        return f"shop = ANY ({_SHOPS}::text[])"
    if table in BY_ID:
        return f"split_part({BY_ID[table]}, '/', 1) = ANY ({_SHOPS}::text[])"
    return None


def only(connection: Connection, shops: Collection[str]) -> None:
    """Have the rest of this transaction see and write the rows of these shops alone. SQLite has no such wall."""
    if connection.dialect.name != "postgresql":
        return
    if any("," in shop for shop in shops):
        raise ValueError("the name of a shop holds no comma")
    named = ",".join(sorted(shops)) or NONE
    connection.exec_driver_sql(f"SELECT set_config('{SETTING}', %s, true)", (named,))
