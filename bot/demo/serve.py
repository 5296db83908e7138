"""A shop to walk about in: a console for its owner, a web chat for a buyer, and time that can be held and hurried."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from bot.app import App, bootstrap
from bot.config import load
from bot.console.invites import link_of, make_invite
from bot.demo.acting import SHOP
from bot.demo.crowd import CHANNEL
from bot.demo.engine import DemoEngine
from bot.demo.places import PLACES, Place
from bot.demo.play import agents_read
from bot.demo.world import EARLIER, ORDER, World
from bot.desk import Words, words
from bot.linking import channel_for, make_links
from followup.model import Instant
from scheduler.clock import PacedClock

PORT = 8080
SPEED = 60.0
OWNER = "owner"
YEAR = timedelta(days=365)
UNTIL_WORDS = timedelta(minutes=12)
CONFIG = """\
# The shop of `huifang demo`, made anew each time.

[database]
url = "sqlite:///{folder}/shop.db"

[http]
port = {port}

[scripts]
overrides = "{folder}/scripts.json"

[evidence]
folder = "{folder}/evidence"

[reports]
folder = "{folder}/reports"

[orders]
folder = "{folder}/orders"

[agents]
lang = "{agents}"

[agents.people.agent]
name = "{agent}"

[agents.people.supervisor]
name = "{supervisor}"
rank = "supervisor"

[agents.people.owner]
name = "{owner}"
rank = "owner"

[channels.{channel}]
type = "webchat"
title = "{title}"
folder = "{folder}/webchat"

[shops.{shop}]
platform = "independent"
channel = "{channel}"
zone = "{zone}"
lang = "{lang}"
currency = "{currency}"
"""


@dataclass
class DemoStage:
    """The demo's clock as the console sees it."""

    clock: PacedClock
    world: World | None = None
    pace: float = SPEED

    @property
    def is_paused(self) -> bool:
        """Whether the time stands."""
        return not self.clock.speed

    @property
    def speed(self) -> float:
        """How fast it goes, or went before it was held."""
        return self.clock.speed or self.pace

    def pause(self) -> None:
        """Hold the time."""
        self.pace = self.speed
        self.clock.run(0)

    def go(self, speed: float) -> None:
        """Let it go on."""
        self.pace = speed
        self.clock.run(speed)

    async def step(self) -> Instant:
        """Move to the next thing that happens, and let it happen."""
        return await self.world.step() if self.world else self.clock.now()


async def serve(folder: Path, lang: str, screen: Console, seconds: float = 0) -> None:
    """Make a shop, say where it can be seen, and let its time go on until Ctrl-C, or for so many seconds.

    Raises PortTaken, OSError.
    """
    place, said = PLACES[lang], words(agents_read(lang))
    screen.print(said.table["demo"]["opening"], soft_wrap=True)
    file = write_config(folder, place)
    clock = PacedClock(place.monday - EARLIER, speed=0)
    stage = DemoStage(clock)
    app = bootstrap(load(file), clock=clock, serving=True, file=file, stage=stage, engine=DemoEngine)
    stage.world = World(app, clock, place)
    try:
        await stage.world.play()
        await app.engine.start()
        await _tell(app, place, said, screen, seconds)
        stage.go(SPEED)
        await _until_told(stage.world, seconds)
    finally:
        await app.engine.stop()
        app.close()


async def _tell(app: App, place: Place, said: Words, screen: Console, seconds: float) -> None:
    """Where the owner and the buyer look."""

    def say(label: str, **figures: object) -> None:
        screen.print(str(said.table["demo"][label]).format(**figures), soft_wrap=True)

    assert app.http is not None
    assert app.desk is not None
    token, invite = make_invite(OWNER, OWNER, app.desk.wall.now(), YEAR, app.config)
    await app.store.transact(lambda tx: tx.save(invite))
    links = make_links(app, SHOP, [ORDER], channel_for(app, SHOP), YEAR)
    shown = [link.shown async for link in links]
    part = place.parts["unpaid_order"]
    screen.print()
    say("console")
    screen.print(f"  {link_of(token, app.config, app.http.port)}", style="bold", soft_wrap=True)
    say("chat", buyer=place.crowd.names[0], order=ORDER, goods=part.goods)
    screen.print(f"  {shown[0]}", style="bold", soft_wrap=True)
    waits = UNTIL_WORDS.total_seconds() / SPEED
    say("clock", speed=f"{SPEED:.0f}", seconds=f"{waits:.0f}", later=part.lines["later"])
    say("ends_after" if seconds else "ends", seconds=f"{seconds:.0f}")


async def _until_told(world: World, seconds: float) -> None:
    """Let things happen until a signal comes, or the time is over."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    with suppress(NotImplementedError):  # on Windows, where Ctrl-C ends it the hard way
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, stop.set)
    going = asyncio.create_task(world.go_on())
    try:
        async with asyncio.timeout(seconds or None):
            await stop.wait()
    except TimeoutError:
        pass
    finally:
        going.cancel()


def write_config(folder: Path, place: Place) -> Path:
    """The shop's configuration, with nothing left of an earlier demo's database; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("shop.db*"):
        left.unlink()
    (folder / "scripts.json").unlink(missing_ok=True)
    for left in (folder / name for name in ("webchat", "evidence", "reports", "orders")):
        shutil.rmtree(left, ignore_errors=True)
    people = {"agent": place.agent, "supervisor": place.crowd.supervisor, "owner": place.crowd.owner}
    text = CONFIG.format(
        folder=folder,
        port=_free(PORT),
        agents=agents_read(place.lang),
        channel=CHANNEL,
        shop=SHOP,
        title=place.crowd.shop,
        zone=place.zone.key,
        lang=place.lang,
        currency=place.price.currency,
        **people,
    )
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return path


def _free(port: int) -> int:
    """That port, or any other if somebody has it."""
    for wanted in (port, 0):
        with socket.socket() as one, suppress(OSError):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(("127.0.0.1", wanted))
            return int(one.getsockname()[1])
    return port
