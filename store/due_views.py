"""What is due now, shop by shop and channel by channel; counted no further than anybody needs to know. PostgreSQL only:
many workers need it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from followup.model import Instant
from store.codec import to_micros

# Shops are named in the words of the index reminders_due_of_shop: those with anything planned are found by it one after
# another, however many rows each of them has.
_SHOPS = text(
    """
    WITH RECURSIVE planned (shop) AS (
        (SELECT shop COLLATE "C" FROM reminders WHERE state = 'pending' ORDER BY shop COLLATE "C" LIMIT 1)
        UNION ALL
        SELECT (SELECT next.shop COLLATE "C" FROM reminders AS next
            WHERE next.state = 'pending' AND next.shop COLLATE "C" > planned.shop
            ORDER BY next.shop COLLATE "C" LIMIT 1)
        FROM planned WHERE planned.shop IS NOT NULL
    )
    SELECT shop, (SELECT count(*) FROM (SELECT 1 FROM reminders
        WHERE state = 'pending' AND reminders.shop COLLATE "C" = planned.shop AND due_at <= :now LIMIT :most
    ) AS found) AS due
    FROM planned WHERE shop IS NOT NULL
    """
)
_CHANNELS = text(
    "SELECT channel, (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'due' AND outbox.channel = asked.channel"
    " AND due_at <= :now AND (leased_until IS NULL OR leased_until <= :now) LIMIT :most) AS found) AS due"
    " FROM unnest(CAST(:channels AS text[])) AS asked (channel)"
)


def shops(connection: Connection, now: Instant, most: int) -> dict[str, int]:
    """How many reminders are due of each shop that has any, `most` at the most."""
    found = connection.execute(_SHOPS, {"now": to_micros(now), "most": most})
    return {shop: due for shop, due in found if due}


def channels(connection: Connection, names: Sequence[str], now: Instant, most: int) -> dict[str, int]:
    """How many messages wait for a sender on each of these channels that has any, `most` at the most."""
    if not names:
        return {}
    values = {"channels": list(names), "now": to_micros(now), "most": most}
    return {channel: due for channel, due in connection.execute(_CHANNELS, values) if due}
