"""Child processes of the bench: started, watched from outside, killed."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peers.contract import Entry

ROOT = Path(__file__).parents[2]
THEIRS = ROOT / "bench" / "peers" / ".venv" / "bin" / "python"
PATIENCE = 120.0
_COMPILED = tempfile.TemporaryDirectory(prefix="huifang-compiled-")


class Broken(RuntimeError):
    """A peer did not do what it was asked; the message is the last it said."""


def command(entry: Entry, where: str, *rest: object) -> list[str]:
    """How to have a peer do something, in the environment it belongs to."""
    python = sys.executable if entry.ours else str(THEIRS)
    return [python, "-m", "bench.peers.child", entry.module, where, *map(str, rest)]


def surroundings() -> dict[str, str]:
    """The environment of a child. It may keep compiled modules, as every installed program may, but not in the tree."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": _COMPILED.name}


def ask(entry: Entry, where: str, *rest: object) -> dict[str, Any]:
    """Have a peer do something to the end; returns the last thing it said."""
    done = subprocess.run(  # noqa: S603
        command(entry, where, *rest), cwd=ROOT, env=surroundings(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Broken((done.stderr.strip().splitlines() or ["no word"])[-1])
    lines = done.stdout.splitlines()
    told: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return told


@dataclass(slots=True)
class Running:
    """A peer at work."""

    process: subprocess.Popen[bytes]
    began: float
    complaints: Path

    @classmethod
    def start(cls, entry: Entry, where: str, complaints: Path, *rest: object) -> Running:
        """Start it; what it complains about is kept in a file."""
        began = time.time()
        with complaints.open("ab") as errors:
            process = subprocess.Popen(  # noqa: S603
                command(entry, where, *rest), cwd=ROOT, env=surroundings(), stdout=subprocess.PIPE, stderr=errors
            )
        return cls(process, began, complaints)

    def hear(self, patience: float = PATIENCE) -> dict[str, Any]:
        """The next thing it says; raises Broken if it ends or says nothing."""
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], patience)[0]:
            raise Broken("it did not start")
        line = self.process.stdout.readline()
        if not line:
            raise Broken(f"it ended: {self._last_word()}")
        heard: dict[str, Any] = json.loads(line)
        return heard

    def check(self) -> None:
        """Raises Broken if it has ended by itself."""
        if self.process.poll() is not None:
            raise Broken(f"it ended: {self._last_word()}")

    def _last_word(self) -> str:
        said = self.complaints.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return said[-1] if said else "without a word"

    def peak_mb(self) -> float:
        """The most memory it has had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024

    def cpu_seconds(self) -> float:
        """What it has used of a core."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
