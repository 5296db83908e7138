"""The console: logins, sessions, invitations, who saw and did what, and when something last happened in a thread."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this version."""
    op.create_table(
        "acts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("acts_about", "acts", ["about"], unique=False)
    op.create_index("acts_by_time", "acts", ["at"], unique=False)
    op.create_table(
        "invites",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "logins",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("person"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.add_column("threads", sa.Column("active_at", sa.BigInteger(), nullable=False, server_default="0"))
    for statement in ACTIVE:
        op.execute(statement)
    op.create_index("threads_by_activity", "threads", ["active_at"], unique=False)
    op.create_index("decisions_by_time", "decisions", ["at"], unique=False)
    op.create_index("inbox_by_time", "inbox", ["at"], unique=False)
    op.create_index(
        "buyers_who_stopped",
        "buyers",
        ["opted_out_at"],
        unique=False,
        sqlite_where=sa.text("opted_out_at IS NOT NULL"),
        postgresql_where=sa.text("opted_out_at IS NOT NULL"),
    )


ACTIVE = (
    "UPDATE threads SET active_at = CASE WHEN closed_at > opened_at THEN closed_at ELSE opened_at END",
    """UPDATE threads SET active_at = (SELECT max(at) FROM notes WHERE thread = threads.id)
    WHERE EXISTS (SELECT 1 FROM notes WHERE thread = threads.id AND at > active_at)""",
    """UPDATE threads SET active_at = (SELECT max(created_at) FROM outbox WHERE thread = threads.id)
    WHERE EXISTS (SELECT 1 FROM outbox WHERE thread = threads.id AND created_at > active_at)""",
)
"""What happened in the threads that are there already."""
