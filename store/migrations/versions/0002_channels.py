"""Channels that hear: raw events, cursors, links, choices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this version."""
    op.create_table(
        "channel_states",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("health", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel"),
    )
    op.create_table(
        "cursors",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "links",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("chat", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "raw_events",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("raw_events_id", "raw_events", ["channel", "external_id"], unique=True)
    op.create_index(
        "raw_events_waiting",
        "raw_events",
        ["channel", "seq"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "tries",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "subject"),
    )
    op.add_column("buyers", sa.Column("preferred", sa.Text(), server_default="", nullable=False))
    op.add_column("chats", sa.Column("linked_at", sa.BigInteger(), nullable=True))
    op.add_column("chats", sa.Column("used", sa.Integer(), server_default="0", nullable=False))
    op.add_column("chats", sa.Column("offered", sa.Text(), server_default="", nullable=False))
    op.add_column("chats", sa.Column("asked_order", sa.Text(), server_default="", nullable=False))
    op.add_column("inbox", sa.Column("attachments", sa.Text(), server_default="", nullable=False))
    op.add_column("inbox", sa.Column("edits", sa.Text(), server_default="", nullable=False))
    op.add_column("orders", sa.Column("phone_tail", sa.Text(), server_default="", nullable=False))
    op.add_column("outbox", sa.Column("choices", sa.Text(), server_default="", nullable=False))
    op.add_column("outbox", sa.Column("attachments", sa.Text(), server_default="", nullable=False))
    op.add_column("outbox", sa.Column("code", sa.Text(), server_default="", nullable=False))
    op.create_index(
        "outbox_by_external_id",
        "outbox",
        ["channel", "external_id"],
        unique=False,
        sqlite_where=sa.text("external_id != ''"),
        postgresql_where=sa.text("external_id != ''"),
    )
