"""Many workers, many shops: which worker sends a message; when a backup was put in the place of the database; and on
PostgreSQL a wall between the shops (store/rls.py says whose the rows of each table are)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BY_SHOP = (
    "orders refunds reviews parcels buyers chats threads reminders outbox decisions tasks inbox links tries after_sales"
    " grants promises evidence deadlines handovers suppressed"
)
_HIDDEN = "raw_events logins sessions invites"
_ALL = "(SELECT coalesce(current_setting('huifang.shops', true), '') = '')"
_OF_SHOPS = "{} = ANY ((SELECT string_to_array(current_setting('huifang.shops', true), ','))::text[])"
_POLICIES = {
    **dict.fromkeys(_BY_SHOP.split(), _ALL + " OR " + _OF_SHOPS.format("shop")),
    **dict.fromkeys(("notes", "topics"), _ALL + " OR " + _OF_SHOPS.format("split_part(thread, '/', 1)")),
    **dict.fromkeys(_HIDDEN.split(), _ALL),
    "acts": _ALL + " OR " + _OF_SHOPS.format("split_part(about, '/', 1)") + " OR strpos(about, '/') = 0",
    "cursors": _ALL + " OR name NOT LIKE 'erased/%' OR name = 'erased/key'",
}


def upgrade() -> None:
    """Bring the schema up to this version."""
    op.add_column("outbox", sa.Column("sent_by", sa.Text(), nullable=False, server_default=sa.text("''")))
    doubtful = sa.text("state IN ('unsure', 'failed')")
    op.create_index("outbox_in_doubt", "outbox", ["state"], sqlite_where=doubtful, postgresql_where=doubtful)
    op.create_table(
        "restores",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("backed_up_at", sa.BigInteger(), nullable=False),
        sa.Column("restored_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    if op.get_context().dialect.name == "postgresql":
        pending = sa.text("state = 'pending'")
        op.create_index(
            "reminders_due_of_shop", "reminders", [sa.text('shop COLLATE "C"'), "due_at"], postgresql_where=pending
        )
        for table, condition in _POLICIES.items():
            op.execute(f"CREATE POLICY {table}_of_shops ON {table} USING ({condition})")
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
