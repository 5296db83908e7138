"""Who is looking at which thread just now, so that two agents on one thread see each other."""

from __future__ import annotations

from collections.abc import Callable

from followup.desk.people import Person


class Presence:
    """One for the program, in memory: who is there is told to those who are there too."""

    def enter(self, thread: str, person: Person, told: Callable[[tuple[Person, ...]], None]) -> Callable[[], None]:
        """Somebody opens a thread; `told` is called with the others there, now and whenever that changes. Returns what
        is to be called when he leaves."""
        raise NotImplementedError
