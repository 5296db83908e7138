"""One peer with so many reminders: scheduled, all due at once; then again with kill -9 in the middle."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.peers.contract import PEERS, Entry
from bench.peers.measured import Figures, Receiver
from bench.peers.process import Broken, Running, ask

LIMIT = 60.0  # seconds that telling may take
SLACK = 0.5  # seconds that scheduling may take longer than expected
START = 2.5  # seconds for a start before all is due
KILLS = (0.25, 0.5, 0.75)
BLINK = 0.002
AFTERWARDS = 0.5  # what comes twice may come after the last


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run keeps its things: the peer's database or folder, and the receiver's file."""

    where: str
    told: Path


class Run:
    """One run of one peer."""

    def __init__(
        self,
        name: str,
        wanted: int,
        place: Place,
        limit: float = LIMIT,
        per_second: float = 100.0,
        entry: Entry | None = None,
    ) -> None:
        self.entry, self.place, self._limit = entry or PEERS[name], place, limit
        self.figures = Figures(name, wanted)
        self.receiver = Receiver(place.told)
        self._lead = min(wanted / per_second * 1.15 + SLACK, limit)
        self._running: list[Running] = []
        self.due = 0.0

    def all_at_once(self) -> Figures:
        """Schedule, start, and tell all when they are due."""
        with self._ended():
            self._begin()
            self._reach(self.figures.scheduled)
            self._note()
        return self.figures

    def killed(self) -> Figures:
        """The same, killed three times on the way, and started again at once each time."""
        with self._ended():
            self._begin()
            try:
                self._kill_on_the_way()
            except Broken as error:
                if not self.figures.kills:
                    raise
                self.figures.broke = str(error)
            time.sleep(AFTERWARDS)
            self.receiver.look()
        figures, receiver = self.figures, self.receiver
        listed = [] if figures.broke else ask(self.entry, self.place.where, "listed")["listed"]
        figures.listed = len(set(listed) - receiver.reminders)
        figures.told = len(receiver.reminders)
        figures.lost, figures.doubled = receiver.lost(figures.scheduled, listed), receiver.doubled()
        return figures

    def _kill_on_the_way(self) -> None:
        for share in (0.0, *KILLS) if self.entry.forgets else KILLS:
            if not self._reach(int(share * self.figures.scheduled)):
                break
            self._kill_and_start()
        self._reach(self.figures.scheduled)

    def _begin(self) -> None:
        self.prepare()
        scheduling = (self.figures.wanted, self._lead, START)
        if self.entry.forgets:
            self._start("both", *scheduling, self.place.told)
        else:
            self._scheduled(ask(self.entry, self.place.where, "schedule", *scheduling))
            self._start("run", self.place.told)

    def prepare(self) -> None:
        """Make the peer's tables."""
        ask(self.entry, self.place.where, "prepare")

    def _scheduled(self, told: dict[str, float]) -> None:
        if self.figures.kills:
            return
        self.due = told["due"]
        self.figures.scheduled = int(told["scheduled"])
        self.figures.schedule_rate = told["scheduled"] / told["seconds"]

    def _start(self, *what: object) -> None:
        self._running = [
            Running.start(self.entry, self.place.where, self.place.told.with_suffix(f".{number}.err"), *what)
            for number in range(self.entry.workers)
        ]
        for running in self._running:
            heard = running.hear()
            if "scheduled" in heard:
                self._scheduled(heard)
                began = time.time()
                heard = running.hear()
            else:
                began = running.began
            if self.figures.start_up is None:
                self.figures.start_up = heard["ready"] - began

    def _reach(self, reminders: int) -> bool:
        """Wait for so many different reminders; False if they do not come in time, or nothing comes any more."""
        ends, since = max(time.time(), self.due) + self._limit, max(time.time(), self.due)
        while len(self.receiver.reminders) < reminders:
            now, lines = time.time(), len(self.receiver.lines)
            if self.receiver.look() > lines:
                since = max(now, self.due)
            if now > min(ends, since + self.entry.patience):
                return False
            for running in self._running:
                running.check()
            time.sleep(BLINK)
        return True

    def _kill_and_start(self) -> None:
        for running in self._running:
            running.kill()
        killed = time.time()
        self.receiver.look()
        self.figures.kills += 1
        what = ("both", 0, 0, 0) if self.entry.forgets else ("run",)
        self._start(*what, self.place.told)
        if self._reach(len(self.receiver.reminders) + 1):
            self.figures.recovery.append(self.receiver.first_after(killed) - killed)

    def _note(self) -> None:
        figures, receiver = self.figures, self.receiver
        figures.told = len(receiver.reminders)
        figures.fire_rate = receiver.rate(self.due)
        figures.late_p50, figures.late_p99 = receiver.late(self.due, 0.5), receiver.late(self.due, 0.99)
        figures.memory = sum(running.peak_mb() for running in self._running)
        figures.cpu = [running.cpu_seconds() for running in self._running]

    @contextmanager
    def _ended(self) -> Iterator[None]:
        try:
            yield
        finally:
            for running in self._running:
                running.kill()
