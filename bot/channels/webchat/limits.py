"""How much one chat and one address on the internet may do, remembered in memory.

Times are seconds of the machine: a shop's clock that stands must not keep its buyers silent.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil

MOST_KNOWN = 20_000
MOST_WINDOWS, MOST_WINDOWS_OF_ONE = 5, 30
Seconds = Callable[[], float]


class TooMany(Exception):
    """Not now; after `wait` seconds, perhaps."""

    def __init__(self, wait: float = 0) -> None:
        super().__init__("too many")
        self.wait = ceil(wait)


class Meter:
    """At most `most` in any `within` seconds for each key; whoever was silent longest is forgotten first."""

    def __init__(self, most: int, within: float, seconds: Seconds, known: int = MOST_KNOWN) -> None:
        self._most, self._within, self._seconds, self._known = most, within, seconds, known
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._times)

    def wait(self, key: str) -> float:
        """For how many seconds the key has to wait; 0 if it need not."""
        times, now = self._times.get(key), self._seconds()
        while times and times[0] <= now - self._within:
            times.popleft()
        return times[0] + self._within - now if times and len(times) >= self._most else 0.0

    def count(self, key: str) -> None:
        """It happened once more."""
        self._times.setdefault(key, deque(maxlen=self._most)).append(self._seconds())
        self._times.move_to_end(key)
        if len(self._times) > self._known:
            self._times.popitem(last=False)


class Limits:
    """The limits of one account. A caller "" is this machine itself, of which only the chats are limited."""

    def __init__(self, seconds: Seconds) -> None:
        self._says = (Meter(20, 60, seconds), Meter(200, 3600, seconds))
        self._says_of_one = (Meter(60, 60, seconds),)
        self._photos = (Meter(6, 60, seconds),)
        self._photos_of_one = (Meter(30, 60, seconds), Meter(200, 3600, seconds))
        self._hellos_of_one = (Meter(120, 60, seconds),)
        self._open: Counter[str] = Counter()

    def say(self, address: str, caller: str) -> None:
        """Count one message of a chat. Raises TooMany."""
        _spend((self._says, address), (self._says_of_one, caller))

    def photo(self, address: str, caller: str) -> None:
        """Count one photo of a chat. Raises TooMany."""
        _spend((self._photos, address), (self._photos_of_one, caller))

    def hello(self, caller: str) -> None:
        """Count one window that opens. Raises TooMany."""
        _spend((self._hellos_of_one, caller))

    @contextmanager
    def place(self, key: str, most: int) -> Iterator[None]:
        """Room for one more open window of a chat or a caller. Raises TooMany."""
        if key and self._open[key] >= most:
            raise TooMany
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]


def _spend(*each: tuple[tuple[Meter, ...], str]) -> None:
    """Count in all meters, or in none if one of them is full; a key "" is not limited."""
    meters = [(meter, key) for meters, key in each if key for meter in meters]
    if wait := max((meter.wait(key) for meter, key in meters), default=0.0):
        raise TooMany(wait)
    for meter, key in meters:
        meter.count(key)
