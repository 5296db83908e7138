"""Who is looking at which thread just now, so that two agents on one thread see each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from followup.desk.people import Person


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody else who is there, and whether he is writing to the buyer."""

    person: Person
    is_writing: bool = False


Told = Callable[[tuple[Seen, ...]], None]


@dataclass(eq=False)
class Stay:
    """One open page of somebody; calling it says that he has left."""

    _of: Presence
    _thread: str
    person: Person
    told: Told
    is_writing: bool = field(default=False)

    def __call__(self) -> None:
        self._of.leave(self._thread, self)

    def writes(self, is_writing: bool) -> None:
        """He begins to write to the buyer, or stops; said again it changes nothing."""
        if self.is_writing is not is_writing:
            self.is_writing = is_writing
            self._of.tell(self._thread)


class Presence:
    """One for the program, in memory: who is there is told to those who are there too."""

    def __init__(self) -> None:
        self._here: dict[str, list[Stay]] = {}

    def enter(self, thread: str, person: Person, told: Told) -> Stay:
        """Somebody opens a thread; `told` is called with the others there, now and whenever that changes. Returns what
        is to be called when he leaves."""
        stay = Stay(self, thread, person, told)
        self._here.setdefault(thread, []).append(stay)
        self.tell(thread)
        return stay

    def leave(self, thread: str, stay: Stay) -> None:
        """One page less; said again it changes nothing."""
        if stay in self._here.get(thread, ()):
            self._here[thread].remove(stay)
            self.tell(thread)
        if not self._here.get(thread):
            self._here.pop(thread, None)

    def at(self, thread: str) -> tuple[Person, ...]:
        """Who is at a thread, each once, whoever came first in front."""
        return tuple(dict.fromkeys(stay.person for stay in self._here.get(thread, ())))

    def tell(self, thread: str) -> None:
        """Tell everybody there who else is."""
        for stay in tuple(self._here.get(thread, ())):
            stay.told(self._others(thread, stay.person))

    def _others(self, thread: str, me: Person) -> tuple[Seen, ...]:
        """Who has several pages open is there once, and writes if he does so in one of them; nobody is told of
        himself."""
        writing: dict[str, Seen] = {}
        for stay in self._here[thread]:
            if stay.person.id != me.id:
                before = writing.get(stay.person.id)
                is_writing = stay.is_writing or (before is not None and before.is_writing)
                writing[stay.person.id] = Seen(stay.person, is_writing)
        return tuple(writing.values())
