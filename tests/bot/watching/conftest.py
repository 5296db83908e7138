from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.watching.watched import Watched


@pytest.fixture
def watched(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched]:
    """A watched shop on a fresh database; on SQLite unless a test asks for both by `on_both`."""
    watched = Watched(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"), tmp_path)
    yield watched
    watched.app.close()
