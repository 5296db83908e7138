"""Runs a piece of work in a process of its own, whose memory has an end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({most}, {most}))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
"""


def ran(code: str, *arguments: object, most: int, within: float = 120) -> subprocess.CompletedProcess[str]:
    """What came of Python code in a process of at most `most` bytes of addresses; it is stopped after `within`."""
    command = [sys.executable, "-c", LIMIT.format(most=most) + code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=within, check=False)
