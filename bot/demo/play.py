"""Playing the demo: all at once as a transcript, or live with the reader as a buyer."""

from __future__ import annotations

import asyncio
import codecs
import os
import sys
import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from bot.app import make_scripts
from bot.config import Config
from bot.demo.acting import BUYERS, SHOP, chat_of
from bot.demo.places import PLACES, Place
from bot.demo.show import Show
from bot.demo.stage import Stage
from bot.demo.stories import READER, STORIES, order_only, pays
from bot.desk import words
from followup.model import Order
from followup.policy import Policy
from followup.ports import Clock
from followup.understood import Intent
from handlers.deps import Deps
from handlers.understand import understand
from scheduler.clock import JumpingClock
from store.migrate import upgrade
from store.store import SqlStore

WEEKS = timedelta(weeks=3)
MINUTE = timedelta(minutes=1)
BEAT = 1.0
PATIENCE = 20.0
Lines = asyncio.Queue[str | None]


def open_stage(database: Path, clock: Clock, place: Place, show: Show) -> Stage:
    """A stage on a fresh database file, with all three buyers on the terminal."""
    database.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    url = f"sqlite:///{database}"
    upgrade(url)
    deps = Deps(
        scripts=make_scripts(Config()),
        policies={SHOP: Policy(SHOP, place.zone, place.lang)},
        understand=understand,
        channels={SHOP: "terminal"},
        agent_lang=agents_read(place.lang),
    )
    stage = Stage(SqlStore(url), deps, clock, show)
    for buyer in BUYERS.values():
        stage.meet(SHOP, buyer, chat_of(buyer))
    return stage


def agents_read(lang: str) -> str:
    """The agents' language in a demo whose buyers speak `lang`."""
    return lang if lang == "zh-CN" else "en"


async def transcript(database: Path, lang: str, console: Console) -> None:
    """Tell every story from its first word to its last."""
    place = PLACES[lang]
    clock = JumpingClock(place.monday)
    show = Show(console, clock, place, words(agents_read(lang)))
    stage = open_stage(database, clock, place, show)
    for story in STORIES.values():
        story(stage, place)
    while (when := await stage.next_time()) is not None and when < place.monday + WEEKS:
        await clock.sleep_until(when)
        await stage.step()
    stage.store.close()
    show.show_all()


async def live(database: Path, lang: str, console: Console, beat: float = BEAT, patience: float = PATIENCE) -> None:
    """Let three weeks fly while the reader may answer as the buyer of the unpaid order; ends with /quit.

    Time jumps from one event to the next, and stands still for `patience` seconds when the reader was spoken to.
    """
    place = PLACES[lang]
    clock = JumpingClock(place.monday + timedelta(hours=13, minutes=50))
    show = Show(console, clock, place, words(agents_read(lang)), live=True)
    stage = open_stage(database, clock, place, show)
    order = order_only(stage, place)
    for story in ("pending_refund", "review_revision"):
        STORIES[story](stage, place)
    later = place.line("unpaid_order", "later")
    intro = show.label("intro", buyer=order.buyer_name, goods=order.goods, later=later, seconds=f"{patience:.0f}")
    console.print(intro + "\n", style="bold", soft_wrap=True)
    reading = _Reading(stage, show, clock, order, typed_lines(asyncio.get_running_loop()), beat, patience)
    await reading.play()
    stage.store.close()


@dataclass
class _Reading:
    """The reader before the stage."""

    stage: Stage
    show: Show
    clock: JumpingClock
    order: Order
    lines: Lines
    beat: float
    patience: float

    async def play(self) -> None:
        """Alternate between the reader and the flow of time until either ends."""
        end = self.clock.now() + WEEKS
        while (when := await self.stage.next_time()) is not None and when < end:
            line = await self._heard()
            if line is None or line.strip() == "/quit":
                return
            if line.strip():
                await self._says(line.strip())
            else:
                await self.clock.sleep_until(when)
                await self.stage.step()

    async def _says(self, text: str) -> None:
        """The reader's words; if they say "paid", the shop's records show it a little later."""
        self.clock.move(MINUTE)
        now, place = self.clock.now(), self.show.place
        if understand(text, now, place.zone, place.lang).intent is Intent.PAID:
            pays(self.stage, self.order, now + 30 * MINUTE)
        await self.stage.happen(self.stage.terminal.typed(SHOP, READER, text))

    async def _heard(self) -> str | None:
        """What the reader types; "" if nothing comes; None at the end of the input."""
        asked = READER in self.show.spoke_to
        self.show.spoke_to.clear()
        if asked:
            self.show.console.print(f"{self.show.label('you')}> ", end="")
        try:
            return await asyncio.wait_for(self.lines.get(), self.patience if asked else self.beat)
        except TimeoutError:
            if asked:
                self.show.console.print()
            return ""


def typed_lines(loop: asyncio.AbstractEventLoop, file: int | None = None) -> Lines:
    """Lines from standard input as they are typed; None at its end.

    They are read past Python's own buffer, whose lock would hold up the end of the program.
    """
    lines: Lines = asyncio.Queue()
    fd = sys.stdin.fileno() if file is None else file

    def read() -> None:
        decode, rest = codecs.getincrementaldecoder("utf-8")("replace").decode, ""
        while data := os.read(fd, 4096):
            *whole, rest = (rest + decode(data)).split("\n")
            for line in whole:
                loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    return lines
