"""The program behind its port, for the tests that come to its door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.hostile.door import Door


@pytest.fixture
async def door(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Door]:
    """Served on a free port of this computer."""
    door = await Door(tmp_path, sqlite_url).start()
    yield door
    await door.stop()
