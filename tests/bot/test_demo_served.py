"""The served demo: two weeks of a shop in seconds, then time that can be held, hurried and moved on by steps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from apscheduler.triggers.interval import IntervalTrigger
from typer.testing import CliRunner

from bot.app import bootstrap
from bot.cli import app
from bot.commands import demo
from bot.config import load
from bot.demo.engine import DemoEngine, following
from bot.demo.places import PLACES
from bot.demo.serve import DemoStage, write_config
from bot.demo.stage import handle
from bot.demo.world import EARLIER, ORDER, READER, World, address_of
from followup.events import MessageReceived, OrderChanged, chat_id
from followup.model import Chat, OutgoingState, Status
from scheduler.clock import PacedClock
from scheduler.jobs import daily
from store import views
from store.audit import audit
from tests.scheduler.shop import HOUR, NOON

LANGS = tuple(PLACES)


@pytest.fixture
async def world(tmp_path: Path, lang: str) -> AsyncIterator[World]:
    """A shop that is about to open."""
    place = PLACES[lang]
    file = write_config(tmp_path / "demo", place)
    clock = PacedClock(place.monday - EARLIER, speed=0)
    app = bootstrap(load(file), clock=clock, file=file, engine=DemoEngine)
    world = World(app, clock, place)
    await world.play()
    yield world
    app.close()


def look(world: World, fn: Any, *args: Any) -> Any:
    """What a function of a connection finds."""
    with world.app.store.engine.connect() as connection:
        return fn(connection, *args)


@pytest.mark.parametrize("lang", LANGS)
async def test_two_weeks_have_passed_when_the_shop_opens(world: World) -> None:
    """Stories and a crowd were followed up, nobody was told twice, and hardly anything is left over."""
    assert world.opens == world.clock.now()
    proof = look(world, audit)
    assert (True, []) == (proof.ok, proof.unsure)
    threads = look(world, views.threads, 1000, False)
    assert 50 < len(threads)
    assert {"unpaid_order", "pending_refund", "review_revision", "after_sales"} <= {each.kind for each in threads}
    assert 12 > len(look(world, views.open_tasks))


@pytest.mark.parametrize("lang", ["zh-CN"])
async def test_the_readers_order_is_asked_about_soon_after_the_opening(world: World) -> None:
    """He has just ordered; he opens his chat, and step by step he is asked about the payment within the hour."""
    assert look(world, views.facts, ORDER) is not None
    address = address_of("my browser")
    chat = chat_id("demo", "chat", address)
    now = world.clock.now()
    await world.app.store.transact(lambda tx: tx.save(Chat(chat, "demo", READER, "chat", address, linked_at=now)))
    asked = f"demo/{ORDER}/unpaid_order"
    while not any(m.state is OutgoingState.SENT for m in look(world, views.story, asked).outgoing):
        await world.step()
    assert world.clock.now() - world.opens < HOUR


@pytest.mark.parametrize("lang", ["zh-CN"])
async def test_who_says_that_he_has_paid_is_seen_to_have(world: World) -> None:
    """Half an hour later, also when nothing else would happen any more; one thing that fails ends nothing."""
    world._cues.clear()
    address, now = address_of("my browser"), world.clock.now()
    chat = Chat(chat_id("demo", "chat", address), "demo", READER, "chat", address, linked_at=now)
    await world.app.store.transact(lambda tx: tx.save(chat))
    world.cue(now, OrderChanged(None))  # type: ignore[arg-type]
    said = MessageReceived("demo", "chat", address, "1", "我已经付了", now)
    await handle(said, world.app.store, world.app.deps, now)
    going = asyncio.create_task(world.go_on())
    world.clock.run(36_000)
    async with asyncio.timeout(30):
        while look(world, views.facts, ORDER).order.status is not Status.PAID:
            await world.clock.sleep_until(world.clock.now() + HOUR)
    going.cancel()
    assert world.clock.now() - now >= HOUR / 2


async def test_time_can_be_held_hurried_and_goes_on_as_before() -> None:
    """The console's three buttons."""
    clock = PacedClock(NOON, 60)
    stage = DemoStage(clock)
    stage.pause()
    assert (True, 60) == (stage.is_paused, stage.speed)
    stage.go(600)
    assert (False, 600, 600) == (stage.is_paused, stage.speed, clock.speed)
    assert clock.now() <= await stage.step()


def test_regular_jobs_follow_the_demos_clock() -> None:
    """An interval counts from the demo's present, a time of day is the next one in it."""
    assert NOON + timedelta(seconds=5) == following(IntervalTrigger(seconds=5), NOON)
    assert NOON.replace(hour=21, minute=0) == following(daily(21, 0, "UTC"), NOON)


def test_two_demos_in_one_folder_are_one_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second would take the first one's shop away: it is told so, and touches nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("fasteners.InterProcessLock.acquire", lambda *_, **__: False)  # another process has it
    result = CliRunner().invoke(app, ["demo", "--once"])
    assert 2 == result.exit_code
    assert "a demo is running in var/demo already" in result.output
    assert [] == list((tmp_path / demo.FOLDER).iterdir())


def test_a_second_demo_begins_afresh(tmp_path: Path) -> None:
    """No database, photo or wording of an earlier one is left; another program's port is left alone."""
    folder = tmp_path / "demo"
    write_config(folder, PLACES["en"])
    for left in ("shop.db", "shop.db-wal", "scripts.json"):
        (folder / left).write_text("old", "utf-8")
    (folder / "webchat").mkdir()
    write_config(folder, PLACES["en"])
    assert ["config.toml"] == [each.name for each in folder.iterdir()]
