"""The agents' group in the whole program: its outbox beside the buyers', its pace, and what `huifang check` says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.app import App, bootstrap
from bot.channels.telegram_desk_watch import DeskWatch
from bot.channels.telegram_group import Rights
from bot.checks import run_checks
from bot.config import Config, Database, Evidence, Orders
from bot.config_channels import TelegramOptions
from bot.config_shop import Shop
from bot.desks import places_of, watches
from followup.desk.places import Place
from followup.model import Attachment, ChannelState, Media, Outgoing, OutgoingState, Role
from handlers.desk.posting import post
from scheduler.clock import FakeClock
from scheduler.outbox import Outbox
from store import schema
from store.tables import KEPT
from tests.bot.channels.live import ALL_DAY, until
from tests.bot.channels.test_contract import a_message
from tests.peers.telegram import TOKEN, TelegramPeer
from tests.peers.telegram_agents import GROUP, AgentsGroup
from tests.scheduler.shop import NOON

MINUTE = timedelta(minutes=1)


@dataclass
class Running:
    """A shop with a bot for buyers that sits in the agents' group too; nothing runs by itself."""

    config: Config
    peer: TelegramPeer
    group: AgentsGroup
    clock: FakeClock
    app: App

    def outbox(self, channel: str) -> Outbox:
        """That of a channel."""
        return next(each for each in self.app.outboxes if each.channel.name == channel)

    @property
    def desk(self) -> Outbox:
        """That of the group."""
        return self.outbox("telegram.desk")

    @property
    def watch(self) -> DeskWatch:
        """What looks after the bot's rights."""
        app = self.app
        (watch,) = watches(app.config, [self.desk.channel], app.store, app.deps, self.clock)
        return watch

    def post(self, key: str, **more: object) -> None:
        """Have the group told something."""
        now = self.clock.now()
        self.app.store.run(lambda tx: post("", "notice", key, f"notice {key}", tx, self.app.deps, now, "tea", **more))

    def sent(self) -> list[Outgoing]:
        """All that was sent."""
        with self.app.store.engine.connect() as connection:
            rows = [KEPT[Outgoing].codec.decode(row) for row in connection.execute(select(schema.outbox))]
        return [row for row in rows if row.state is OutgoingState.SENT]

    def rows_of_check(self) -> dict[str, tuple[bool, str]]:
        """What `huifang check` says of channels."""
        return {row.part: (row.ok, row.what) for row in run_checks(self.config) if "telegram" in row.part}


@pytest.fixture
async def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    """Wired up as the program does it."""
    monkeypatch.setenv("HUIFANG_CHANNELS_TELEGRAM_TOKEN", TOKEN)
    peer = TelegramPeer(tmp_path / "peer")
    await peer.start()
    group, clock = AgentsGroup(peer), FakeClock(NOON)
    await group.open()
    config = Config(
        database=Database(url=f"sqlite:///{tmp_path}/shop.db"),
        orders=Orders(folder=tmp_path / "orders"),
        evidence=Evidence(folder=tmp_path / "evidence"),
        shops={"tea": Shop(platform="independent", channel="telegram", lang="en", quiet_hours=ALL_DAY)},
        channels={"telegram": TelegramOptions(type="telegram", api_url=peer.url, agents_group=GROUP)},
    )
    app = bootstrap(config, clock=clock)
    yield Running(config, peer, group, clock, app)
    for inbox in app.inboxes:
        await inbox.receiver.close()
    app.close()
    await peer.stop()


async def drain_all(running: Running) -> None:
    """Send whatever is due, as time goes on."""
    while (due := await running.desk.next_due()) is not None:
        running.clock.move_to(max(due, running.clock.now()))
        await running.desk.drain()


def most_in_a_minute(sent: list[Outgoing]) -> int:
    """The greatest number of photos and texts that went within sixty seconds."""
    times = [(row.sent_at, max(1, len(row.attachments))) for row in sent if row.sent_at]
    return max(sum(n for at, n in times if start <= at < start + MINUTE) for start, _ in times)


async def test_the_group_hears_twenty_a_minute(running: Running) -> None:
    """All of them arrive, in their order, and the service never has to say that it is too much."""
    for n in range(30):
        running.post(f"{n:02}")
    await drain_all(running)
    assert [f"notice {n:02}" for n in range(30)] == running.group.heard()
    assert (30, 20) == (len(running.sent()), most_in_a_minute(running.sent()))


async def test_each_photo_of_an_album_counts(running: Running, tmp_path: Path) -> None:
    """After an album of ten the group is left alone for half a minute."""
    (tmp_path / "1.jpg").write_bytes(b"jpeg")
    album = (Attachment(Media.PHOTO, str(tmp_path / "1.jpg")),) * 10
    for n in range(4):
        running.post(str(n), attachments=album)
    await drain_all(running)
    assert (4, 20) == (len(running.sent()), most_in_a_minute(running.sent()))


async def test_a_flood_in_the_group_silences_the_bot(running: Running) -> None:
    """Both its outboxes wait until the service's deadline, and both go on after it."""
    await running.group.open(most=1, seconds=60)
    for n in range(2):
        running.post(str(n))
    await running.desk.drain()
    running.clock.move(timedelta(seconds=3))
    await running.desk.drain()
    with_buyers, now = running.outbox("telegram"), running.clock.now()
    running.app.store.run(lambda tx: tx.save(_for_buyer(now)))
    assert (0, 1) == (await with_buyers.drain(), len(running.sent()))
    due = await with_buyers.next_due()
    assert now + timedelta(seconds=50) < due <= now + timedelta(seconds=60)
    running.clock.move_to(due)
    assert 1 == await with_buyers.drain()


def _for_buyer(now: object) -> Outgoing:
    """An answer that waits for a buyer."""
    where = {"channel": "telegram", "address": "501", "chat": "tea/telegram/501", "thread": "", "role": Role.ALERT}
    return a_message("r", **where, state=OutgoingState.DUE, created_at=now, due_at=now, expires_at=None)


async def test_check_tells_how_the_bot_stands(running: Running) -> None:
    """Before the first look, with topics, without, and outside of the group."""
    part = "agents' group telegram"
    assert (True, f"{GROUP}: not looked at yet; `huifang run` does that") == running.rows_of_check()[part]
    stood = []
    for rights in ({}, {"is_forum": False}, {"is_forum": True, "can_manage_topics": False}, {"status": "kicked"}):
        await running.group.open(**rights)
        await running.watch.look()
        stood.append(running.rows_of_check()[part])
    expected = [(True, Rights.TOPICS), (True, Rights.NO_TOPICS), (True, Rights.NO_TOPICS), (False, Rights.ABSENT)]
    assert [(ok, f"{GROUP}: {rights.value}") for ok, rights in expected] == stood


async def test_check_names_the_groups_of_a_bot_that_has_none(running: Running) -> None:
    """So that a person learns the number of his own."""
    (inbox,) = running.app.inboxes
    inbox.receiver.desk.inbox = inbox
    body = AgentsGroup(running.peer, -1007, "Tea people").membership()
    await running.peer.deliver(body)
    receiving = asyncio.create_task(inbox.receiver.receive(inbox))
    await until(lambda: bool(_raws(running)))
    receiving.cancel()
    await inbox.drain()
    alone = running.config.model_copy(update={"accounts": {"telegram": _without_group(running.config)}})
    rows = {row.part: row.what for row in run_checks(alone)}
    assert "it is in -1007 “Tea people”: if that is your people's own, set agents_group" in rows["channel telegram"]


def _raws(running: Running) -> list[object]:
    with running.app.store.engine.connect() as connection:
        return list(connection.execute(select(schema.raw_events)))


def _without_group(config: Config) -> TelegramOptions:
    return config.accounts["telegram"].model_copy(update={"agents_group": 0})


async def test_where_the_group_moved_is_known_after_a_restart(running: Running) -> None:
    """It is heard there from the first moment on; another number in the configuration counts from anew."""
    new = AgentsGroup(running.peer, -1009999)
    await new.open()
    await running.group.open(moved_to=new.id)
    await running.watch.look()
    again = bootstrap(running.config, clock=running.clock, store=running.app.store)
    desk = next(each.channel for each in again.outboxes if each.channel.name == "telegram.desk")
    (watch,) = watches(running.config, [desk], running.app.store, again.deps, running.clock)
    await watch.start()
    assert str(new.id) == desk.group.address
    await watch.stop()
    await again.inboxes[0].receiver.close()


async def test_the_watch_looks_again_when_something_changed(running: Running) -> None:
    """At the start, every hour, and as soon as the bot's rights are changed."""
    looks = lambda: len(running.peer.calls("getChatMember"))  # noqa: E731
    watch = running.watch
    await watch.start()
    await until(lambda: looks() == 1 and _state(running) == Rights.TOPICS)
    await running.group.open(can_manage_topics=False)
    running.desk.channel.group.changed.set()
    await until(lambda: bool(running.clock._sleepers))
    running.clock.move(timedelta(seconds=5))
    await until(lambda: _state(running) == Rights.NO_TOPICS)
    await running.group.open(can_manage_topics=True)
    await until(lambda: bool(running.clock._sleepers))
    running.clock.move(timedelta(seconds=5))
    running.clock.move(timedelta(hours=1))
    await until(lambda: _state(running) == Rights.TOPICS)
    await watch.stop()


def _state(running: Running) -> str:
    with running.app.store.engine.connect() as connection:
        rows = [KEPT[ChannelState].codec.decode(row) for row in connection.execute(select(schema.channel_states))]
    return next((state.detail for state in rows if state.channel == "telegram.desk"), "")


def test_each_shop_has_its_place() -> None:
    """Its own account's group, else that of the bot for all, else none."""
    own = TelegramOptions(type="telegram", shop="tea", agents_group=-1001)
    common = TelegramOptions(type="telegram", buyers=False, agents_group=-1002)
    shops = {name: Shop(platform="independent") for name in ("tea", "cups")}
    config = Config(shops=shops, channels={"abroad": own, "team": common})
    assert {"tea": Place("abroad.desk", "-1001"), "cups": Place("team.desk", "-1002")} == places_of(config)
    assert {"tea": Place("abroad.desk", "-1001")} == places_of(Config(shops=shops, channels={"abroad": own}))
    assert {} == places_of(Config(shops=shops))
