"""The desk: clocks, topics, handovers, alerts of tasks, who took what, buyers who were erased or are paused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this version; tasks that wait already are told of once more."""
    op.create_table(
        "deadlines",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("due", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("risk_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("breached_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("deadlines_of_thread", "deadlines", ["thread"], unique=False)
    op.create_index(
        "deadlines_next",
        "deadlines",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "handovers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("shift", sa.String(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("threads", sa.Text(), nullable=False),
        sa.Column("cleared_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "suppressed",
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "digest"),
    )
    op.create_table(
        "topics",
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("is_open", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("desk", "thread"),
    )
    op.create_index("topics_by_number", "topics", ["desk", "number"], unique=False)
    op.add_column("buyers", sa.Column("paused_at", sa.BigInteger(), nullable=True))
    for name in ("about", "edits"):
        op.add_column("outbox", sa.Column(name, sa.Text(), server_default="", nullable=False))
    for name in ("agent", "flag", "cause"):
        op.add_column("threads", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("tasks", sa.Column("assignee", sa.Text(), server_default="", nullable=False))
    for name in ("taken_at", "due_at", "alert_at", "escalated_at"):
        op.add_column("tasks", sa.Column(name, sa.BigInteger(), nullable=True))
    for name in ("alerts", "urgent"):
        op.add_column("tasks", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "tasks_to_tell",
        "tasks",
        ["alert_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.execute("UPDATE tasks SET alert_at = created_at WHERE state = 'open'")
