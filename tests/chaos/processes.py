"""Processes that can be started in a moment, killed, stopped and spoken to, forked from one that has read it all."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from tests.chaos import program

PATIENCE = 60.0
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.chaos.program"])


class Late(AssertionError):
    """What had to become true did not, within the time it had."""


def until(
    true: Callable[[], Any], seconds: float = PATIENCE, every: float = 0.05, what: str | Callable[[], str] = ""
) -> float:
    """Wait until something is true; returns how many seconds that took. Raises Late."""
    began = time.monotonic()
    while not true():
        if time.monotonic() > began + seconds:
            raise Late(f"not within {seconds:.0f} s: {what() if callable(what) else what}")
        time.sleep(every)
    return time.monotonic() - began


class Program:
    """The program as a process; it may be started again when it is gone."""

    def __init__(self, plan: program.Plan, number: int = 0) -> None:
        self.plan, self._number = plan, number
        self._process: ForkServerProcess | None = None
        self._pipe: Connection | None = None

    def start(self, wait: bool = True) -> None:
        """Begin, and wait until its engine has started."""
        self._pipe, theirs = _context.Pipe()
        process = _context.Process(target=program.main, args=(self.plan, theirs, self._number), daemon=True)
        process.start()
        self._process = process
        theirs.close()
        if wait:
            self.wait_for("started")

    def wait_for(self, word: str, seconds: float = PATIENCE) -> None:
        """Wait until it says a word. Raises Late, also if it ends instead."""
        assert self._pipe is not None
        if not self._pipe.poll(seconds):
            raise Late(f"the program did not say {word!r}")
        try:
            said = self._pipe.recv()
        except EOFError:
            raise Late(f"the program ended before it said {word!r}: {tail(self.plan.folder / 'log')}") from None
        assert word == said

    def tell(self, word: str, what: object) -> None:
        """Have it do something, and wait until it has."""
        assert self._pipe is not None
        self._pipe.send((word, what))
        self.wait_for(word)

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.is_alive()

    @property
    def has_spoken(self) -> bool:
        """Whether it has said anything yet: that it has started, or by its silence that it has ended."""
        return self._pipe is not None and self._pipe.poll(0)

    def kill(self) -> None:
        """kill -9, whatever it is at."""
        if self._process is not None and self._process.is_alive():
            os.kill(self.pid, signal.SIGKILL)
        self._gone()

    def stop(self, seconds: float = PATIENCE) -> int | None:
        """SIGTERM; returns its exit code, None if it does not end."""
        if self._process is None:
            return 0
        if self._process.is_alive():
            os.kill(self.pid, signal.SIGTERM)
        self._process.join(seconds)
        code = self._process.exitcode
        self.kill()
        return code

    def memory(self) -> int:
        """The most memory that it ever held, in bytes."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

    def _gone(self) -> None:
        if self._process is not None:
            self._process.join(PATIENCE)
            self._process = None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None


def tail(path: Path, lines: int = 3) -> str:
    """The last lines of a file."""
    return " | ".join(path.read_text().splitlines()[-lines:]) if path.exists() else ""
