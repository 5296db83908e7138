"""A database that another process is at work on, as `huifang run` is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOLD = """
import sys, fasteners
lock = fasteners.InterProcessLock(sys.argv[1])
print(lock.acquire(blocking=False), flush=True)
input()
"""


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Another process holds the lock of that file."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, f"{file}.lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"True\n"
        yield
        process.communicate(b"\n")
