"""The served shop that these tests look at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.channels.webchat.served import ChatShop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[ChatShop]:
    """A shop with a web chat, running."""
    async with ChatShop(tmp_path / "bot") as shop:
        yield shop
