"""What the key figures (rule 100) are counted from: one file a subject, each a statement or two over a whole period."""

from __future__ import annotations

from sqlalchemy import Connection

from store.engine import steady
from store.figures.clocks import clocks
from store.figures.matters import inquiries, matters, reviews
from store.figures.messages import messages, opt_outs
from store.figures.orders import orders, refunds
from store.figures.scope import By, Scope
from store.figures.talks import talks
from store.figures.tally import Tally
from store.figures.tasks import tasks
from store.figures.unpaid import unpaid

__all__ = ["By", "Scope", "Tally", "count_all"]

SUBJECTS = (talks, inquiries, orders, unpaid, refunds, reviews, clocks, messages, opt_outs, tasks, matters)


def count_all(connection: Connection, scope: Scope) -> Tally:
    """Count everything that happened in a period to one shop, all of one moment."""
    steady(connection)
    counted = Tally()
    for count in SUBJECTS:
        count(connection, scope, counted)
    return counted
