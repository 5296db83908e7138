"""The wiring: what the configuration says arrives where it is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import App, UnknownChannel, bootstrap
from bot.channels.terminal import Terminal
from bot.config import Agents, Config, Database, Orders, Outbox
from bot.config_shop import Shop
from followup.events import OrderChanged
from followup.model import Outgoing, Task
from handlers.order_changed import order_changed, wanted
from scheduler.clock import FakeClock
from scripts_library.storage import OverridesDamaged
from store import views
from store.engine import DatabaseError
from store.store import SqlStore
from tests.bot.tea import HOUR, NOON, a_config, an_order


@pytest.fixture
def config(tmp_path: Path, sqlite_url: str) -> Config:
    """One shop on Taobao, on a fresh database."""
    return Config(
        database=Database(url=sqlite_url),
        orders=Orders(folder=tmp_path / "orders"),
        outbox=Outbox(window=3, batch=7),
        agents=Agents(lang="en"),
        shops={"tea": Shop()},
    )


@pytest.fixture
def app(config: Config) -> Iterator[App]:
    """The program, not running, at noon in Shanghai."""
    app = bootstrap(config, clock=FakeClock(NOON))
    yield app
    app.close()


def open_tasks(app: App) -> list[Task]:
    """What waits for a person."""
    with app.store.engine.connect() as connection:
        return views.open_tasks(connection)


async def test_the_main_job_from_order_to_task(app: App) -> None:
    """An unpaid order becomes words for an agent to paste, a quarter of an hour later."""
    event, clock = OrderChanged(an_order(1)), app.clock
    assert isinstance(clock, FakeClock)
    await app.store.transact(lambda tx: order_changed(event, tx, app.deps, clock.now()), wanted(event))
    await app.engine.pump()
    assert open_tasks(app) == []
    clock.move(HOUR / 4)
    await app.engine.pump()
    assert [(task.reason, "Anna1" in task.text, "wool scarf" in task.text) for task in open_tasks(app)] == [
        ("paste", True, True)
    ]


def test_the_figures_of_the_configuration_are_used(app: App) -> None:
    """Window and batch of the outbox, the agents' language, the shop's policy and channel."""
    (outbox,) = app.outboxes
    assert (outbox._window, outbox._batch, outbox.channel.name) == (3, 7, "manual")
    assert (app.deps.agent_lang, app.deps.channels, list(app.deps.policies)) == ("en", {"tea": "manual"}, ["tea"])
    assert app.deps.idempotent == {"manual"}


def test_other_channels_may_be_added(config: Config) -> None:
    """A shop may be served by a channel that is handed in."""
    clock, shown = FakeClock(NOON), list[Outgoing]()
    shops = {"tea": Shop(platform="independent", channel="terminal")}
    app = bootstrap(config.model_copy(update={"shops": shops}), clock=clock, channels=(Terminal(clock, shown.append),))
    app.close()
    assert [outbox.channel.name for outbox in app.outboxes] == ["manual", "terminal"]
    assert app.deps.idempotent == {"manual"}


def test_a_channel_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Before anything is opened: its messages would wait for ever."""
    shops = {"tea": Shop(platform="independent", channel="pigeon")}
    with pytest.raises(UnknownChannel, match=r"shops\.tea\.channel: there is no channel 'pigeon'"):
        bootstrap(a_config(tmp_path).model_copy(update={"shops": shops}))
    assert list(tmp_path.iterdir()) == []


def test_damaged_words_are_refused_before_the_database_is_touched(config: Config, tmp_path: Path) -> None:
    """A program that cannot speak makes no database either."""
    (tmp_path / "scripts.json").write_text("{", encoding="utf-8")
    scripts = config.scripts.model_copy(update={"overrides": tmp_path / "scripts.json"})
    database = Database(url=f"sqlite:///{tmp_path}/new.db")
    with pytest.raises(OverridesDamaged):
        bootstrap(config.model_copy(update={"scripts": scripts, "database": database}))
    assert not (tmp_path / "new.db").exists()


def test_a_database_that_cannot_be_used_is_refused(config: Config, tmp_path: Path) -> None:
    """With a sentence, and the file is left as it is."""
    (tmp_path / "notes.db").write_text("my notes", encoding="utf-8")
    database = Database(url=f"sqlite:///{tmp_path}/notes.db")
    with pytest.raises(DatabaseError, match="not a SQLite database"):
        bootstrap(config.model_copy(update={"database": database}))
    assert (tmp_path / "notes.db").read_text(encoding="utf-8") == "my notes"


def test_tests_may_bring_their_own_parts(config: Config, sqlite_url: str) -> None:
    """Clock, store and words that are handed in are used."""
    store, clock = SqlStore(sqlite_url), FakeClock(NOON)
    app = bootstrap(config, clock=clock, store=store)
    again = bootstrap(config, clock=clock, store=store, scripts=app.deps.scripts)
    app.close()
    assert (app.store, app.clock, again.deps.scripts) == (store, clock, app.deps.scripts)
    assert replace(app.deps) == app.deps
