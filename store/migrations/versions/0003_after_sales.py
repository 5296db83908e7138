"""After-sales cases, compensations, promises, evidence and parcels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this version."""
    op.create_table(
        "after_sales",
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("needs", sa.String(), nullable=False),
        sa.Column("has", sa.String(), nullable=False),
        sa.Column("remedy", sa.String(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("return_by", sa.BigInteger(), nullable=True),
        sa.Column("tracking", sa.String(), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=True),
        sa.Column("reissued", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("thread"),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("media", sa.String(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("told_size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("evidence_of_thread", "evidence", ["thread", "chat"], unique=False)
    op.create_index(
        "evidence_wanted",
        "evidence",
        ["channel", "at"],
        unique=False,
        sqlite_where=sa.text("state = 'wanted'"),
        postgresql_where=sa.text("state = 'wanted'"),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("remedy", sa.String(), nullable=False),
        sa.Column("loss", sa.String(), nullable=False),
        sa.Column("amount_amount", sa.String(), nullable=False),
        sa.Column("amount_currency", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("grants_of_thread", "grants", ["thread"], unique=False)
    op.create_table(
        "parcels",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("shipped_at", sa.BigInteger(), nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("courier", sa.String(), nullable=False),
        sa.Column("moved_at", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=True),
        sa.Column("back", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "id"),
    )
    op.create_index("parcels_of_order", "parcels", ["shop", "order_id"], unique=False)
    op.create_table(
        "promises",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("promises_of_thread", "promises", ["thread"], unique=False)
    op.add_column("buyers", sa.Column("visits_at", sa.BigInteger(), nullable=True))
    op.add_column("orders", sa.Column("tells_shipping", sa.Integer(), server_default="0", nullable=False))
    op.add_column("orders", sa.Column("ship_by", sa.BigInteger(), nullable=True))
    op.add_column("reviews", sa.Column("follows", sa.Text(), server_default="", nullable=False))
