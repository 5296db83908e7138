"""What the receiving end heard, in a file of lines outside the process that may be killed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from followup.model import Instant, Outgoing
from tests.chaos.promises import Told


class Hearing:
    """The receiving end: a line for each message that reaches it, written in one call, in the order of arrival."""

    def __init__(self, path: str | Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def hear(self, message: Outgoing, at: Instant) -> None:
        """A message arrives."""
        os.write(self._file, f"{message.chat}\t{message.id}\t{at.timestamp():.6f}\n".encode())


def told_in(path: str | Path) -> list[Told]:
    """All that was heard so far, in the order of arrival."""
    if not Path(path).exists():
        return []
    lines = (line.split("\t") for line in Path(path).read_text().splitlines())
    return [Told(chat, id_, datetime.fromtimestamp(float(at), UTC)) for chat, id_, at in lines]
