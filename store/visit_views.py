"""Who is visited every month, for people to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from followup.model import Buyer, Instant
from store.codec import from_micros
from store.schema import buyers, in_state, reminders
from store.tables import KEPT


@dataclass(frozen=True, slots=True)
class Visited:
    """A buyer who agreed to be visited, and when that is due next (None: never again)."""

    buyer: Buyer
    next_at: Instant | None


def visited(connection: Connection, steps: Sequence[str]) -> list[Visited]:
    """The buyers who are visited, by shop and id; `steps` are those of which a visit consists. Who said stop is not."""
    planned = and_(
        reminders.c.shop == buyers.c.shop,
        reminders.c.buyer == buyers.c.id,
        reminders.c.step.in_(steps),
        in_state(reminders, "pending"),
    )
    statement = (
        select(buyers, reminders.c.due_at)
        .outerjoin_from(buyers, reminders, planned)
        .where(buyers.c.visits_at.is_not(None) & buyers.c.opted_out_at.is_(None))
        .order_by(buyers.c.shop, buyers.c.id, reminders.c.due_at)
    )
    found: dict[tuple[str, str], Visited] = {}
    for row in connection.execute(statement):
        buyer = KEPT[Buyer].codec.decode(row)
        due = None if row.due_at is None else from_micros(row.due_at)
        found.setdefault((buyer.shop, buyer.id), Visited(buyer, due))
    return list(found.values())
