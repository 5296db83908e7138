"""The history of the schema: one file a version in `versions/`, named by its number.

After a change to store/schema.py, `python -m store.migrations "what changed"` writes the next version. As long as
nothing is released, delete `versions/0001_*.py` first and the whole schema is written into a new one.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

HERE = Path(__file__).parent
VERSION_TABLE = "huifang_version"


@cache
def head() -> str:
    """The newest version this program knows, read off the file names: importing Alembic takes too long for a start."""
    return max((path.name[:4] for path in (HERE / "versions").glob("[0-9]*_*.py")), default="0000")


def configured(connection: Connection) -> Config:
    """Alembic's configuration for one connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
