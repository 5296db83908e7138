"""The lock beside a file of SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.alone import alone_on, is_worked_on, lock_of
from tests.store.held import held


def test_one_works_on_a_file(tmp_path: Path) -> None:
    """A second process is told so, until the first one is done, however that ends."""
    file = tmp_path / "shop.db"
    with held(file):
        assert is_worked_on(file)
        with alone_on(file) as is_alone:
            assert not is_alone
        assert is_worked_on(file)
    assert not is_worked_on(file)
    with alone_on(file) as is_alone:
        assert is_alone


def test_who_is_done_lets_it_go(tmp_path: Path) -> None:
    """Also one that fails."""
    file = tmp_path / "shop.db"
    with pytest.raises(LookupError), alone_on(file):
        raise LookupError
    with held(file):
        assert is_worked_on(file)


def test_a_question_makes_no_file(tmp_path: Path) -> None:
    """Where nobody ever worked nobody does, and nothing is there afterwards."""
    assert not is_worked_on(tmp_path / "shop.db")
    assert [] == list(tmp_path.iterdir())
    assert tmp_path / "shop.db.lock" == lock_of(tmp_path / "shop.db")
