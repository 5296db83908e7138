"""A seed's whole story: the shops, the schedule, and the program that lives through it, dies and lives again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy.exc import OperationalError

from followup.model import Instant, Outgoing
from handlers.agent_command import NoSuchTask, NoSuchThread
from handlers.agent_says import NobodyToTell, NotSayable, SaidAMomentAgo
from store.tx import Tx
from store.wanted import Wanted
from tests.simulation import shops
from tests.simulation.book import Book, Manners
from tests.simulation.channel import Line, Said
from tests.simulation.life import Crashed, Life
from tests.simulation.loop import SimClock, VirtualLoop
from tests.simulation.post import Post
from tests.simulation.sight import KINDS_OF_WORK, Sight
from tests.simulation.weather import Weather

STOPS = 4
TRIES = 8
MISTAKES = (NoSuchThread, NoSuchTask, NobodyToTell, NotSayable, SaidAMomentAgo)
"""What a person is told who asks for something that cannot be done."""


class World:
    """What one seed makes up. `folder` is its own, with a fresh database `shop.db` in it."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed, self.folder, self.url = seed, folder, f"sqlite:///{folder}/shop.db"
        chance = Random(seed)
        self.zone, begin = shops.begins(chance)
        self.way = chance.choice([*shops.WAYS])
        self.weather = Weather(chance.choice((0.0, 0.05, 0.15, 0.4)), chance)
        self.loop = VirtualLoop()
        self.clock = SimClock(begin, self.loop)
        self.book, self.said, self.faults = Book(), list[Said](), Counter[str]()
        self.line = Line(shops.WAYS[self.way], self.weather, self.said, self._asked)
        self.line.clock = self.clock
        self.tokens: list[tuple[str, str]] = []
        self.post, self.sight = Post(self), Sight(folder / "shop.db")
        self.transcript: list[str] = []
        self.commits, self._numbers = 0, 0
        self._configure(chance)
        self.life: Life

    @property
    def now(self) -> Instant:
        """What the machine's clock shows."""
        return self.clock.now()

    def number(self) -> int:
        """The next of all numbers."""
        self._numbers += 1
        return self._numbers

    def tells(self, line: str) -> None:
        """A line of the transcript."""
        self.transcript.append(f"{self.now:%Y-%m-%d %H:%M:%S}  {line}")

    def starts(self, chance: Random) -> None:
        """Start the program, perhaps with other figures; if it dies of it, again."""
        if chance.random() < 0.3:
            self._configure(chance)
        for attempt in range(TRIES):
            self.life = Life(self.config, self.line, self.clock, self.loop)
            if attempt < 2 and chance.random() < 0.1:
                self.life.store.dies(chance.randint(1, 6), inside=chance.random() < 0.5)
            if self._lives(self.life.engine.start):
                self.post.again(chance)
                return
        raise AssertionError("the program does not start")

    def stops(self, gently: bool) -> None:
        """Stop it, or kill it between two commits."""
        if not gently or self._lives(self.life.engine.stop):
            self._bury()
        self.tells("stopped" if gently else "killed")

    def does(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """What the program answers; None if it dies (then it is started again), refuses or cannot."""
        chance = self.weather.chance
        try:
            return self.life.do(work)
        except MISTAKES:
            return None
        except OperationalError as error:
            self._refused(error)
        except Crashed:
            self._crashed()
            self.starts(chance)
        return None

    async def transacts(self, fn: Callable[[Tx], Any], wanted: Wanted) -> Any:
        """In the store of the running program."""
        return await self.life.store.transact(fn, wanted)

    def _lives(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> bool:
        try:
            self.life.do(work)
        except OperationalError as error:
            self._refused(error)
            self._bury()
            return False
        except Crashed:
            self._crashed()
            return False
        return True

    def _crashed(self) -> None:
        self.faults["crash"] += 1
        self.tells("the program died")
        self._bury()

    def _refused(self, error: OperationalError) -> None:
        if "disk is full" not in str(error.orig):
            raise error
        self.faults["disk_full"] += 1
        self.tells("the database refused a commit")

    def _bury(self) -> None:
        self.commits += self.life.store.commits
        self.life.close()

    def _configure(self, chance: Random) -> None:
        self.config = shops.configured(self.zone, self.folder, self.url, chance)
        shop = self.config.shops[shops.TEA]
        quiet = shop.quiet_hours
        self.book.behaves(Manners(shop.zone, quiet.opens, quiet.closes, shop.nudge_every), self.now)

    def _asked(self, message: Outgoing) -> None:
        self.tells(f"  < {message.chat} [{message.role.value} {message.step}] {message.text[:60]!r}")
        self.book.hears(message, self.now)

    def revives(self, chance: Random) -> None:
        """From now on it neither dies nor is refused anything; what was not delivered is."""
        self.life.store.calm()
        self.settles(chance)
        self.post.again(chance)

    def noon_after(self, due: Instant | None) -> Instant:
        """The first noon by the shop's clock at which something that is due then may be said."""
        local = (due or self.now).astimezone(self.config.shops[shops.TEA].zone)
        noon = local.replace(hour=12, minute=30, second=0, microsecond=0, fold=0)
        return (noon if noon > local else noon + timedelta(days=1)).astimezone(UTC)

    def is_at_work(self) -> bool:
        """Whether something was not delivered yet, is not handled, or is due now: an answer of a moment ago, say."""
        return bool(self.post.waiting) or any(self.sight.waits(kind, self.now) for kind in ("events", "words"))

    def finishes(self) -> None:
        """Every regular job has its turn once more."""
        self.does(lambda: self.life.engine.run(""))
        self.does(self.life.engine.wake)

    def closes(self) -> None:
        """The end of this world."""
        if hasattr(self, "life"):
            self._bury()
        self.sight.close()
        self.loop.close()

    def passes(self, span: timedelta, chance: Random) -> None:
        """Time passes; the program wakes for what is due, the first few times."""
        target = self.now + span
        for _ in range(STOPS):
            due = self.next_due()
            if due is None or due > target:
                break
            self.clock.set(max(due, self.now) + timedelta(seconds=chance.choice((0, 0, 1, 15))))
            self.settles(chance)
        if self.now < target:
            self.clock.set(target)
        self.settles(chance)

    def settles(self, chance: Random, rarely: float = 0.1) -> None:
        """The program does what is due now, in any order; `rarely`, a regular job is due as well."""
        for kind in chance.sample(KINDS_OF_WORK, len(KINDS_OF_WORK)):
            if self.sight.waits(kind, self.now):  # else the look would find nothing
                self.does(self._working_off(kind))
        if chance.random() < rarely:
            job = chance.choice(("sweep", "old_events", "orders", "handover", "erasing"))
            self.does(lambda: self.life.engine.run(job))
            if self.sight.waits("photos", self.now):
                self.does(self.life.app.fetching.fetchers[0].fetch_due)

    def _working_off(self, kind: str) -> Callable[[], Coroutine[Any, Any, Any]]:
        life = self.life
        if kind == "events":
            return life.app.inboxes[0].drain
        return life.engine.wake if kind == "words" else lambda: life.engine.run("clocks")

    def next_due(self) -> Instant | None:
        """The first time after now at which something is due."""
        soonest = self.sight.next_due(self.now)
        return min([*([soonest] if soonest else []), *self._silenced()], default=None)

    def _silenced(self) -> Iterator[Instant]:
        """Until when a channel is silent that has something to say."""
        for outbox in self.life.app.outboxes:
            free = outbox.pace.next_free(self.now)
            if free > self.now and self.sight.has_to_say(outbox.channel.name):
                yield free
