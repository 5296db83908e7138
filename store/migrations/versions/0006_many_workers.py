"""Many workers: which of them sends a message; and when a backup was put in the place of the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this version."""
    op.add_column("outbox", sa.Column("sent_by", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.create_table(
        "restores",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("backed_up_at", sa.BigInteger(), nullable=False),
        sa.Column("restored_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
