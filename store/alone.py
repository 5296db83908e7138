"""One process at a time does the work on a file of SQLite: a lock on another file beside it, `shop.db.lock`, which ends
with whoever holds it. On PostgreSQL locks of sessions say so (`leading.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path


def lock_of(file: str | PathLike[str]) -> Path:
    """The file that is locked; it is there since anybody worked on the database."""
    return Path(f"{file}.lock")


@contextmanager
def alone_on(file: str | PathLike[str]) -> Iterator[bool]:
    """Be the one process that works on it; says whether that could be."""
    from fasteners import InterProcessLock

    lock = InterProcessLock(lock_of(file))
    is_alone = lock.acquire(blocking=False)
    try:
        yield is_alone
    finally:
        if is_alone:
            lock.release()


def is_worked_on(file: str | PathLike[str]) -> bool:
    """Whether another process is at work on it. Makes no file. Who holds it must not ask: that would let it go."""
    if not lock_of(file).exists():
        return False
    with alone_on(file) as is_idle:
        return not is_idle
