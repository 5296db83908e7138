"""A restore that is killed before each step that changes a name, in a copy of a shop's folder each time.

`python -m tests.bot.backup.killed FOLDER BACKUP` prints a line of JSON for each step: what the database holds then.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import alembic.command  # noqa: F401 - once, before the forks
from typer.testing import CliRunner

import bot.app
import bot.backup.restoring
import bot.web_chats  # noqa: F401
from bot.cli import app

STEPS = ("os.rename", "os.link", "os.remove")


def main(folder: Path, backup: str) -> None:
    """Kill it before the first step, the second one, and so on, until it gets through."""
    for step in count(1):
        here = folder.with_name(f"killed-{step}")
        shutil.copytree(folder, here)
        os.chdir(here)
        killed = _restored(backup, step)
        sys.stdout.write(json.dumps({"killed": killed, "holds": _held()}) + "\n")
        if not killed:
            return
        if not _held().startswith("backup") and step % 2:
            assert not _restored(backup, 0)
            assert _held().startswith("backup")


def _restored(backup: str, step: int) -> bool:
    """Whether it was killed; 0 lets it be."""
    sys.stdout.flush()
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        assert status in (0, signal.SIGKILL), status
        return status == signal.SIGKILL
    steps = count(1)

    def watch(event: str, _: tuple[Any, ...]) -> None:
        if event in STEPS and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    found = CliRunner().invoke(app, ["restore", backup])
    os._exit(0 if found.exit_code == 0 else 1)


def _held() -> str:
    with closing(sqlite3.connect("var/huifang.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (value,) = connection.execute("SELECT value FROM cursors WHERE name = 'tg'").fetchone()
        (noted,) = connection.execute("SELECT count(*) FROM restores").fetchone()
    return f"{value}, {noted} restores"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
