"""When Python looks for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.commands import running
from bot.garbage import no_garbage_collection


class Wrong(Exception):
    """Something breaks."""


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Other tests find the collector at work."""
    yield
    gc.enable()
    gc.unfreeze()


def test_it_looks_for_none_within_and_again_afterwards() -> None:
    """Also if something breaks; what was made within is passed over from then on."""
    frozen, kept, within = gc.get_freeze_count(), list[list[int]](), []

    @no_garbage_collection()
    def breaks() -> None:
        kept.extend([] for _ in range(1000))
        within.append(gc.isenabled())
        raise Wrong

    with pytest.raises(Wrong):
        breaks()
    assert ([False], True) == (within, gc.isenabled())
    assert gc.get_freeze_count() - frozen >= len(kept)


def test_one_within_another_leaves_it_off() -> None:
    """Until the outer one is over."""
    with no_garbage_collection():
        with no_garbage_collection():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_program_that_stays_is_read_in_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that cannot start goes on looking for garbage."""
    seen = []

    @contextmanager
    def refused(_config: Path | None, **_: Any) -> Iterator[None]:
        seen.append(gc.isenabled())
        raise typer.Exit(2)
        yield

    monkeypatch.setattr(running, "opened", refused)
    with pytest.raises(typer.Exit):
        running.serve(None)
    assert ([False], True) == (seen, gc.isenabled())
