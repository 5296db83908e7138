from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scheduler.shop import Shop


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A shop on a fresh database, at noon in Shanghai; on SQLite unless a test asks for both by `on_both`."""
    kind = getattr(request, "param", "sqlite")
    shop = Shop(request.getfixturevalue(f"{kind}_url"))
    yield shop
    shop.store.close()
