"""What Alembic runs: the migrations, on the connection that `store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from store.migrations import VERSION_TABLE
from store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
