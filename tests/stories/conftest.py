"""After-sales stories are told twice: to the store in memory, and to a real database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories import shop
from tests.stories.databases import SqliteStories

TWICE = (
    "desk_commands",
    "desk_talk",
    "planned_by_hand",
    "after_sales",
    "returns",
    "exchange",
    "recalled",
    "uninvited",
    "compensation",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tell each story of the after-sales modules to both stores."""
    is_twice = any(name in metafunc.module.__name__ for name in TWICE)
    metafunc.parametrize("kept_in", ["memory", "sqlite"] if is_twice else ["memory"], indirect=True)


@pytest.fixture(autouse=True)
def kept_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The store that the shops of a test are made with; each has one of its own."""
    made: list[SqliteStories] = []

    def on_sqlite() -> SqliteStories:
        file = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / f"shop{len(made)}.db")
        made.append(SqliteStories(f"sqlite:///{file}"))
        return made[-1]

    if request.param == "sqlite":
        monkeypatch.setattr(shop, "MemoryStore", on_sqlite)
    yield
    for each in made:
        each.store.close()
