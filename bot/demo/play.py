"""Playing the demo: all at once as a transcript, or live with the reader as a buyer."""

from __future__ import annotations

import asyncio
import sys
import threading
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from store.migrate import upgrade

from bot.app import make_scripts
from bot.channels.terminal import Terminal
from bot.config import Config
from bot.demo.stage import Stage
from bot.demo.stories import BUYERS, MONDAY, SHOP, STORIES, ZONE, an_order, chat_of
from followup.events import MessageReceived, OrderChanged
from followup.model import Outgoing, Task
from followup.policy import Policy
from followup.ports import Clock
from handlers.deps import Deps
from handlers.understand import understand
from scheduler.clock import FastClock, JumpingClock
from store import views
from store.store import SqlStore

WEEKS = timedelta(weeks=3)
MINUTES_A_SECOND = 20


def open_stage(database: Path, clock: Clock, lang: str, console: Console) -> Stage:
    """A stage on a fresh database file, everything on it shown on the console."""
    database.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    url = f"sqlite:///{database}"
    upgrade(url)
    deps = Deps(
        scripts=make_scripts(Config()),
        policies={SHOP: Policy(SHOP, ZONE, lang)},
        understand=understand,
        channels={SHOP: "terminal"},
        agent_lang="zh-CN" if lang == "zh-CN" else "en",
    )
    show = Show(console, clock)
    stage = Stage(SqlStore(url), deps, clock, Terminal(clock, show.message), show.task, show.buyer)
    for buyer in BUYERS.values():
        stage.meet(SHOP, buyer, chat_of(buyer))
    return stage


class Show:
    """Prints what is said, in the shop's local time."""

    def __init__(self, console: Console, clock: Clock) -> None:
        self._console, self._clock = console, clock

    def message(self, message: Outgoing) -> None:
        """A message to a buyer."""
        self._line("回访 Huifang", message.text, "green")

    def task(self, task: Task) -> None:
        """A task for the agents."""
        self._line("待办 agent's task", task.text, "yellow")

    def buyer(self, message: MessageReceived) -> None:
        """Words of a buyer."""
        self._line("买家 buyer", message.text, "cyan")

    def _line(self, who: str, text: str, style: str) -> None:
        time = f"{self._clock.now().astimezone(ZONE):%a %m-%d %H:%M}"
        self._console.print(f"{time}  {who}", style=f"bold {style}", markup=False, highlight=False)
        for line in text.splitlines():
            self._console.print(f"    {line}", markup=False, highlight=False)


async def transcript(database: Path, lang: str, console: Console) -> None:
    """Tell one thread of each kind from its first word to its last."""
    for kind, cue in STORIES.items():
        console.rule(kind)
        clock = JumpingClock(MONDAY)
        stage = open_stage(database, clock, lang, console)
        cue(stage, lang)
        while (when := await stage.next_time()) is not None and when < MONDAY + WEEKS:
            await clock.sleep_until(when)
            await stage.step()
        _epilogue(stage, console)
        stage.store.close()


async def live(database: Path, lang: str, console: Console) -> None:
    """Let three weeks pass while the reader may answer as the buyer of the unpaid order; ends with /quit."""
    clock = FastClock(MONDAY + timedelta(hours=13, minutes=50), MINUTES_A_SECOND * 60)
    stage = open_stage(database, clock, lang, console)
    console.print(
        f"One second is {MINUTES_A_SECOND} minutes. You are {BUYERS['unpaid_order']}, about to order and not pay: "
        "answer when you are asked. /quit ends.",
        style="bold",
    )
    for cue in (_reader_orders, STORIES["pending_refund"], STORIES["review_revision"]):
        cue(stage, lang)
    lines = typed_lines(asyncio.get_running_loop())
    while clock.now() < MONDAY + WEEKS and await _until_next(stage, lines):
        await stage.step()
    _epilogue(stage, console)
    stage.store.close()


async def _until_next(stage: Stage, lines: asyncio.Queue[str | None]) -> bool:
    when = await stage.next_time() or MONDAY + WEEKS
    sleep = asyncio.ensure_future(stage.clock.sleep_until(when))
    typed = asyncio.ensure_future(lines.get())
    await asyncio.wait({sleep, typed}, return_when=asyncio.FIRST_COMPLETED)
    sleep.cancel()
    if not typed.done():
        typed.cancel()
        return True
    line = typed.result()
    if line is None or line.strip() == "/quit":
        return False
    if line.strip():
        await stage.happen(stage.terminal.typed(SHOP, BUYERS["unpaid_order"], line.strip()))
    return True


def typed_lines(loop: asyncio.AbstractEventLoop) -> asyncio.Queue[str | None]:
    """Lines from standard input as they are typed; None at its end."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def _reader_orders(stage: Stage, lang: str) -> None:
    order = an_order("1001", 0, "unpaid_order", MONDAY + timedelta(hours=14), lang)
    stage.cue(order.created_at, OrderChanged(order))


def _epilogue(stage: Stage, console: Console) -> None:
    with stage.store.engine.connect() as connection:
        for thread in views.threads(connection, 10, only_open=False):
            console.print(f"thread {thread.id}: {thread.state.value} {thread.outcome}", style="dim", highlight=False)
