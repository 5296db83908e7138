"""What was measured of one peer with so many reminders, and how it is computed from the receiver's lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Figures:
    """One peer, one N. Rates a second, times in seconds, memory in MB; None is what could not be measured.

    `scheduled` and `told` of `wanted`: fewer if the limit came first, and then rates are of what was done.
    `broke` is what it said when it did not start again after a kill.
    """

    peer: str
    wanted: int
    scheduled: int = 0
    schedule_rate: float | None = None
    start_up: float | None = None
    told: int = 0
    fire_rate: float | None = None
    late_p50: float | None = None
    late_p99: float | None = None
    memory: float | None = None
    cpu: list[float] = field(default_factory=list)
    kills: int = 0
    recovery: list[float] = field(default_factory=list)
    lost: int | None = None
    doubled: int | None = None
    listed: int | None = None
    note: str = ""
    broke: str = ""

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Line:
    """One reminder that arrived, and when (seconds since 1970)."""

    reminder: str
    at: float


class Receiver:
    """The receiving end: reads what was appended since it last looked."""

    def __init__(self, path: Path) -> None:
        path.touch()
        self._file = path.open("rb")
        self.lines, self.reminders = list[Line](), set[str]()
        self._rest = b""

    def look(self) -> int:
        """How many lines there are by now."""
        *whole, self._rest = (self._rest + self._file.read()).split(b"\n")
        for line in whole:
            reminder, at = line.decode().rsplit(" ", 1)
            self.lines.append(Line(reminder, float(at)))
            self.reminders.add(reminder)
        return len(self.lines)

    def doubled(self) -> int:
        """How many arrived more than once."""
        return sum(times > 1 for times in Counter(line.reminder for line in self.lines).values())

    def first_after(self, moment: float) -> float:
        """When the first one arrived after `moment`; there is one."""
        return min(line.at for line in self.lines if line.at > moment)

    def lost(self, scheduled: int, listed: Sequence[str]) -> int:
        """How many neither arrived nor are listed as uncertain."""
        return scheduled - len(self.reminders | set(listed))

    def late(self, due: float, share: float) -> float | None:
        """How late this share of what arrived was at most."""
        lateness = sorted(line.at - due for line in self.lines)
        return lateness[min(len(lateness) - 1, int(share * len(lateness)))] if lateness else None

    def rate(self, due: float) -> float | None:
        """Reminders a second, from the moment they were due until the last arrived."""
        return len(self.lines) / (self.lines[-1].at - due) if self.lines else None
