"""Facts of a common order, and a library to say them with."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from followup.model import Money
from scripts_library.library import Library

SHANGHAI = timezone(timedelta(hours=8))
FACTS: dict[str, Any] = {
    "buyer": "林晓",
    "goods": "羊毛围巾",
    "order": "25021800731",
    "amount": Money(Decimal(37)),
    "closes_at": datetime(2025, 2, 21, 15, 54, tzinfo=UTC).astimezone(SHANGHAI),
    "when": datetime(2025, 2, 20, 20, 0, tzinfo=SHANGHAI),
    "day": 3,
}


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.load()


@pytest.fixture
def facts() -> dict[str, Any]:
    return dict(FACTS)
